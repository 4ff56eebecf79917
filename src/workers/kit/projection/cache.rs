//! A bounded number of projected states.

use std::collections::{BTreeMap, HashMap};

use frontdesk_domain::{Conversation, ConversationKey};
use frontdesk_ports::{Record, Snapshot};

/// A conversation as projected so far. The default is one of which nothing is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Projected {
    pub(super) conversation: Conversation,
    /// Sequence of its last entry in the log.
    pub(super) log_seq: u64,
}

impl Projected {
    pub(super) const fn seq(&self) -> u64 {
        self.conversation.last_seq
    }

    /// Folds `record` in if it is the next one.
    pub(super) fn apply(&mut self, record: &Record) {
        if record.envelope.entry.seq == self.seq() + 1 {
            self.conversation.apply(&record.envelope.entry);
            self.log_seq = record.log_seq;
        }
    }
}

impl From<Snapshot> for Projected {
    fn from(Snapshot { conversation, log_seq }: Snapshot) -> Self {
        Self { conversation, log_seq }
    }
}

/// The states used last; when it is full, the one not used for longest is dropped.
pub(super) struct Cache {
    capacity: usize,
    states: HashMap<ConversationKey, (u64, Projected)>,
    by_use: BTreeMap<u64, ConversationKey>,
    uses: u64,
}

impl Cache {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, states: HashMap::new(), by_use: BTreeMap::new(), uses: 0 }
    }

    /// Takes a state out; it is put back after use.
    pub(super) fn take(&mut self, key: ConversationKey) -> Option<Projected> {
        let (used, state) = self.states.remove(&key)?;
        self.by_use.remove(&used);
        Some(state)
    }

    pub(super) fn put(&mut self, key: ConversationKey, state: Projected) {
        self.take(key);
        self.uses += 1;
        self.by_use.insert(self.uses, key);
        self.states.insert(key, (self.uses, state));
        if self.states.len() > self.capacity
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            self.states.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::{ConversationId, TenantId};
    use uuid::Uuid;

    #[test]
    fn the_state_not_used_for_longest_is_dropped() {
        let key =
            |n| ConversationKey { tenant: TenantId(Uuid::nil()), conversation: ConversationId(Uuid::from_u128(n)) };
        let mut cache = Cache::new(2);
        cache.put(key(1), Projected::default());
        cache.put(key(2), Projected::default());
        let used = cache.take(key(1)).unwrap();
        cache.put(key(1), used);
        cache.put(key(3), Projected::default());
        assert!(cache.take(key(2)).is_none());
        assert!(cache.take(key(1)).is_some() && cache.take(key(3)).is_some());
        assert!(cache.states.is_empty() && cache.by_use.is_empty());
    }
}
