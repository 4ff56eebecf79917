//! What the planted faults of the log do: see `frontdesk_ports::planted`.

use async_nats::{
    HeaderMap,
    header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_ID},
    jetstream::{context::PublishError, message::PublishMessage, publish::PublishAck},
};
use frontdesk_ports::{
    AppendError,
    planted::{Fault, Place},
};
use frontdesk_protocol::Envelope;

/// Takes the expectation off, or makes the id of what only the client said.
pub(crate) fn spoil(message: PublishMessage, envelope: &Envelope) -> PublishMessage {
    Place::BeforePublish.pass();
    let whole = message.outbound_message("unused");
    let mut headers = HeaderMap::new();
    for (name, values) in whole.headers.iter().flat_map(HeaderMap::iter) {
        let dropped = Fault::NoExpectation.is_planted() && *name == NATS_EXPECTED_LAST_SUBJECT_SEQUENCE;
        for value in values.iter().filter(|_| !dropped) {
            headers.append(name.clone(), value.clone());
        }
    }
    if Fault::ClientMadeMessageId.is_planted() {
        headers.insert(NATS_MESSAGE_ID, envelope.entry.client_id.to_string().as_str());
    }
    if Fault::Relog.is_planted() {
        headers.insert(NATS_MESSAGE_ID, uuid::Uuid::new_v4().to_string().as_str());
    }
    PublishMessage::build().payload(whole.payload).headers(headers)
}

/// Takes what the broker swallowed for stored.
pub(crate) async fn believe(
    published: impl Future<Output = Result<PublishAck, PublishError>>,
) -> Result<PublishAck, PublishError> {
    let ack = published.await?;
    Place::AfterPublish.pass();
    Ok(PublishAck { duplicate: ack.duplicate && !Fault::ClientMadeMessageId.is_planted(), ..ack })
}

/// Repeats a publish that nobody answered, and takes "wrong last sequence" for a refusal.
pub(crate) async fn misjudge<F: Future<Output = Result<u64, AppendError>> + Send>(
    mut outcome: Result<u64, AppendError>,
    again: impl Fn() -> F,
) -> Result<u64, AppendError> {
    if !Fault::ConflictIsFailure.is_planted() {
        return outcome;
    }
    let unanswered = matches!(outcome, Err(AppendError::Unknown(_)));
    while unanswered && matches!(outcome, Err(AppendError::Unknown(_) | AppendError::Unavailable(_))) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        outcome = again().await;
    }
    outcome.map_err(|error| if matches!(error, AppendError::Conflict) { AppendError::TooLarge } else { error })
}
