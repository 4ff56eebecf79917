//! Appending: a publish that the broker refuses unless the conversation's last record is the expected one.

use async_nats::{HeaderMap, jetstream::message::PublishMessage};
use frontdesk_ports::{AppendError, BoxError};
use frontdesk_protocol::Envelope;
use tokio::time::{Instant, timeout};

use crate::{
    client::{Client, PublishFailure, pack, publish},
    topology::MAX_RECORD_BYTES,
};

/// Appends `envelope` and records the outcome and the time it took.
pub(crate) async fn append(client: &Client, envelope: &Envelope, expected: u64) -> Result<u64, AppendError> {
    let started = Instant::now();
    metrics::gauge!("desk_log_inflight").increment(1.0);
    let _in_flight = InFlight;
    let outcome = try_append(client, envelope, expected).await;
    #[cfg(feature = "planted-faults")]
    let outcome = crate::failpoints::misjudge(outcome, || try_append(client, envelope, expected)).await;
    metrics::histogram!("desk_log_append_seconds").record(started.elapsed());
    metrics::counter!("desk_log_append_total", "outcome" => name(&outcome)).increment(1);
    outcome
}

async fn try_append(client: &Client, envelope: &Envelope, expected: u64) -> Result<u64, AppendError> {
    let bytes = envelope.encode();
    if bytes.len() > MAX_RECORD_BYTES {
        return Err(AppendError::TooLarge);
    }
    let mut headers = HeaderMap::new();
    let packed = pack(bytes, &mut headers);
    if let Some(trace) = envelope.trace.as_deref().and_then(|trace| trace.parse::<async_nats::HeaderValue>().ok()) {
        headers.insert("traceparent", trace);
    }
    let message = PublishMessage::build()
        .headers(headers)
        .payload(packed)
        .message_id(message_id(envelope))
        .expected_last_subject_sequence(expected);
    #[cfg(feature = "planted-faults")]
    let message = crate::failpoints::spoil(message, envelope);
    // The request was judged; nothing was sent to the log.
    fail::fail_point!("before-publish", |_| std::process::abort());

    // The permit is held until the outcome is known or the time limit is over: that bounds the publishes in flight.
    let _permit = append_slot(client).await?;
    let ack = publish(client, client.subjects().message(envelope.key()), message).await?;
    // The log has acknowledged; the caller does not know yet.
    fail::fail_point!("after-publish", |_| std::process::abort());
    #[cfg(feature = "planted-faults")]
    let ack = crate::failpoints::believe(ack);
    if ack.duplicate {
        // Stored by an earlier attempt under this id: the caller finds the record as its own when it catches up.
        return Err(AppendError::Conflict);
    }
    Ok(ack.sequence)
}

/// Waits for a permit, for at most half of the time limit, so that the broker has the other half.
async fn append_slot(client: &Client) -> Result<tokio::sync::SemaphorePermit<'_>, AppendError> {
    let unavailable = |error: BoxError| AppendError::Unavailable(error);
    match timeout(client.options.ack_timeout / 2, client.append_slots.acquire()).await {
        Ok(permit) => permit.map_err(|closed| unavailable(closed.into())),
        Err(elapsed) => Err(unavailable(elapsed.into())),
    }
}

impl From<PublishFailure> for AppendError {
    fn from(failure: PublishFailure) -> Self {
        match failure {
            PublishFailure::NotSent(source) => Self::Unavailable(source),
            PublishFailure::WrongLastSequence => Self::Conflict,
            PublishFailure::TooLarge => Self::TooLarge,
            PublishFailure::Full => Self::Full,
            PublishFailure::Unknown(source) => Self::Unknown(source),
        }
    }
}

/// The de-duplication id, made from what the server knows and never from the client alone: the broker drops a second
/// record with the same id, and must not drop another tenant's or another sender's.
fn message_id(envelope: &Envelope) -> String {
    let (key, entry) = (envelope.key(), &envelope.entry);
    format!("{}:{}:{}:{}", key.tenant, key.conversation, entry.author.member, entry.client_id)
}

const fn name(outcome: &Result<u64, AppendError>) -> &'static str {
    match outcome {
        Ok(_) => "appended",
        Err(AppendError::Conflict) => "conflict",
        Err(AppendError::Unknown(_)) => "unknown",
        Err(AppendError::Unavailable(_)) => "unavailable",
        Err(AppendError::TooLarge) => "too_large",
        Err(AppendError::Full) => "full",
        Err(_) => "other",
    }
}

/// Decrements the gauge of appends in flight, also when the caller dropped the future.
struct InFlight;

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("desk_log_inflight").decrement(1.0);
    }
}
