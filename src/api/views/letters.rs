//! Dead letters.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use frontdesk_domain::Audience;
use frontdesk_ports::ParkedLetter;
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
    /// The queue that gave it up: `persist` files entries in the database.
    #[schema(example = "persist")]
    queue: String,
    /// Of which conversation; null if it is of none.
    conversation: Option<Uuid>,
    /// The entry's number in its conversation; null if it cannot be read.
    seq: Option<u64>,
    /// Why it was given up the last time, for people.
    reason: String,
    /// When it was given up first (UTC milliseconds).
    parked_at: i64,
    /// When it was given up last (UTC milliseconds).
    tried_at: i64,
    /// How often it was redelivered in vain.
    redeliveries: u32,
    /// Size of the payload in bytes.
    payload_bytes: usize,
}

/// One of them, with what is in it.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeadLetterDetails {
    #[serde(flatten)]
    letter: DeadLetterView,
    /// The entry; null if it cannot be read.
    entry: Option<EntryViewJson>,
    /// Its bytes (base64), the first 4096 of them.
    payload: String,
}

impl From<ParkedLetter> for DeadLetterView {
    fn from(parked: ParkedLetter) -> Self {
        Self {
            id: parked.letter.id().to_string(),
            conversation: parked.conversation.map(|key| key.conversation.0),
            seq: envelope(&parked).map(|envelope| envelope.entry.seq),
            reason: parked.letter.reason,
            queue: parked.letter.consumer,
            parked_at: parked.parked_at.0,
            tried_at: parked.tried_at.0,
            redeliveries: parked.redeliveries,
            payload_bytes: parked.letter.payload.len(),
        }
    }
}

impl From<ParkedLetter> for DeadLetterDetails {
    fn from(parked: ParkedLetter) -> Self {
        let entry = envelope(&parked).and_then(|envelope| EntryView::of(&envelope.entry, Audience::Staff));
        let shown = parked.letter.payload.len().min(MOST_BYTES);
        let payload = STANDARD.encode(&parked.letter.payload[..shown]);
        Self { entry: entry.map(EntryViewJson), payload, letter: parked.into() }
    }
}

/// What is in it, if it is what its subject says: bytes that speak of another tenant's conversation are shown as bytes only.
fn envelope(parked: &ParkedLetter) -> Option<Envelope> {
    let envelope = Envelope::decode(&parked.letter.payload).ok()?;
    (Some(envelope.key()) == parked.conversation).then_some(envelope)
}

/// Bytes of a payload that are shown.
const MOST_BYTES: usize = 4096;
