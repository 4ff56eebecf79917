//! The conversations that a session watches.

use frontdesk_domain::ConversationId;

/// A sorted list: contacts watch one or none, agents 200 at most. A set that hashes would take twice the memory of either.
#[derive(Debug, Default)]
pub(super) struct Watched(Vec<ConversationId>);

impl Watched {
    pub(super) fn contains(&self, conversation: &ConversationId) -> bool {
        self.0.binary_search(conversation).is_ok()
    }

    pub(super) fn insert(&mut self, conversation: ConversationId) {
        if let Err(place) = self.0.binary_search(&conversation) {
            if self.0.is_empty() {
                // Most often it stays the only one.
                self.0.reserve_exact(1);
            }
            self.0.insert(place, conversation);
        }
    }

    /// Keeps no memory when nothing is left.
    pub(super) fn remove(&mut self, conversation: &ConversationId) {
        if let Ok(place) = self.0.binary_search(conversation) {
            self.0.remove(place);
        }
        if self.0.is_empty() {
            self.0 = Vec::new();
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn all(&self) -> Vec<ConversationId> {
        self.0.clone()
    }

    /// All of them; none is left.
    pub(super) fn take(&mut self) -> Vec<ConversationId> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn conversation(number: u128) -> ConversationId {
        ConversationId(Uuid::from_u128(number))
    }

    #[test]
    fn it_holds_each_conversation_once_and_no_memory_for_none() {
        let mut watched = Watched::default();
        for number in [3, 1, 2, 3, 1] {
            watched.insert(conversation(number));
        }
        assert_eq!(watched.all(), [1, 2, 3].map(conversation));
        watched.remove(&conversation(2));
        watched.remove(&conversation(9));
        assert!(watched.contains(&conversation(3)) && !watched.contains(&conversation(2)));
        assert_eq!(watched.len(), 2);
        for number in [1, 3] {
            watched.remove(&conversation(number));
        }
        assert_eq!(watched.0.capacity(), 0);
        watched.insert(conversation(1));
        assert_eq!(watched.0.capacity(), 1);
        assert_eq!(watched.take(), [conversation(1)]);
        assert_eq!(watched.len(), 0);
    }
}
