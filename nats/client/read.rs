//! Reading records of a stream: a batch from any replica, or one record from the stream's leader.

use std::time::Duration;

use async_nats::{StatusCode, client::Request, jetstream::stream::RawMessageErrorKind};
use futures_util::StreamExt as _;
use serde_json::json;

use super::{Connection, SUBJECT_HEADER, StreamRecord, Unavailable, bounded};

/// Up to `limit` records of `stream` on `subject` from sequence `from` on, in one round trip.
///
/// Any replica may answer, so the newest records may be missing.
pub(crate) async fn read_from_any(
    connection: &Connection,
    stream: &str,
    subject: &str,
    from: u64,
    limit: usize,
    answer_timeout: Duration,
) -> Result<Vec<StreamRecord>, Unavailable> {
    let reply = connection.client.new_inbox();
    let mut answers = bounded(answer_timeout, connection.client.subscribe(reply.clone())).await?;
    let request = json!({"seq": from.max(1), "next_by_subj": subject, "batch": limit}).to_string();
    let request = Request::new().payload(request.into()).inbox(reply);
    bounded(answer_timeout, connection.jetstream.send_request(format!("DIRECT.GET.{stream}"), request)).await?;
    let mut records = Vec::new();
    while records.len() < limit {
        let answer = tokio::time::timeout(answer_timeout, answers.next()).await.map_err(Unavailable::new)?;
        let message = answer.ok_or_else(|| Unavailable::new("the connection was closed"))?;
        match message.status {
            None => records.extend(StreamRecord::from_message(message)),
            Some(status) if status == END_OF_BATCH || status == StatusCode::NOT_FOUND => break,
            Some(status) => {
                let description = message.description.as_deref().unwrap_or_default();
                return Err(Unavailable::new(format!("the broker answered {status} {description}")));
            }
        }
    }
    Ok(records)
}

/// Which record the leader is asked for.
pub(crate) enum LeaderRead {
    /// The last record on a subject.
    Last(String),
    /// The first record on a subject from a sequence on.
    Next(String, u64),
    /// The record at a sequence.
    At(u64),
}

/// One record from the stream's leader, which is never stale; `None` when there is none.
pub(crate) async fn read_from_leader(
    connection: &Connection,
    stream: &str,
    read: LeaderRead,
) -> Result<Option<StreamRecord>, Unavailable> {
    let stream = connection.jetstream.get_stream_no_info(stream).await.map_err(Unavailable::new)?;
    let request = match read {
        LeaderRead::Last(subject) => stream.raw_message_builder().last_by_subject(subject),
        LeaderRead::Next(subject, from) => stream.raw_message_builder().sequence(from).next_by_subject(subject),
        LeaderRead::At(sequence) => stream.raw_message_builder().sequence(sequence),
    };
    match request.send().await {
        Ok(mut found) => {
            found.headers.insert(SUBJECT_HEADER, found.subject.as_str());
            let (log_seq, headers) = (found.sequence, Some(found.headers));
            Ok(Some(StreamRecord { log_seq, headers, payload: found.payload }))
        }
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(Unavailable::new(error)),
    }
}

/// Status after the last message of a batch.
const END_OF_BATCH: u16 = 204;
