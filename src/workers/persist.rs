//! From the log to the database, in batches, each in one transaction, acknowledged after the commit.

mod acknowledge;
#[cfg(feature = "planted-faults")]
mod planted;
mod report;
mod write;

use std::{sync::Arc, time::Duration};

use frontdesk_config::Role;
use frontdesk_ports::{Clock, Delivery, Record};
use frontdesk_protocol::Envelope;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::kit::{
    DeadLetterUnit, Disposition, Status, StepOutcome, Worker, WorkerContext, WorkerError, bisect,
    queue::{Queue, with_causes},
    steps,
};
use acknowledge::MAX_UNACKNOWLEDGED;
pub(crate) use report::WriteReport;
pub(crate) use write::Writer;

/// Writes every entry of the log to the database, and publishes `persisted` on the ack stream once it is committed.
///
/// A batch is what arrived while the last one was written, so batches grow with the load and no entry waits for others.
#[derive(Clone)]
pub struct PersistWorker {
    queue: Queue,
    writer: Writer,
    clock: Arc<dyn Clock>,
}

/// Deliveries that could be decoded; `deliveries[n]` holds `records[n]`.
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

/// The result of taking and writing a batch.
enum Commit {
    Idle,
    Stopped,
    /// With the number taken, those included that could not be decoded.
    Done(usize, Batch, WriteReport),
}

impl Worker for PersistWorker {
    const ROLE: Role = Role::named("persist");
    const DEAD_LETTERS: DeadLetterUnit = DeadLetterUnit::Conversation;

    fn new(context: &WorkerContext) -> Self {
        let ports = context.ports();
        Self {
            writer: Writer::new(context),
            queue: context.queue(context.settings().persist_batch).reporting_failures(ports.log.clone()),
            clock: ports.clock.clone(),
        }
    }

    fn status(&self) -> &Arc<Status> {
        self.queue.status()
    }

    /// What was written already is recognised when it is delivered again.
    async fn step(&self, wait: Duration, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        match self.commit(wait, stop).await? {
            Commit::Idle => Ok(StepOutcome::Idle),
            Commit::Stopped => Ok(StepOutcome::Stopped),
            Commit::Done(taken, batch, report) => {
                self.acknowledge(batch, &report).await?;
                Ok(StepOutcome::Worked(taken))
            }
        }
    }

    /// While batches are acknowledged, the next ones are already written.
    async fn run(self, stop: CancellationToken) {
        let (committed, unacknowledged) = mpsc::channel(MAX_UNACKNOWLEDGED);
        let acknowledging = tokio::spawn(self.clone().acknowledge_all(unacknowledged).in_current_span());
        steps::run(self.queue.status(), &stop, async || match self.commit(steps::WAIT, &stop).await? {
            Commit::Idle => Ok(StepOutcome::Idle),
            Commit::Stopped => Ok(StepOutcome::Stopped),
            Commit::Done(taken, batch, report) => {
                // The receiver is gone only if acknowledging panicked. Then this worker ends too and is started again,
                // and what was not acknowledged is delivered again.
                let is_received = committed.send((batch, report)).await.is_ok();
                Ok(if is_received { StepOutcome::Worked(taken) } else { StepOutcome::Stopped })
            }
        })
        .await;
        // What is committed is acknowledged before the worker ends.
        drop(committed);
        if let Err(error) = acknowledging.await {
            tracing::error!(%error, "acknowledging committed entries ended early; they are delivered again");
        }
    }
}

impl PersistWorker {
    /// Writes a batch and records how long that took.
    async fn write(&self, records: &[Record], stop: &CancellationToken) -> Result<WriteReport, bisect::Stopped> {
        let start = self.clock.monotonic();
        let report = self.writer.write(records, stop).await?;
        metrics::histogram!("desk_persist_batch_size").record(records.len() as f64);
        metrics::histogram!("desk_persist_seconds").record((self.clock.monotonic() - start).as_secs_f64());
        self.writer.show_lag(records.iter().map(|record| record.envelope.entry.at).max());
        Ok(report)
    }

    /// Takes a batch and writes it; gaps in it are filled from the log.
    async fn commit(&self, wait: Duration, stop: &CancellationToken) -> Result<Commit, WorkerError> {
        let Some(taken) = self.queue.take(wait, stop).await? else { return Ok(Commit::Stopped) };
        if taken.is_empty() {
            return Ok(Commit::Idle);
        }
        let span = tracing::debug_span!("persist_batch", taken = taken.len());
        let count = taken.len();
        let commit = async {
            let batch = self.read(taken).await;
            // A batch was taken; the database was not asked.
            fail::fail_point!("before-commit", |_| std::process::abort());
            match self.queue.keeping(&batch.deliveries, self.write(&batch.records, stop)).await {
                Ok(report) => {
                    // The database has committed; the senders were not told.
                    fail::fail_point!("after-commit", |_| std::process::abort());
                    Ok(Commit::Done(count, batch, report))
                }
                Err(bisect::Stopped) => Ok(Commit::Stopped),
            }
        };
        commit.instrument(span).await
    }

    /// Decodes what was taken; what cannot be decoded becomes a dead letter.
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
                Err(error) => unreadable.push((delivery, Disposition::DeadLetter(with_causes(&error)))),
            }
        }
        if let Err(error) = self.queue.settle(unreadable).await {
            // Those are delivered again; the rest need not wait for that.
            self.queue.status().went_wrong(&error);
        }
        batch
    }
}
