//! The broker's notices of records that a consumer delivers no more, each with the record.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_ports::{DeadLetter, Delivery, ExhaustedDelivery, LogError, MaxDeliveryNotices, WorkSource as _};
use serde::Deserialize;

use super::work_queue::WorkQueue;
use crate::{
    client::{Client, LeaderRead, read_from_leader},
    topology::{Queue, StreamName},
};

/// The work queue of these notices.
pub(crate) struct MaxDeliveryQueue {
    client: Arc<Client>,
    work: WorkQueue,
}

/// The broker's JSON, with the same fields in both kinds of notice.
#[derive(Debug, Deserialize)]
struct Notice {
    stream: String,
    consumer: String,
    stream_seq: u64,
    deliveries: u64,
    /// The reason of a consumer that refused the record.
    #[serde(default)]
    reason: String,
}

impl MaxDeliveryQueue {
    pub(crate) fn new(client: Arc<Client>) -> Self {
        let work = WorkQueue::new(Arc::clone(&client), NOTICES);
        Self { client, work }
    }

    /// The record that a notice is about; `None` when no dead letter is needed.
    async fn dead_letter(&self, notice: Notice) -> Result<Option<DeadLetter>, LogError> {
        let Notice { stream, consumer, stream_seq, deliveries, reason } = notice;
        let connection = self.client.connection()?;
        let found = read_from_leader(&connection, &stream, LeaderRead::At(stream_seq)).await?;
        if found.is_none() && stream == self.client.topology.name(StreamName::Acks) {
            // A later receipt replaced it and covers it.
            return Ok(None);
        }
        let mut why = match reason.as_str() {
            "" => format!("deliveries exhausted: delivered {deliveries} times without acknowledgement"),
            reason => format!("refused by its consumer: {reason}"),
        };
        let subject = found.as_ref().and_then(|record| record.subject()).unwrap_or_default();
        let subject = self.client.subjects().parse(subject);
        let payload = found.map(|record| record.unpacked());
        if payload.is_none() {
            why.push_str("; its stream no longer holds it");
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

    /// The queue that a consumer belongs to; the consumer's own name for bridges and integrators.
    fn queue_of(&self, stream: &str, consumer: String) -> String {
        let is_part = |queue: &Queue| {
            self.client.topology.parts(*queue).iter().any(|(part, name)| part == stream && *name == consumer)
        };
        Queue::all().find(is_part).map_or(consumer, |queue| queue.name().to_owned())
    }
}

/// The queue over the stream of notices.
const NOTICES: Queue = Queue::named("given-up");

#[async_trait]
impl MaxDeliveryNotices for MaxDeliveryQueue {
    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<ExhaustedDelivery>, LogError> {
        let mut exhausted = Vec::new();
        for Delivery { payload, handle, .. } in self.work.take(max, wait).await? {
            match serde_json::from_slice(&payload) {
                Ok(notice) => match self.dead_letter(notice).await? {
                    Some(dead_letter) => exhausted.push(ExhaustedDelivery { dead_letter, handle }),
                    None => handle.ack().await?,
                },
                Err(error) => {
                    metrics::counter!("desk_broker_undecodable_total").increment(1);
                    tracing::error!(%error, "cannot decode a max-delivery notice of the broker; dropping it");
                    handle.ack().await?;
                }
            }
        }
        Ok(exhausted)
    }

    async fn pending(&self) -> Result<u64, LogError> {
        self.work.pending().await
    }
}
