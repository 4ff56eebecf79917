//! Entries as they are stored, on whatever node.

use std::{collections::VecDeque, sync::Arc};

use frontdesk_domain::Partition;
use frontdesk_ports::{Channel, LogError, LogStream, Record};
use futures_util::stream;

use crate::{
    link::Link,
    log::Shared,
    stored::{Stored, fetch},
    subscription::{Heard, Subscription, undecodable},
};

/// Every record of `partition` from now on. What was stored while a connection was down is fetched from the stream.
pub(crate) async fn live(shared: Arc<Shared>, partition: Partition) -> Result<LogStream<Record>, LogError> {
    let stream = shared.topology.stream_of(partition);
    // Before subscribing: nothing that is heard afterwards may count as heard already.
    let last_seq = newest(&*shared.links.reach()?, &stream).await?;
    let live = Live {
        subscription: Subscription::open(&shared, shared.subjects().live_of(partition)).await?,
        stored_on: shared.subjects().messages_of(partition),
        partition,
        missed: VecDeque::new(),
        stream,
        last_seq,
        shared,
    };
    live.shared.beats.heard(partition, Channel::Live);
    Ok(Box::pin(stream::unfold(live, |mut live| async move { live.next().await.map(|record| (record, live)) })))
}

struct Live {
    shared: Arc<Shared>,
    partition: Partition,
    subscription: Subscription,
    stream: String,
    stored_on: String,
    /// Fetched after a break, not yet handed on.
    missed: VecDeque<Stored>,
    /// The newest record that was heard or passed by.
    last_seq: u64,
}

impl Live {
    async fn next(&mut self) -> Option<Record> {
        loop {
            let stored = match self.missed.pop_front() {
                Some(stored) => stored,
                None => match self.subscription.next().await? {
                    Heard::Message(message) => {
                        self.shared.beats.heard(self.partition, Channel::Live);
                        if self.shared.subjects().is_beat(&message.subject) {
                            continue;
                        }
                        let subject = message.subject.clone();
                        match Stored::from_message(message) {
                            // Heard by the new subscription and fetched as well.
                            Some(stored) if stored.log_seq <= self.last_seq => continue,
                            Some(stored) => stored,
                            None => {
                                undecodable(&subject);
                                continue;
                            }
                        }
                    }
                    Heard::Resumed(link) => {
                        if let Err(error) = self.catch_up(&link).await {
                            // The readers' own check of `seq` is the net below this one.
                            tracing::warn!(%error, stream = self.stream, "live records of a break may be missing");
                        }
                        continue;
                    }
                },
            };
            self.last_seq = self.last_seq.max(stored.log_seq);
            match stored.record() {
                Ok(record) => return Some(record),
                Err(_) => undecodable(&self.stored_on),
            }
        }
    }

    async fn catch_up(&mut self, link: &Link) -> Result<(), LogError> {
        let newest = newest(link, &self.stream).await?;
        let mut from = self.last_seq + 1;
        while from <= newest {
            let patience = self.shared.options.ack_timeout;
            let fetched = fetch(link, &self.stream, &self.stored_on, from, BATCH, patience).await?;
            let Some(last) = fetched.last() else { break };
            from = last.log_seq + 1;
            self.missed.extend(fetched);
        }
        // Also when that is less than before: a stream that was restored from a copy has gone back.
        self.last_seq = newest;
        Ok(())
    }
}

/// Sequence of a stream's newest record.
async fn newest(link: &Link, stream: &str) -> Result<u64, LogError> {
    let stream = link.broker.get_stream(stream).await.map_err(|error| LogError::Unavailable(error.into()))?;
    Ok(stream.cached_info().state.last_sequence)
}

/// Records fetched at once after a break.
const BATCH: usize = 256;
