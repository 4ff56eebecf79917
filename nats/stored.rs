//! Records as they lie in a stream, and fetching them.

use std::{str::FromStr, time::Duration};

use async_nats::{HeaderMap, Message, StatusCode, client::Request};
use bytes::Bytes;
use frontdesk_ports::{LogError, Record};
use frontdesk_protocol::Envelope;
use futures_util::StreamExt as _;
use serde_json::json;

use crate::{
    link::{Link, bounded},
    payload,
};

/// A record of a stream.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) log_seq: u64,
    pub(crate) headers: Option<HeaderMap>,
    pub(crate) payload: Bytes,
}

impl Stored {
    /// A message that carries its sequence in a header: fetched directly, or repeated on a live subject.
    pub(crate) fn from_message(message: Message) -> Option<Self> {
        let log_seq = number(message.headers.as_ref(), async_nats::header::NATS_SEQUENCE.as_ref())?;
        Some(Self { log_seq, headers: message.headers, payload: message.payload })
    }

    /// Where it was appended, for one that was fetched directly or from the leader.
    pub(crate) fn subject(&self) -> Option<&str> {
        Some(self.headers.as_ref()?.get_last(SUBJECT)?.as_str())
    }

    /// As a record of channel 1.
    pub(crate) fn record(&self) -> Result<Record, LogError> {
        let bytes = payload::unpack_or_raw(self.headers.as_ref(), &self.payload);
        match Envelope::decode(&bytes) {
            Ok(envelope) => Ok(Record { log_seq: self.log_seq, envelope }),
            Err(source) => Err(LogError::Poison { log_seq: self.log_seq, source }),
        }
    }
}

/// Up to `limit` records of `stream` on `subject` from sequence `from` on, in one round trip.
///
/// Any replica may answer, so the newest records may be missing.
pub(crate) async fn fetch(
    link: &Link,
    stream: &str,
    subject: &str,
    from: u64,
    limit: usize,
    patience: Duration,
) -> Result<Vec<Stored>, LogError> {
    let reply = link.client.new_inbox();
    let mut answers = bounded(patience, link.client.subscribe(reply.clone())).await?;
    let request = json!({"seq": from.max(1), "next_by_subj": subject, "batch": limit}).to_string();
    let request = Request::new().payload(request.into()).inbox(reply);
    bounded(patience, link.broker.send_request(format!("DIRECT.GET.{stream}"), request)).await?;
    let mut fetched = Vec::new();
    while fetched.len() < limit {
        let answer = tokio::time::timeout(patience, answers.next()).await;
        let answer = answer.map_err(|elapsed| LogError::Unavailable(elapsed.into()))?;
        let message = answer.ok_or_else(|| LogError::Unavailable("the connection was closed".into()))?;
        match message.status {
            None => fetched.extend(Stored::from_message(message)),
            Some(status) if status == END_OF_BATCH || status == StatusCode::NOT_FOUND => break,
            Some(status) => {
                let said = message.description.as_deref().unwrap_or_default();
                return Err(LogError::Unavailable(format!("the broker answered {status} {said}").into()));
            }
        }
    }
    Ok(fetched)
}

/// The number in a header; of several, the one that the broker added.
pub(crate) fn number<T: FromStr>(headers: Option<&HeaderMap>, name: &str) -> Option<T> {
    headers?.get_last(name)?.as_str().parse().ok()
}

/// The header in which the broker says where a fetched record lies; one from the leader is given it here.
pub(crate) const SUBJECT: &str = "Nats-Subject";

/// What follows the last message of a batch.
const END_OF_BATCH: u16 = 204;
