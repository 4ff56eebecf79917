//! A worker's side of its queue: takes deliveries, keeps them from being delivered elsewhere meanwhile, and settles
//! them.

use std::{error::Error, sync::Arc, time::Duration};

use frontdesk_ports::{AckRecord, DeadLetter, DeadLetterSink, Delivery, Log, LogError, WorkSource};
use frontdesk_protocol::{Ack, AckKind, Envelope};
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::{disposition::Disposition, error::WorkerError, status::Status};

/// Deliveries of one record before it becomes a dead letter for a reason that might have been temporary.
pub(crate) const MAX_ATTEMPTS: u64 = 8;

/// Most requests to the broker in flight at once.
pub(crate) const IN_FLIGHT: usize = 64;

/// One worker's end of its queue.
#[derive(Clone)]
pub(crate) struct Queue {
    source: Arc<dyn WorkSource>,
    dead_letter_sink: Arc<dyn DeadLetterSink>,
    /// Where a `failed` acknowledgement is published for an entry that becomes a dead letter; only for the persist
    /// queue.
    failures: Option<Arc<dyn Log>>,
    status: Arc<Status>,
    /// Most deliveries taken at once.
    max: usize,
    /// How long the broker waits for an acknowledgement before it delivers the record to another worker.
    ack_wait: Duration,
}

impl Queue {
    pub(crate) fn new(
        source: Arc<dyn WorkSource>,
        dead_letter_sink: Arc<dyn DeadLetterSink>,
        status: Arc<Status>,
        max: usize,
        ack_wait: Duration,
    ) -> Self {
        Self { source, dead_letter_sink, failures: None, status, max: max.max(1), ack_wait }
    }

    /// The same queue, which also publishes on `log` that an entry failed when it becomes a dead letter.
    pub(crate) fn reporting_failures(self, log: Arc<dyn Log>) -> Self {
        Self { failures: Some(log), ..self }
    }

    pub(crate) const fn status(&self) -> &Arc<Status> {
        &self.status
    }

    /// Takes what is ready; `None` once `stop` is cancelled.
    pub(crate) async fn take(
        &self,
        wait: Duration,
        stop: &CancellationToken,
    ) -> Result<Option<Vec<Delivery>>, WorkerError> {
        tokio::select! {
            biased;
            () = stop.cancelled() => Ok(None),
            taken = self.source.take(self.max, wait) => Ok(Some(taken?)),
        }
    }

    /// Every record up to this sequence was settled, by this worker or another.
    pub(crate) async fn floor(&self) -> Result<u64, LogError> {
        self.source.floor().await
    }

    /// Does `work`, and until it ends reports progress on `deliveries`, so that the broker delivers them to no other
    /// worker.
    pub(crate) async fn keeping<T>(&self, deliveries: &[Delivery], work: impl Future<Output = T>) -> T {
        let reporting = async {
            loop {
                tokio::time::sleep(self.ack_wait / 3).await;
                let reports: Vec<_> = deliveries.iter().map(|delivery| delivery.handle.progress()).collect();
                let reports = futures_util::stream::iter(reports).buffer_unordered(IN_FLIGHT);
                // A lost report may let another worker do the same work: harmless.
                reports.for_each(async |_| {}).await;
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            () = reporting => unreachable!("the reports end with the work"),
        }
    }

    /// Settles deliveries. Tries all of them before it returns the first error; those that failed are delivered again.
    pub(crate) async fn settle(&self, dispositions: Vec<(Delivery, Disposition)>) -> Result<(), LogError> {
        let settle = async |(delivery, disposition): (Delivery, Disposition)| match disposition {
            Disposition::Ack => delivery.handle.ack().await,
            Disposition::Retry(delay) => delivery.handle.retry(delay).await,
            Disposition::DeadLetter(reason) => {
                self.dead_letter(&delivery, reason).await?;
                delivery.handle.ack().await
            }
        };
        let settled = futures_util::stream::iter(dispositions).map(settle).buffer_unordered(IN_FLIGHT);
        settled.fold(Ok(()), async |first: Result<(), LogError>, this| first.and(this)).await
    }

    async fn dead_letter(&self, delivery: &Delivery, reason: String) -> Result<(), LogError> {
        let dead_letter = DeadLetter {
            stream: delivery.stream.clone(),
            consumer: self.source.name().to_owned(),
            subject: delivery.subject.clone(),
            log_seq: delivery.log_seq,
            reason,
            payload: delivery.payload.clone(),
        };
        self.dead_letter_sink.store(&dead_letter).await?;
        self.publish_failure(delivery).await?;
        metrics::counter!("desk_worker_dead_letters_total", "role" => self.status.name()).increment(1);
        tracing::error!(
            worker.role = self.status.name(),
            log.stream = delivery.stream,
            log.seq = delivery.log_seq,
            delivery.attempt = delivery.attempt,
            "record stored as a dead letter; see `frontdesk dead list`"
        );
        Ok(())
    }
}

impl Queue {
    /// Publishes that the entry failed, if it can be decoded. A later `persisted` acknowledgement supersedes it.
    async fn publish_failure(&self, delivery: &Delivery) -> Result<(), LogError> {
        let (Some(log), Ok(envelope)) = (&self.failures, Envelope::decode(&delivery.payload)) else { return Ok(()) };
        let up_to_seq = envelope.entry.seq;
        log.acknowledge(AckRecord { key: envelope.key(), kind: AckKind::Failed(up_to_seq), ack: Ack { up_to_seq } })
            .await
    }
}

/// An error and all its causes, for a dead letter. Not for the logs: a cause may quote message text.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
