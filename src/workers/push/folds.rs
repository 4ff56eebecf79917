//! The states of the conversations that were pushed last.

use std::collections::{BTreeMap, HashMap};

use frontdesk_domain::{Conversation, ConversationKey};
use frontdesk_ports::Snapshot;

/// A conversation as folded so far. The default is one of which nothing is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Fold {
    pub(super) conversation: Conversation,
    /// Where its last entry lies in the log.
    pub(super) log_seq: u64,
}

impl From<Snapshot> for Fold {
    fn from(Snapshot { conversation, log_seq }: Snapshot) -> Self {
        Self { conversation, log_seq }
    }
}

/// A bounded number of conversations; the one not used for longest makes room.
pub(super) struct Folds {
    capacity: usize,
    held: HashMap<ConversationKey, (u64, Fold)>,
    by_use: BTreeMap<u64, ConversationKey>,
    uses: u64,
}

impl Folds {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, held: HashMap::new(), by_use: BTreeMap::new(), uses: 0 }
    }

    /// Takes it out, to be put back once it was used.
    pub(super) fn take(&mut self, key: ConversationKey) -> Option<Fold> {
        let (used, fold) = self.held.remove(&key)?;
        self.by_use.remove(&used);
        Some(fold)
    }

    pub(super) fn put(&mut self, key: ConversationKey, fold: Fold) {
        self.take(key);
        self.uses += 1;
        self.by_use.insert(self.uses, key);
        self.held.insert(key, (self.uses, fold));
        if self.held.len() > self.capacity
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            self.held.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::{ConversationId, TenantId};
    use uuid::Uuid;

    #[test]
    fn the_one_not_used_for_longest_makes_room() {
        let key =
            |n| ConversationKey { tenant: TenantId(Uuid::nil()), conversation: ConversationId(Uuid::from_u128(n)) };
        let mut folds = Folds::new(2);
        folds.put(key(1), Fold::default());
        folds.put(key(2), Fold::default());
        let used = folds.take(key(1)).unwrap();
        folds.put(key(1), used);
        folds.put(key(3), Fold::default());
        assert!(folds.take(key(2)).is_none());
        assert!(folds.take(key(1)).is_some() && folds.take(key(3)).is_some());
        assert!(folds.held.is_empty() && folds.by_use.is_empty());
    }
}
