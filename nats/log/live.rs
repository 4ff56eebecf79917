//! Live records of a partition, from all nodes.

use std::{collections::VecDeque, sync::Arc};

use frontdesk_domain::Partition;
use frontdesk_ports::{LiveChannel, LogError, LogStream, Record};
use futures_util::stream;

use super::{liveness::Liveness, record::decode};
use crate::client::{
    Client, Connection, Received, StreamRecord, Subscription, Unavailable, count_undecodable, read_from_any,
};

/// Every record of `partition` from now on. Records stored while a connection was down are read from the stream.
pub(crate) async fn live(
    client: Arc<Client>,
    liveness: Arc<Liveness>,
    partition: Partition,
) -> Result<LogStream<Record>, LogError> {
    let stream = client.topology.stream_of(partition);
    // Before subscribing: no record that is received afterwards may count as received already.
    let last_seq = newest(&*client.connection()?, &stream).await?;
    let live = Live {
        subscription: Subscription::open(&client, client.subjects().live_of(partition)).await?,
        stored_on: client.subjects().messages_of(partition),
        partition,
        missed: VecDeque::new(),
        stream,
        last_seq,
        client,
        liveness,
    };
    live.liveness.received(partition, LiveChannel::Live);
    Ok(Box::pin(stream::unfold(live, |mut live| async move { live.next().await.map(|record| (record, live)) })))
}

struct Live {
    client: Arc<Client>,
    liveness: Arc<Liveness>,
    partition: Partition,
    subscription: Subscription,
    stream: String,
    stored_on: String,
    /// Read from the stream after an outage, not yet returned.
    missed: VecDeque<StreamRecord>,
    /// Sequence of the newest record that was received or read.
    last_seq: u64,
}

impl Live {
    async fn next(&mut self) -> Option<Record> {
        loop {
            let record = match self.missed.pop_front() {
                Some(record) => record,
                None => match self.subscription.next().await? {
                    Received::Message(message) => {
                        self.liveness.received(self.partition, LiveChannel::Live);
                        if self.client.subjects().is_heartbeat(&message.subject) {
                            continue;
                        }
                        let subject = message.subject.clone();
                        match StreamRecord::from_message(message) {
                            // Received by the new subscription and read from the stream as well.
                            Some(record) if record.log_seq <= self.last_seq => continue,
                            Some(record) => record,
                            None => {
                                count_undecodable(&subject);
                                continue;
                            }
                        }
                    }
                    Received::Resumed(connection) => {
                        if let Err(error) = self.catch_up(&connection).await {
                            // Readers detect the gap in `seq`.
                            tracing::warn!(%error, stream = self.stream, "live records of an outage may be missing");
                        }
                        continue;
                    }
                },
            };
            self.last_seq = self.last_seq.max(record.log_seq);
            match decode(&record) {
                Ok(record) => return Some(record),
                Err(_) => count_undecodable(&self.stored_on),
            }
        }
    }

    async fn catch_up(&mut self, connection: &Connection) -> Result<(), Unavailable> {
        let newest = newest(connection, &self.stream).await?;
        let mut from = self.last_seq + 1;
        while from <= newest {
            let answer_timeout = self.client.options.ack_timeout;
            let records = read_from_any(connection, &self.stream, &self.stored_on, from, BATCH, answer_timeout).await?;
            let Some(last) = records.last() else { break };
            from = last.log_seq + 1;
            self.missed.extend(records);
        }
        // Also when that is lower than before: a stream that was restored from a copy has gone back.
        self.last_seq = newest;
        Ok(())
    }
}

/// Sequence of a stream's newest record.
async fn newest(connection: &Connection, stream: &str) -> Result<u64, Unavailable> {
    let stream = connection.jetstream.get_stream(stream).await.map_err(Unavailable::new)?;
    Ok(stream.cached_info().state.last_sequence)
}

/// Records per read after an outage.
const BATCH: usize = 256;
