//! A worker's side of its queue: taking deliveries, keeping them, and saying what became of them.

use std::{error::Error, sync::Arc, time::Duration};

use frontdesk_ports::{AckRecord, DeadLetter, DeadLetters, Delivery, Log, LogError, WorkSource};
use frontdesk_protocol::{Ack, AckKind, Envelope};
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use crate::{error::WorkerError, status::Status};

/// How often a delivery is handed out before it is given up for a reason that may pass.
pub(crate) const PATIENCE: u64 = 8;

/// Calls to the broker that are on their way at a time.
pub(crate) const IN_FLIGHT: usize = 64;

/// One worker's end of its queue.
#[derive(Clone)]
pub(crate) struct Queue {
    source: Arc<dyn WorkSource>,
    dead_letters: Arc<dyn DeadLetters>,
    /// Where people are told of entries that could not be filed; only by the worker that files them.
    tell: Option<Arc<dyn Log>>,
    status: Arc<Status>,
    /// Most deliveries taken at once.
    max: usize,
    /// How long the broker waits for a word about a delivery before it hands it to another.
    ack_wait: Duration,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It has had its effect.
    Done,
    /// It never can have, for this reason.
    Park(String),
    /// It shall come again after this time.
    Retry(Duration),
}

impl Queue {
    pub(crate) fn new(
        source: Arc<dyn WorkSource>,
        dead_letters: Arc<dyn DeadLetters>,
        status: Arc<Status>,
        max: usize,
        ack_wait: Duration,
    ) -> Self {
        Self { source, dead_letters, tell: None, status, max: max.max(1), ack_wait }
    }

    /// The same, which tells people on `log` what it parked.
    pub(crate) fn telling(self, log: Arc<dyn Log>) -> Self {
        Self { tell: Some(log), ..self }
    }

    pub(crate) const fn status(&self) -> &Arc<Status> {
        &self.status
    }

    /// Takes what is ready; `None` once the worker is asked to stop.
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

    /// Up to where every record is dealt with, whoever took it.
    pub(crate) async fn floor(&self) -> Result<u64, LogError> {
        self.source.floor().await
    }

    /// Does `work`, and all the while tells the broker that somebody is at it, so that no other worker gets the deliveries.
    pub(crate) async fn keeping<T>(&self, deliveries: &[Delivery], work: impl Future<Output = T>) -> T {
        let reminding = async {
            loop {
                tokio::time::sleep(self.ack_wait / 3).await;
                let reminders: Vec<_> = deliveries.iter().map(|delivery| delivery.handle.progress()).collect();
                let reminders = futures_util::stream::iter(reminders).buffer_unordered(IN_FLIGHT);
                // One that is lost may make another worker do the same: harmless.
                reminders.for_each(async |_| {}).await;
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            () = reminding => unreachable!("reminding goes on for as long as the work"),
        }
    }

    /// Says what became of deliveries. Tries all of them before it gives the first error; those that failed come again.
    pub(crate) async fn settle(&self, fates: Vec<(Delivery, Fate)>) -> Result<(), LogError> {
        let settle = async |(delivery, fate): (Delivery, Fate)| match fate {
            Fate::Done => delivery.handle.ack().await,
            Fate::Retry(delay) => delivery.handle.retry(delay).await,
            Fate::Park(reason) => {
                self.park(&delivery, reason).await?;
                delivery.handle.ack().await
            }
        };
        let settled = futures_util::stream::iter(fates).map(settle).buffer_unordered(IN_FLIGHT);
        settled.fold(Ok(()), async |first: Result<(), LogError>, this| first.and(this)).await
    }

    async fn park(&self, delivery: &Delivery, reason: String) -> Result<(), LogError> {
        let letter = DeadLetter {
            stream: delivery.stream.clone(),
            consumer: self.source.name().to_owned(),
            subject: delivery.subject.clone(),
            log_seq: delivery.log_seq,
            reason,
            payload: delivery.payload.clone(),
        };
        self.dead_letters.park(&letter).await?;
        self.tell_parked(delivery).await?;
        metrics::counter!("desk_worker_parked_total", "role" => self.status.name()).increment(1);
        tracing::error!(
            worker.role = self.status.name(),
            log.stream = delivery.stream,
            log.seq = delivery.log_seq,
            delivery.attempt = delivery.attempt,
            "record parked among the dead letters"
        );
        Ok(())
    }
}

impl Queue {
    /// Tells that an entry was parked, if it can be read at all. A later `persisted` takes it back.
    async fn tell_parked(&self, delivery: &Delivery) -> Result<(), LogError> {
        let (Some(log), Ok(envelope)) = (&self.tell, Envelope::decode(&delivery.payload)) else { return Ok(()) };
        let up_to_seq = envelope.entry.seq;
        log.acknowledge(AckRecord { key: envelope.key(), kind: AckKind::Failed(up_to_seq), ack: Ack { up_to_seq } })
            .await
    }
}

/// An error and all its causes, for a dead letter. Not for the log: a cause may quote what people wrote.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
