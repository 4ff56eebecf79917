//! An event of the outbox as a flat row: the same columns in every database.

use std::collections::BTreeMap;

use frontdesk_domain::{Aggregate, AggregateEvent, EventDraft, TenantId, Timestamp, audit::Actor};
use frontdesk_ports::{PublishedEvent, StoreError, WaitingEvent};
use uuid::Uuid;

use crate::rows;

/// The columns of an event that waits, and where the last event of its aggregate lies in the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// [`WaitingEvent::position`].
    pub position: i64,
    /// [`EventDraft::id`].
    pub event_id: Uuid,
    /// [`Aggregate::tenant`].
    pub tenant_id: Uuid,
    /// [`Aggregate::kind`].
    pub aggregate_kind: String,
    /// [`Aggregate::id`].
    pub aggregate_id: Uuid,
    /// [`AggregateEvent::number`].
    pub number: i64,
    /// [`EventDraft::kind`].
    pub kind: String,
    /// [`EventDraft::at`].
    pub at_ms: i64,
    /// [`Actor::kind`].
    pub actor_kind: String,
    /// [`Actor::id`].
    pub actor_id: String,
    /// [`EventDraft::data`] as JSON.
    pub data: String,
    /// [`WaitingEvent::last_seq`].
    pub last_seq: i64,
}

impl OutboxRow {
    /// The event of this row.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn into_waiting(self) -> Result<WaitingEvent, StoreError> {
        let draft = EventDraft {
            id: self.event_id,
            aggregate: Aggregate {
                tenant: TenantId(self.tenant_id),
                kind: self.aggregate_kind.into(),
                id: self.aggregate_id,
            },
            kind: self.kind.into(),
            at: Timestamp(self.at_ms),
            actor: Actor { kind: self.actor_kind.into(), id: self.actor_id },
            data: serde_json::from_str(&self.data).map_err(|error| StoreError::Corrupt(error.into()))?,
        };
        Ok(WaitingEvent {
            position: rows::number(self.position)?,
            event: AggregateEvent { number: rows::number(self.number)?, draft },
            last_seq: rows::number(self.last_seq)?,
        })
    }
}

/// The data of an event as JSON.
///
/// # Errors
/// [`StoreError::TooLarge`].
pub fn data_column(draft: &EventDraft) -> Result<String, StoreError> {
    let data = rows::to_json(&draft.data);
    if data.len() > AggregateEvent::MAX_DATA_BYTES {
        return Err(StoreError::TooLarge("the event"));
    }
    Ok(data)
}

/// Of each aggregate the event with the highest number.
#[must_use]
pub fn last_of_each(events: &[PublishedEvent]) -> Vec<&PublishedEvent> {
    let mut last: BTreeMap<&Aggregate, &PublishedEvent> = BTreeMap::new();
    for event in events {
        let held = last.entry(&event.aggregate).or_insert(event);
        if held.number < event.number {
            *held = event;
        }
    }
    last.into_values().collect()
}
