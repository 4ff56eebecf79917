//! The last `persisted` acknowledgement of each conversation that this process knows of.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use frontdesk_domain::ConversationKey;

/// The last `persisted` acknowledgement of a conversation. The default stands for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LastAck {
    /// Its sequence in the stream; 0 for none.
    pub(crate) log_seq: u64,
    /// The highest persisted `seq`.
    pub(crate) up_to_seq: u64,
}

/// The last acknowledgements of recently acknowledged conversations. One that was evicted, or that another process
/// overtook, costs a read.
#[derive(Debug, Default)]
pub(crate) struct LastAcks(Mutex<Generations>);

/// When `recent` is full it replaces `older`, whose entries are evicted.
#[derive(Debug, Default)]
struct Generations {
    recent: HashMap<ConversationKey, LastAck>,
    older: HashMap<ConversationKey, LastAck>,
}

impl LastAcks {
    pub(crate) fn get(&self, key: ConversationKey) -> LastAck {
        let held = self.lock();
        held.recent.get(&key).or_else(|| held.older.get(&key)).copied().unwrap_or_default()
    }

    pub(crate) fn put(&self, key: ConversationKey, last: LastAck) {
        let mut held = self.lock();
        if held.recent.len() >= MOST_RECENT {
            held.older = std::mem::take(&mut held.recent);
        }
        held.recent.insert(key, last);
    }

    pub(crate) fn forget(&self, key: ConversationKey) {
        let mut held = self.lock();
        held.recent.remove(&key);
        held.older.remove(&key);
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Conversations in one generation, about 64 bytes each.
const MOST_RECENT: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::{ConversationId, TenantId};
    use uuid::Uuid;

    #[test]
    fn the_latest_are_kept_and_no_more_than_two_generations() {
        let acks = LastAcks::default();
        let key = |number: usize| ConversationKey {
            tenant: TenantId(Uuid::nil()),
            conversation: ConversationId(Uuid::from_u128(number as u128)),
        };
        let all = MOST_RECENT * 3;
        for number in 0..all {
            acks.put(key(number), LastAck { log_seq: number as u64, up_to_seq: 1 });
        }
        assert_eq!(acks.get(key(0)), LastAck::default());
        assert_eq!(acks.get(key(all - MOST_RECENT)).log_seq, (all - MOST_RECENT) as u64);
        acks.forget(key(all - 1));
        assert_eq!(acks.get(key(all - 1)), LastAck::default());
        let held = acks.lock();
        assert!(held.recent.len() + held.older.len() <= 2 * MOST_RECENT);
    }
}
