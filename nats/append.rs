//! Appending: a publish that the broker refuses unless the conversation's last record is the expected one.

use async_nats::{
    HeaderMap,
    jetstream::{
        self, ErrorCode,
        context::{PublishError, PublishErrorKind},
        message::PublishMessage,
    },
};
use frontdesk_ports::{AppendError, BoxError};
use frontdesk_protocol::Envelope;
use tokio::time::{Instant, timeout};

use crate::{log::Shared, payload, topology::MAX_RECORD_BYTES};

/// Appends `envelope` and measures it.
pub(crate) async fn append(shared: &Shared, envelope: &Envelope, expected: u64) -> Result<u64, AppendError> {
    let begun = Instant::now();
    metrics::gauge!("desk_log_inflight").increment(1.0);
    let _leaving = InFlight;
    let outcome = try_append(shared, envelope, expected).await;
    #[cfg(feature = "planted-faults")]
    let outcome = crate::planted::misjudge(outcome, || try_append(shared, envelope, expected)).await;
    metrics::histogram!("desk_log_append_seconds").record(begun.elapsed());
    metrics::counter!("desk_log_append_total", "outcome" => name(&outcome)).increment(1);
    outcome
}

async fn try_append(shared: &Shared, envelope: &Envelope, expected: u64) -> Result<u64, AppendError> {
    let bytes = envelope.encode();
    if bytes.len() > MAX_RECORD_BYTES {
        return Err(AppendError::TooLarge);
    }
    let mut headers = HeaderMap::new();
    let packed = payload::pack(bytes, &mut headers);
    if let Some(trace) = envelope.trace.as_deref().and_then(|trace| trace.parse::<async_nats::HeaderValue>().ok()) {
        headers.insert("traceparent", trace);
    }
    let message = PublishMessage::build()
        .headers(headers)
        .payload(packed)
        .message_id(message_id(envelope))
        .expected_last_subject_sequence(expected);
    #[cfg(feature = "planted-faults")]
    let message = crate::planted::spoil(message, envelope);

    // The place is held until the outcome is known or given up: that bounds what the broker can owe us.
    let _place = place(shared).await?;
    let link = shared.links.get().map_err(|lost| AppendError::Unavailable(lost.into()))?;
    let subject = shared.subjects().message(envelope.key());
    let published = async { link.broker.send_publish(subject, message).await?.await };
    #[cfg(feature = "planted-faults")]
    let published = crate::planted::believe(published);
    match timeout(shared.options.ack_timeout, published).await {
        // Known by its id from an earlier try: the caller finds it as its own when it catches up.
        Ok(Ok(ack)) if ack.duplicate => Err(AppendError::Conflict),
        Ok(Ok(ack)) => Ok(ack.sequence),
        Ok(Err(error)) => Err(judge(error)),
        Err(elapsed) => Err(AppendError::Unknown(elapsed.into())),
    }
}

/// Waits for a place, but no longer than leaves half of the time for the broker.
async fn place(shared: &Shared) -> Result<tokio::sync::SemaphorePermit<'_>, AppendError> {
    let unavailable = |error: BoxError| AppendError::Unavailable(error);
    match timeout(shared.options.ack_timeout / 2, shared.places.acquire()).await {
        Ok(place) => place.map_err(|closed| unavailable(closed.into())),
        Err(elapsed) => Err(unavailable(elapsed.into())),
    }
}

/// Only what the broker clearly refused is a refusal; all else may have been stored, or may still be.
pub(crate) fn judge(error: PublishError) -> AppendError {
    let source = std::error::Error::source(&error);
    let code = source.and_then(|source| source.downcast_ref::<jetstream::Error>()).map(jetstream::Error::error_code);
    match (error.kind(), code) {
        (PublishErrorKind::WrongLastSequence, _) | (_, Some(ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT)) => {
            AppendError::Conflict
        }
        (PublishErrorKind::MaxPayloadExceeded, _) | (_, Some(ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM)) => {
            AppendError::TooLarge
        }
        (_, Some(ErrorCode::STREAM_STORE_FAILED | ErrorCode::INSUFFICIENT_RESOURCES)) => AppendError::Full,
        (PublishErrorKind::MaxAckPending, _) => AppendError::Unavailable(error.into()),
        _ => AppendError::Unknown(error.into()),
    }
}

/// Made here from what the server knows, never from a client alone: the broker swallows a second record under one id, and
/// must not swallow another tenant's or another sender's.
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

/// Counts an append out, also when its caller gave up.
struct InFlight;

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("desk_log_inflight").decrement(1.0);
    }
}
