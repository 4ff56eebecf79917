//! The conversations that a session watches.

use frontdesk_domain::ConversationId;

/// A sorted list: contacts watch one or none, agents 200 at most. A set that hashes would take twice the memory of
/// either.
#[derive(Debug, Default)]
pub(super) struct Subscriptions(Vec<ConversationId>);

/// The session watches as many conversations as one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one socket watches {MAX_WATCHED} conversations at most; `leave` one")]
pub(super) struct TooMany;

impl Subscriptions {
    pub(super) fn contains(&self, conversation: &ConversationId) -> bool {
        self.0.binary_search(conversation).is_ok()
    }

    /// Adds a conversation, unless the session watches it already.
    pub(super) fn insert(&mut self, conversation: ConversationId) -> Result<(), TooMany> {
        if let Err(place) = self.0.binary_search(&conversation) {
            if self.0.len() >= MAX_WATCHED {
                return Err(TooMany);
            }
            if self.0.is_empty() {
                // Most often it stays the only one.
                self.0.reserve_exact(1);
            }
            self.0.insert(place, conversation);
        }
        Ok(())
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

    pub(super) fn all(&self) -> Vec<ConversationId> {
        self.0.clone()
    }

    /// All of them; none is left.
    pub(super) fn take(&mut self) -> Vec<ConversationId> {
        std::mem::take(&mut self.0)
    }
}

/// Most conversations that one socket watches.
const MAX_WATCHED: usize = 200;

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn conversation(number: u128) -> ConversationId {
        ConversationId(Uuid::from_u128(number))
    }

    #[test]
    fn it_holds_each_conversation_once_and_no_memory_for_none() {
        let mut subscriptions = Subscriptions::default();
        for number in [3, 1, 2, 3, 1] {
            subscriptions.insert(conversation(number)).unwrap();
        }
        assert_eq!(subscriptions.all(), [1, 2, 3].map(conversation));
        subscriptions.remove(&conversation(2));
        subscriptions.remove(&conversation(9));
        assert!(subscriptions.contains(&conversation(3)) && !subscriptions.contains(&conversation(2)));
        assert_eq!(subscriptions.all().len(), 2);
        for number in [1, 3] {
            subscriptions.remove(&conversation(number));
        }
        assert_eq!(subscriptions.0.capacity(), 0);
        subscriptions.insert(conversation(1)).unwrap();
        assert_eq!(subscriptions.0.capacity(), 1);
        assert_eq!(subscriptions.take(), [conversation(1)]);
        assert_eq!(subscriptions.all(), []);
    }

    #[test]
    fn it_holds_two_hundred_and_refuses_one_more() {
        let mut subscriptions = Subscriptions::default();
        for number in 0..200 {
            subscriptions.insert(conversation(number)).unwrap();
        }
        assert_eq!(subscriptions.insert(conversation(200)), Err(TooMany));
        assert_eq!(subscriptions.insert(conversation(7)), Ok(()), "it is watched already");
    }
}
