//! What happened to an aggregate that the database keeps: an agent, an inbox, a role. Told to other programs by way of
//! the outbox.

use std::{borrow::Cow, fmt};

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{audit::Actor, ids::TenantId, timestamp::Timestamp};

/// One thing whose events are numbered together and told in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Aggregate {
    /// Whose it is.
    pub tenant: TenantId,
    /// Such as `agent`, `inbox` or `role`; newer versions add kinds. Lower-case letters, digits and `_`.
    pub kind: Cow<'static, str>,
    /// Which one of that kind.
    pub id: Uuid,
}

/// An event before it has its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventDraft {
    /// Its own id, by which receivers know it again.
    pub id: Uuid,
    /// What it happened to.
    pub aggregate: Aggregate,
    /// What happened, as `noun.verb_past` (`agent.changed`). An open list: newer versions add words.
    pub kind: Cow<'static, str>,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// The aggregate as it is now, without secrets.
    pub data: Map<String, Value>,
}

/// An event as the outbox keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregateEvent {
    /// 1, 2, 3 ... for the events of one aggregate, in the order of their commits and without a gap.
    pub number: u64,
    /// What it says.
    pub draft: EventDraft,
}

impl AggregateEvent {
    /// Most bytes of an event's data, as JSON.
    pub const MAX_DATA_BYTES: usize = 64 * 1024;
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of tenant {}", self.kind, self.id, self.tenant)
    }
}
