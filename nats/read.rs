//! Reading a conversation back.

use async_nats::jetstream::stream::{RawMessageError, RawMessageErrorKind};
use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_ports::{LogError, Record};

use crate::{
    link::Link,
    log::Shared,
    stored::{SUBJECT, Stored, fetch},
};

/// The last record, asked of the stream's leader: a replica may not have it yet.
pub(crate) async fn last(shared: &Shared, key: ConversationKey) -> Result<Option<Record>, LogError> {
    let link = shared.links.reach()?;
    let stream = shared.topology.stream_of(Partition::of(&key));
    let last = from_leader(&link, &stream, Ask::Last(shared.subjects().message(key))).await?;
    last.as_ref().map(Stored::record).transpose()
}

/// Records above `after`, in one round trip. Any replica may answer that, so when there are several the leader is asked
/// for what may be missing at the end.
pub(crate) async fn read(
    shared: &Shared,
    key: ConversationKey,
    after: u64,
    limit: usize,
) -> Result<Vec<Record>, LogError> {
    let link = shared.links.reach()?;
    let stream = shared.topology.stream_of(Partition::of(&key));
    let subject = shared.subjects().message(key);
    let mut stored = fetch(&link, &stream, &subject, after + 1, limit, shared.options.ack_timeout).await?;
    while shared.options.replicas > 1 && stored.len() < limit {
        let from = stored.last().map_or(after, |last| last.log_seq) + 1;
        match from_leader(&link, &stream, Ask::Next(subject.clone(), from)).await? {
            Some(next) => stored.push(next),
            None => break,
        }
    }
    let mut records = Vec::with_capacity(stored.len());
    for stored in stored {
        match stored.record() {
            Ok(record) => records.push(record),
            Err(error) if records.is_empty() => return Err(error),
            Err(_) => break, // the next read begins with it and says so
        }
    }
    Ok(records)
}

/// What is asked of a leader.
pub(crate) enum Ask {
    /// The last record on a subject.
    Last(String),
    /// The first record on a subject from a sequence on.
    Next(String, u64),
    /// The record at a sequence.
    At(u64),
}

pub(crate) async fn from_leader(link: &Link, stream: &str, ask: Ask) -> Result<Option<Stored>, LogError> {
    let unavailable = |error: RawMessageError| LogError::Unavailable(error.into());
    let stream = link.broker.get_stream_no_info(stream).await;
    let stream = stream.map_err(|error| LogError::Unavailable(error.into()))?;
    let request = match ask {
        Ask::Last(subject) => stream.raw_message_builder().last_by_subject(subject),
        Ask::Next(subject, from) => stream.raw_message_builder().sequence(from).next_by_subject(subject),
        Ask::At(sequence) => stream.raw_message_builder().sequence(sequence),
    };
    match request.send().await {
        Ok(mut found) => {
            found.headers.insert(SUBJECT, found.subject.as_str());
            Ok(Some(Stored { log_seq: found.sequence, headers: Some(found.headers), payload: found.payload }))
        }
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}
