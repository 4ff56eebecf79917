//! From the log to the database: in batches, each in one transaction, acknowledged after the commit.

mod outcome;
#[cfg(feature = "planted-faults")]
mod planted;
mod tell;
mod write;

use std::{sync::Arc, time::Duration};

use frontdesk_config::{Role, WorkersSettings};
use frontdesk_ports::{Clock, Delivery, Record};
use frontdesk_protocol::Envelope;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::{
    deps::WorkerDeps,
    error::WorkerError,
    queue::{Fate, Queue, with_causes},
    status::Status,
    steps::{self, StepOutcome},
};
pub(crate) use outcome::Outcome;
use tell::MOST_UNTOLD;
pub(crate) use write::Writer;

/// Writes every entry of the log to the database, and says so on channel 2 once it is committed.
///
/// There is no waiting for a batch to fill: it holds what came while the last one was written, so it grows with the load.
#[derive(Clone)]
pub struct PersistWorker {
    queue: Queue,
    writer: Writer,
    clock: Arc<dyn Clock>,
}

/// What was taken and can be read; `deliveries[n]` is `records[n]`.
#[derive(Default)]
struct Batch {
    deliveries: Vec<Delivery>,
    records: Vec<Record>,
}

impl Batch {
    fn append(&mut self, mut later: Self) {
        self.deliveries.append(&mut later.deliveries);
        self.records.append(&mut later.records);
    }
}

/// A batch as far as the database is concerned.
enum Step {
    Idle,
    Stopped,
    /// With how many were taken, those included that could not be read.
    Committed(usize, Batch, Outcome),
}

impl PersistWorker {
    /// A worker with these settings; `status` is told how it is doing.
    #[must_use]
    pub fn new(deps: &WorkerDeps, settings: &WorkersSettings, status: Arc<Status>) -> Self {
        debug_assert_eq!(status.role(), Role::Persist);
        let WorkersSettings { persist_batch, persist_ack_wait, .. } = *settings;
        let (source, dead_letters) = (deps.persist_work.clone(), deps.dead_letters.clone());
        Self {
            writer: Writer::new(deps, status.clone()),
            queue: Queue::new(source, dead_letters, status, persist_batch, persist_ack_wait).telling(deps.log.clone()),
            clock: deps.clock.clone(),
        }
    }

    /// Works until `stop`. While batches are acknowledged, the next ones are written already.
    pub async fn run(self, stop: CancellationToken) {
        let (committed, untold) = mpsc::channel(MOST_UNTOLD);
        let teller = tokio::spawn(self.clone().tell_all(untold).in_current_span());
        steps::run(self.queue.status(), &stop, async || match self.commit(steps::WAIT, &stop).await? {
            Step::Idle => Ok(StepOutcome::Idle),
            Step::Stopped => Ok(StepOutcome::Stopped),
            Step::Committed(taken, batch, outcome) => {
                // Nobody listens only if telling panicked. Then this worker ends too and is started anew, and what was not
                // acknowledged comes again.
                let is_heard = committed.send((batch, outcome)).await.is_ok();
                Ok(if is_heard { StepOutcome::Worked(taken) } else { StepOutcome::Stopped })
            }
        })
        .await;
        // What is committed is acknowledged before the worker is gone.
        drop(committed);
        if let Err(error) = teller.await {
            tracing::error!(%error, "acknowledging what was committed ended early");
        }
    }

    /// Takes one batch, waiting up to `wait` for it, and sees it through.
    ///
    /// Cancel safe: what was taken comes again, and does no harm if it was written already.
    ///
    /// # Errors
    /// [`WorkerError`]: what was taken comes again.
    pub async fn step(&self, wait: Duration, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        match self.commit(wait, stop).await? {
            Step::Idle => Ok(StepOutcome::Idle),
            Step::Stopped => Ok(StepOutcome::Stopped),
            Step::Committed(taken, batch, outcome) => {
                self.tell(batch, &outcome).await?;
                Ok(StepOutcome::Worked(taken))
            }
        }
    }

    /// Writes a batch and measures it.
    async fn write(&self, records: &[Record], stop: &CancellationToken) -> Result<Outcome, crate::bisect::Stopped> {
        let start = self.clock.monotonic();
        let outcome = self.writer.write(records, stop).await?;
        metrics::histogram!("desk_persist_batch_size").record(records.len() as f64);
        metrics::histogram!("desk_persist_seconds").record((self.clock.monotonic() - start).as_secs_f64());
        self.writer.show_lag(records.iter().map(|record| record.envelope.entry.at).max());
        Ok(outcome)
    }

    /// Takes a batch and writes it, holes in it filled from the log.
    async fn commit(&self, wait: Duration, stop: &CancellationToken) -> Result<Step, WorkerError> {
        let Some(taken) = self.queue.take(wait, stop).await? else { return Ok(Step::Stopped) };
        if taken.is_empty() {
            return Ok(Step::Idle);
        }
        let span = tracing::debug_span!("persist_batch", taken = taken.len());
        let count = taken.len();
        let commit = async {
            let batch = self.read(taken).await;
            #[cfg(feature = "planted-faults")]
            frontdesk_ports::planted::Place::BeforeCommit.pass();
            match self.queue.keeping(&batch.deliveries, self.write(&batch.records, stop)).await {
                Ok(outcome) => {
                    #[cfg(feature = "planted-faults")]
                    frontdesk_ports::planted::Place::AfterCommit.pass();
                    Ok(Step::Committed(count, batch, outcome))
                }
                Err(crate::bisect::Stopped) => Ok(Step::Stopped),
            }
        };
        commit.instrument(span).await
    }

    /// Reads what was taken; what cannot be read is parked, and the rest flows.
    async fn read(&self, taken: Vec<Delivery>) -> Batch {
        let (mut batch, mut unreadable) = (Batch::default(), Vec::new());
        for delivery in taken {
            match Envelope::decode(&delivery.payload) {
                Ok(envelope) => {
                    #[cfg(feature = "planted-faults")]
                    self.relog(&delivery, &envelope).await;
                    batch.records.push(Record { log_seq: delivery.log_seq, envelope });
                    batch.deliveries.push(delivery);
                }
                Err(error) => unreadable.push((delivery, Fate::Park(with_causes(&error)))),
            }
        }
        if let Err(error) = self.queue.settle(unreadable).await {
            // It comes again; the rest need not wait for that.
            self.queue.status().went_wrong(&error);
        }
        batch
    }
}
