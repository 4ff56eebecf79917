//! Events of the desk, v1: what the relay publishes to `desk.event.<tenant>.<kind>.<id>`, one event in one record of
//! the stream `EVENTS`.
//!
//! ```json
//! {
//!   "v": 1,
//!   "id": "0190a4e5-7c1e-7000-8000-000000000001",
//!   "tenant": "0190a4e5-7c1e-7000-8000-000000000002",
//!   "aggregate": { "kind": "agent", "id": "0190a4e5-7c1e-7000-8000-000000000003" },
//!   "number": 3,
//!   "kind": "agent.changed",
//!   "at": 1700000000000,
//!   "actor": { "kind": "agent", "id": "0190a4e5-7c1e-7000-8000-000000000004" },
//!   "data": { "name": "Ada", "role": "owner", "active": true, "version": 4 }
//! }
//! ```
//!
//! - Each event is in the stream once. The events of one aggregate have the numbers 1, 2, 3 ... and lie in the stream
//!   in that order; those of different aggregates are in no order. Events from before the outbox was introduced do not
//!   exist.
//! - `data` is the aggregate after the event, without secrets; empty after a deletion. Its `version` is that of the
//!   REST interface. The events of an agent that the table marks with * have in `data` only what they are about.
//! - Kinds of events and fields of `data` are open lists: pass over what you do not know.
//!
//! | kind | when |
//! | --- | --- |
//! | `agent.created`, `agent.changed`, `agent.deactivated` | an agent was made, changed, or may not sign in any more |
//! | `role.created`, `role.changed`, `role.deleted` | a role that a tenant made |
//! | `inbox.created`, `inbox.changed` | an inbox; one that was disabled has `active: false` |
//! | `agent.signed_in`*, `agent.signed_out`* | an agent began a `login`, or ended it; with a `reason` the agent did not end it itself: `token_used_twice` (two hold its token), `password_changed` or `agent_deactivated`. One that expires has no event |
//! | `agent.password_changed`* | an agent has a new password; comes after the `agent.changed` of the same `version` |
//! | `agent.skills_changed`* | the `skills` of an agent, as a whole: levels by the id of the skill |
//! | `skill.created`, `skill.changed`, `skill.deleted` | a skill; when it is deleted, the agents who have it lose it |
//! | `identity_secret.created`, `identity_secret.deleted` | a secret by which the site of an `inbox` proves its visitors; the secret itself is not told |
//! | `team.created`, `team.changed`, `team.deleted` | a team |
//! | `calendar.created`, `calendar.changed`, `calendar.imported`, `calendar.deleted` | a calendar; its special days are not in `data` |
//! | `settings.changed` | what is set for a tenant, an inbox or a team: an aggregate `tenant_settings`, `inbox_settings` or `team_settings` with the id of that tenant, inbox or team |

use frontdesk_domain::{Aggregate, AggregateEvent, EventDraft, TenantId, Timestamp, audit::Actor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// One event as published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Version of the record: [`EventRecord::VERSION`].
    pub v: u16,
    /// The event's own id.
    pub id: Uuid,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it happened to.
    pub aggregate: Subject,
    /// 1, 2, 3 ... for the events of one aggregate.
    pub number: u64,
    /// What happened, such as `agent.created`.
    pub kind: String,
    /// When, in UTC milliseconds.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Subject,
    /// The aggregate after the event.
    pub data: Map<String, Value>,
}

/// A kind, and which one of that kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Such as `agent`.
    pub kind: String,
    /// Its id or name.
    pub id: String,
}

/// A record that is not an event of this version.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Not JSON, or a field is missing or of another type.
    #[error("the record is no event")]
    Malformed(#[from] serde_json::Error),
    /// Written by a version whose events this one cannot read.
    #[error("the event has version {0}, this program reads version 1")]
    Version(u16),
    /// The aggregate's id is not a UUID.
    #[error("the id of the aggregate is not a UUID")]
    AggregateId(#[from] uuid::Error),
}

impl EventRecord {
    /// The version that is written.
    pub const VERSION: u16 = 1;

    /// The record of `event`.
    #[must_use]
    pub fn of(event: &AggregateEvent) -> Self {
        let EventDraft { id, aggregate, kind, at, actor, data } = event.draft.clone();
        Self {
            v: Self::VERSION,
            id,
            tenant: aggregate.tenant,
            aggregate: Subject { kind: aggregate.kind.into_owned(), id: aggregate.id.to_string() },
            number: event.number,
            kind: kind.into_owned(),
            at,
            actor: Subject { kind: actor.kind.into_owned(), id: actor.id },
            data,
        }
    }

    /// The bytes that are published.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain data can be written as JSON")
    }

    /// Reads a record of the stream.
    ///
    /// # Errors
    /// [`EventError`].
    pub fn decode(bytes: &[u8]) -> Result<AggregateEvent, EventError> {
        let record: Self = serde_json::from_slice(bytes)?;
        if record.v != Self::VERSION {
            return Err(EventError::Version(record.v));
        }
        let Self { id, tenant, aggregate, number, kind, at, actor, data, .. } = record;
        let aggregate = Aggregate { tenant, kind: aggregate.kind.into(), id: aggregate.id.parse()? };
        let actor = Actor { kind: actor.kind.into(), id: actor.id };
        Ok(AggregateEvent { number, draft: EventDraft { id, aggregate, kind: kind.into(), at, actor, data } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &[u8] = include_bytes!("samples/event-v1-agent_changed.json");

    fn event() -> AggregateEvent {
        let data = serde_json::json!({
            "email": "ada@example.test", "name": "Ada 李", "role": "owner", "active": true, "version": 4,
        });
        let id = |last: u128| Uuid::from_u128(0x0190_a4e5_7c1e_7000_8000_0000_0000_0000 + last);
        AggregateEvent {
            number: 3,
            draft: EventDraft {
                id: id(1),
                aggregate: Aggregate { tenant: TenantId(id(2)), kind: "agent".into(), id: id(3) },
                kind: "agent.changed".into(),
                at: Timestamp(1_700_000_000_000),
                actor: Actor { kind: "agent".into(), id: id(4).to_string() },
                data: data.as_object().cloned().expect("an object"),
            },
        }
    }

    #[test]
    fn the_stored_sample_still_reads_and_is_still_written_so() {
        assert_eq!(EventRecord::decode(SAMPLE).expect("it is an event"), event());
        let written: Value = serde_json::from_slice(&EventRecord::of(&event()).encode()).expect("JSON");
        assert_eq!(written, serde_json::from_slice::<Value>(SAMPLE).expect("JSON"));
    }

    #[test]
    fn a_record_with_unknown_fields_reads_and_one_of_another_version_is_refused() {
        let mut sample: Value = serde_json::from_slice(SAMPLE).expect("JSON");
        sample["later"] = Value::from(1);
        assert!(EventRecord::decode(sample.to_string().as_bytes()).is_ok());
        sample["v"] = Value::from(2);
        assert!(matches!(EventRecord::decode(sample.to_string().as_bytes()), Err(EventError::Version(2))));
        assert!(matches!(EventRecord::decode(b"{}"), Err(EventError::Malformed(_))));
    }
}
