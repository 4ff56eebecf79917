//! Publishing to a stream, and what a failed publish says about the record.

use async_nats::jetstream::{
    self, ErrorCode,
    context::{PublishError, PublishErrorKind},
    message::PublishMessage,
    publish::PublishAck,
};
use tokio::time::timeout;

use super::{BoxError, Client, Unavailable, bounded};

/// Why a record is not known to be stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishFailure {
    /// The record was not sent, so it is certainly not stored.
    #[error("nothing was sent to the broker")]
    NotSent(#[source] BoxError),
    /// Refused: the subject's last record is not the expected one.
    #[error("the last record of the subject is another one")]
    WrongLastSequence,
    /// Refused: larger than the stream takes.
    #[error("the record is too large for the stream")]
    TooLarge,
    /// Refused: the stream or the broker's store is full.
    #[error("the stream is full")]
    Full,
    /// No clear answer within the time limit: the record may be stored, or may be later.
    #[error("the broker did not say whether it stored the record")]
    Unknown(#[source] BoxError),
}

/// Publishes and waits for at most [`ack_timeout`](crate::NatsOptions::ack_timeout) until the record is stored.
///
/// # Errors
/// [`PublishFailure`]; only `Unknown` leaves open whether the record is stored.
pub(crate) async fn publish(
    client: &Client,
    subject: String,
    message: PublishMessage,
) -> Result<PublishAck, PublishFailure> {
    let connection = client.connections.get().map_err(|lost| PublishFailure::NotSent(lost.into()))?;
    let published = async { connection.jetstream.send_publish(subject, message).await?.await };
    match timeout(client.options.ack_timeout, published).await {
        Ok(outcome) => outcome.map_err(PublishFailure::from),
        Err(elapsed) => Err(PublishFailure::Unknown(elapsed.into())),
    }
}

/// Publishes a record that carries no expectation, for callers that repeat it whatever the failure was.
///
/// # Errors
/// [`Unavailable`]: the record may be stored all the same.
pub(crate) async fn publish_stored(client: &Client, subject: String, payload: Vec<u8>) -> Result<(), Unavailable> {
    let connection = client.connection()?;
    let message = PublishMessage::build().payload(payload.into());
    let published = async { connection.jetstream.send_publish(subject, message).await?.await };
    bounded(client.options.ack_timeout, published).await.map(drop)
}

impl From<PublishError> for PublishFailure {
    /// Only a clear refusal of the broker is a refusal; after any other error the record may be stored, or may be
    /// later.
    fn from(error: PublishError) -> Self {
        let source = std::error::Error::source(&error);
        let code =
            source.and_then(|source| source.downcast_ref::<jetstream::Error>()).map(jetstream::Error::error_code);
        match (error.kind(), code) {
            (PublishErrorKind::WrongLastSequence, _) | (_, Some(ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT)) => {
                Self::WrongLastSequence
            }
            (PublishErrorKind::MaxPayloadExceeded, _) | (_, Some(ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM)) => {
                Self::TooLarge
            }
            (_, Some(ErrorCode::STREAM_STORE_FAILED | ErrorCode::INSUFFICIENT_RESOURCES)) => Self::Full,
            (PublishErrorKind::MaxAckPending, _) => Self::NotSent(error.into()),
            _ => Self::Unknown(error.into()),
        }
    }
}
