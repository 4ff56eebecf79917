//! Deliberate faults of the log: see `frontdesk_ports::planted`.

use async_nats::{
    HeaderMap,
    header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_ID},
    jetstream::{message::PublishMessage, publish::PublishAck},
};
use frontdesk_ports::{AppendError, planted::Fault};
use frontdesk_protocol::Envelope;

/// Removes the expected sequence, or makes the de-duplication id from the client's id alone.
pub(crate) fn spoil(message: PublishMessage, envelope: &Envelope) -> PublishMessage {
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

/// Counts a record that the broker dropped as a duplicate as stored.
pub(crate) fn believe(ack: PublishAck) -> PublishAck {
    PublishAck { duplicate: ack.duplicate && !Fault::ClientMadeMessageId.is_planted(), ..ack }
}

/// Repeats a publish that was not answered, and treats "wrong last sequence" as a refusal.
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
