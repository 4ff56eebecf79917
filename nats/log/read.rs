//! Reading a conversation's records.

use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_ports::{LogError, Record};

use super::record::decode;
use crate::client::{Client, LeaderRead, read_from_any, read_from_leader};

/// The last record, from the stream's leader: a replica may not have it yet.
pub(crate) async fn last(client: &Client, key: ConversationKey) -> Result<Option<Record>, LogError> {
    let connection = client.connection()?;
    let stream = client.topology.stream_of(Partition::of(&key));
    let last = LeaderRead::Last(client.subjects().message(key));
    let last = read_from_leader(&connection, &stream, last).await?;
    last.as_ref().map(decode).transpose()
}

/// Records above `after`, in one round trip. Any replica may answer that, so with several replicas the leader is asked
/// for records that may be missing at the end.
pub(crate) async fn read(
    client: &Client,
    key: ConversationKey,
    after: u64,
    limit: usize,
) -> Result<Vec<Record>, LogError> {
    let connection = client.connection()?;
    let stream = client.topology.stream_of(Partition::of(&key));
    let subject = client.subjects().message(key);
    let mut found = read_from_any(&connection, &stream, &subject, after + 1, limit, client.options.ack_timeout).await?;
    while client.options.replicas > 1 && found.len() < limit {
        let from = found.last().map_or(after, |last| last.log_seq) + 1;
        match read_from_leader(&connection, &stream, LeaderRead::Next(subject.clone(), from)).await? {
            Some(next) => found.push(next),
            None => break,
        }
    }
    let mut records = Vec::with_capacity(found.len());
    for record in &found {
        match decode(record) {
            Ok(record) => records.push(record),
            Err(error) if records.is_empty() => return Err(error),
            Err(_) => break, // the next read begins with this record and reports it
        }
    }
    Ok(records)
}
