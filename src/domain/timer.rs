//! A timer: something that is to happen at a moment, stored so that no restart forgets it.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    ids::{AgentId, ClientId, ConversationId, ConversationKey, TenantId},
    timestamp::Timestamp,
};

/// A timer as stored. It fires once, at `due_at` or as soon afterwards as a worker is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// Its name; a tenant has at most one timer of each name.
    pub key: TimerKey,
    /// When it fires.
    pub due_at: Timestamp,
    /// Grows each time when the timer of this name is set anew. Setting an older generation changes nothing.
    pub generation: u64,
    /// JSON for the code that fires it.
    pub payload: String,
}

/// The name of a timer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerKey {
    /// The tenant whose timer it is.
    pub tenant: TenantId,
    /// Which code fires it, such as [`TimerKey::SNOOZE`].
    pub kind: String,
    /// What it is about, unique within the kind.
    pub id: String,
}

impl TimerKey {
    /// Kind of the timers that end a conversation's snooze; their id is [`TimerKey::snooze`]'s.
    pub const SNOOZE: &str = "snooze";

    /// Kind of the timers that take all conversations from an agent who may not work on them any more.
    pub const RELEASE_AGENT: &str = "release_agent";

    /// Kind of the timers that take one conversation from such an agent.
    pub const RELEASE_CONVERSATION: &str = "release_conversation";

    /// The timer that ends the snooze of `conversation`. Its generation is the number of the entry that began the
    /// snooze.
    #[must_use]
    pub fn snooze(tenant: TenantId, conversation: ConversationId) -> Self {
        Self { tenant, kind: Self::SNOOZE.to_owned(), id: conversation.0.as_simple().to_string() }
    }
}

impl Timer {
    /// What takes all conversations of `agent` back into the queue, as soon as a worker is there. Set it when the agent
    /// may not work on them any more.
    #[must_use]
    pub fn release_agent(tenant: TenantId, agent: AgentId, now: Timestamp) -> Self {
        let key = TimerKey { tenant, kind: TimerKey::RELEASE_AGENT.to_owned(), id: agent.0.as_simple().to_string() };
        Self { key, due_at: now, generation: now.0.unsigned_abs(), payload: "{}".to_owned() }
    }

    /// What takes one conversation back into the queue, as soon as a worker is there, if `holder` still holds it. `seq`
    /// is the number of the entry after which it was seen with that holder.
    #[must_use]
    pub fn release_conversation(key: ConversationKey, holder: AgentId, seq: u64, now: Timestamp) -> Self {
        let ConversationKey { tenant, conversation } = key;
        let (kind, id) = (TimerKey::RELEASE_CONVERSATION.to_owned(), conversation.0.as_simple().to_string());
        let payload = format!("\"{holder}\"");
        Self { key: TimerKey { tenant, kind, id }, due_at: now, generation: seq, payload }
    }

    /// The request id of what this timer asks for when it fires: the same however often and wherever it is fired, so
    /// that the second of two workers finds the work of the first.
    ///
    /// A UUID of version 7 with the time of `due_at`; the rest is SHA-256 of name, generation and due time.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        let mut hash = Sha256::new().chain_update(self.key.tenant.0.as_bytes());
        for part in [&self.key.kind, &self.key.id] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let hash =
            hash.chain_update(self.generation.to_be_bytes()).chain_update(self.due_at.0.to_be_bytes()).finalize();
        let mut random = [0_u8; 10];
        random.copy_from_slice(&hash[..10]);
        let millis = u64::try_from(self.due_at.0).unwrap_or_default();
        ClientId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

/// What a change of a conversation means for the timer that ends its snooze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnoozeChange {
    /// The conversation is snoozed until `until`, by the entry `seq`.
    Begun {
        /// The moment at which it ends.
        until: Timestamp,
        /// The entry that began it.
        seq: u64,
    },
    /// It is not snoozed any more, since the entry `seq` at the latest.
    Ended {
        /// The last entry of the change.
        seq: u64,
    },
}

/// The id of an agent or a conversation behind the id of its timer.
#[must_use]
pub fn subject_of(id: &str) -> Option<Uuid> {
    if id.len() == 32 { Uuid::try_parse(id).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timer() -> Timer {
        let key = TimerKey::snooze(TenantId(Uuid::from_u128(1)), ConversationId(Uuid::from_u128(2)));
        Timer { key, due_at: Timestamp(1_795_000_000_000), generation: 3, payload: "{}".into() }
    }

    #[test]
    fn each_firing_has_one_request_id_and_every_other_one_another() {
        let id = timer().client_id();
        assert_eq!(id, timer().client_id());
        assert_eq!(id.0.get_version_num(), 7);
        assert_ne!(id, Timer { generation: 4, ..timer() }.client_id());
        assert_ne!(id, Timer { due_at: Timestamp(1_795_000_000_001), ..timer() }.client_id());
        let mut other = timer();
        other.key.tenant = TenantId(Uuid::from_u128(9));
        assert_ne!(id, other.client_id());
        let moved = TimerKey { kind: "snoo".into(), id: format!("ze{}", timer().key.id), ..timer().key };
        assert_ne!(id, Timer { key: moved, ..timer() }.client_id());
        assert_eq!(id, Timer { payload: "[]".into(), ..timer() }.client_id());
    }

    #[test]
    fn a_snooze_timer_leads_back_to_its_conversation() {
        assert_eq!(subject_of(&timer().key.id), Some(Uuid::from_u128(2)));
        assert_eq!(subject_of("x"), None);
    }
}
