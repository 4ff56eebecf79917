//! The broker's notices of records that a consumer hands out no more, each with the record.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_ports::{DeadLetter, Delivery, GivenUp, GivenUpRecords, LogError, WorkSource as _};
use serde::Deserialize;

use crate::{
    log::Shared,
    payload,
    read::{Ask, from_leader},
    topology::{Queue, StreamName},
    work::Work,
};

/// The queue of notices.
pub(crate) struct GivenUpQueue {
    shared: Arc<Shared>,
    work: Work,
}

/// What the server publishes; the same fields in both kinds of notice.
#[derive(Debug, Deserialize)]
struct Notice {
    stream: String,
    consumer: String,
    stream_seq: u64,
    deliveries: u64,
    /// What a consumer said that refused the record.
    #[serde(default)]
    reason: String,
}

impl GivenUpQueue {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let work = Work::new(Arc::clone(&shared), NOTICES);
        Self { shared, work }
    }

    /// The record that a notice is about; `None` when nobody misses it.
    async fn letter(&self, notice: Notice) -> Result<Option<DeadLetter>, LogError> {
        let Notice { stream, consumer, stream_seq, deliveries, reason } = notice;
        let link = self.shared.links.reach()?;
        let found = from_leader(&link, &stream, Ask::At(stream_seq)).await?;
        if found.is_none() && stream == self.shared.topology.name(StreamName::Acks) {
            // A later receipt took its place, and stands for it.
            return Ok(None);
        }
        let mut why = match reason.as_str() {
            "" => format!("deliveries exhausted: handed out {deliveries} times in vain"),
            reason => format!("refused by its consumer: {reason}"),
        };
        let subject = found.as_ref().and_then(|stored| stored.subject()).unwrap_or_default().to_owned();
        let payload = found.map(|stored| payload::unpack_or_raw(stored.headers.as_ref(), &stored.payload));
        if payload.is_none() {
            why.push_str("; its stream does not hold it any more");
        }
        Ok(Some(DeadLetter {
            consumer: self.queue_of(&stream, consumer),
            stream,
            subject,
            log_seq: stream_seq,
            reason: why,
            payload: payload.unwrap_or_default(),
        }))
    }

    /// The name under which workers know a consumer of ours.
    fn queue_of(&self, stream: &str, consumer: String) -> String {
        let is_part = |queue: &Queue| {
            self.shared.topology.parts(*queue).iter().any(|(part, name)| part == stream && *name == consumer)
        };
        Queue::all().find(is_part).map_or(consumer, |queue| queue.name().to_owned())
    }
}

/// The queue over the stream of notices.
const NOTICES: Queue = Queue::named("given-up");

#[async_trait]
impl GivenUpRecords for GivenUpQueue {
    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<GivenUp>, LogError> {
        let mut given_up = Vec::new();
        for Delivery { payload, handle, .. } in self.work.take(max, wait).await? {
            match serde_json::from_slice(&payload) {
                Ok(notice) => match self.letter(notice).await? {
                    Some(letter) => given_up.push(GivenUp { letter, handle }),
                    None => handle.ack().await?,
                },
                Err(error) => {
                    metrics::counter!("desk_broker_undecodable_total").increment(1);
                    tracing::error!(%error, "a notice of the broker about a record given up cannot be read");
                    handle.ack().await?;
                }
            }
        }
        Ok(given_up)
    }

    async fn pending(&self) -> Result<u64, LogError> {
        self.work.pending().await
    }
}
