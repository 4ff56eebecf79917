//! Dead letters.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use frontdesk_domain::Audience;
use frontdesk_ports::StoredDeadLetter;
use frontdesk_protocol::{Envelope, socket::EntryView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::EntryViewJson;

/// A record that was accepted and could not be processed.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeadLetterView {
    /// Its name: stream, queue and sequence of the record.
    #[schema(example = "MESSAGES-0.persist.42")]
    id: String,
    /// The queue whose worker could not process it: `persist` files entries in the database.
    #[schema(example = "persist")]
    queue: String,
    /// What kind of record it is: `entry`, `acknowledgement`, `inbound_message`, `outbound_message`, `event`,
    /// `ticket_event` or `other`. An open list: a newer version may have stored a kind that this one does not know, and
    /// cannot redeliver.
    #[schema(example = "entry")]
    kind: String,
    /// What it is about; null if that cannot be told.
    item: Option<DeadLetterItem>,
    /// Of which conversation; null if it is of none.
    conversation: Option<Uuid>,
    /// The entry's number in its conversation; null if it cannot be read.
    seq: Option<u64>,
    /// Why it failed the last time, for people.
    reason: String,
    /// When it became a dead letter (UTC milliseconds).
    dead_lettered_at: i64,
    /// When it failed the last time (UTC milliseconds).
    tried_at: i64,
    /// How often it was redelivered in vain.
    redeliveries: u32,
    /// Size of the payload in bytes.
    payload_bytes: usize,
}

/// What a dead letter is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeadLetterItem {
    /// Such as `conversation`, `inbox`, `agent` or `ticket`; an open list.
    #[schema(example = "conversation")]
    kind: String,
    /// The id of that conversation, inbox, agent or ticket.
    id: Uuid,
}

/// One of them, with what is in it.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeadLetterDetails {
    #[serde(flatten)]
    dead_letter: DeadLetterView,
    /// The entry; null if it cannot be read.
    entry: Option<EntryViewJson>,
    /// Its bytes (base64), the first 4096 of them.
    payload: String,
}

impl From<StoredDeadLetter> for DeadLetterView {
    fn from(stored: StoredDeadLetter) -> Self {
        Self {
            id: stored.record.id().to_string(),
            kind: stored.kind.to_string(),
            item: stored.item.map(|item| DeadLetterItem { kind: item.kind().to_owned(), id: item.id() }),
            conversation: stored.conversation().map(|key| key.conversation.0),
            seq: envelope(&stored).map(|envelope| envelope.entry.seq),
            reason: stored.record.reason,
            queue: stored.record.consumer,
            dead_lettered_at: stored.dead_lettered_at.0,
            tried_at: stored.tried_at.0,
            redeliveries: stored.redeliveries,
            payload_bytes: stored.record.payload.len(),
        }
    }
}

impl From<StoredDeadLetter> for DeadLetterDetails {
    fn from(stored: StoredDeadLetter) -> Self {
        let entry = envelope(&stored).and_then(|envelope| EntryView::of(&envelope.entry, Audience::Staff));
        let shown = stored.record.payload.len().min(MOST_BYTES);
        let payload = STANDARD.encode(&stored.record.payload[..shown]);
        Self { entry: entry.map(EntryViewJson), payload, dead_letter: stored.into() }
    }
}

/// What is in it, if it is what its subject says: bytes that speak of another tenant's conversation are shown as bytes
/// only.
fn envelope(stored: &StoredDeadLetter) -> Option<Envelope> {
    let envelope = Envelope::decode(&stored.record.payload).ok()?;
    (Some(envelope.key()) == stored.conversation()).then_some(envelope)
}

/// Bytes of a payload that are shown.
const MOST_BYTES: usize = 4096;
