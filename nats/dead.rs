//! Parking records that no worker could process.

use async_nats::{HeaderMap, HeaderValue, jetstream::message::PublishMessage};
use frontdesk_ports::{DeadLetter, LogError};

use crate::{link::bounded, log::Shared, subjects::Token};

/// Parks a record under its consumer, its bytes as they were and everything else in headers. The id makes a second parking
/// of the same record one with the first.
pub(crate) async fn park(shared: &Shared, letter: &DeadLetter) -> Result<(), LogError> {
    let link = shared.links.reach()?;
    let token = |text: &str| Token::new(text).map_err(|error| LogError::Unavailable(error.into()));
    let subject = shared.subjects().dead(&token(&letter.stream)?, &token(&letter.consumer)?);
    let mut headers = HeaderMap::new();
    headers.insert("Desk-Subject", plain(&letter.subject));
    headers.insert("Desk-Log-Seq", HeaderValue::from(letter.log_seq));
    headers.insert("Desk-Reason", plain(&letter.reason));
    let message = PublishMessage::build()
        .headers(headers)
        .payload(letter.payload.clone())
        .message_id(format!("{}:{}:{}", letter.stream, letter.consumer, letter.log_seq));
    bounded(shared.options.ack_timeout, async { link.broker.send_publish(subject, message).await?.await }).await?;
    metrics::counter!("desk_dead_letter_total", "consumer" => letter.consumer.clone()).increment(1);
    tracing::error!(
        stream = letter.stream,
        consumer = letter.consumer,
        log_seq = letter.log_seq,
        reason = letter.reason,
        "a record that cannot be processed was parked"
    );
    Ok(())
}

/// As the value of a header: one line of ASCII, and not too long.
fn plain(text: &str) -> HeaderValue {
    let escaped: String = text.chars().take(500).flat_map(char::escape_default).collect();
    HeaderValue::from(escaped)
}
