//! Stores as dead letters what the broker does not deliver any more.

use std::{sync::Arc, time::Duration};

use frontdesk_config::Role;
use frontdesk_ports::{DeadLetterSink, DeadLetterStore, MaxDeliveryNotices};
use tokio_util::sync::CancellationToken;

use crate::kit::{DeadLetterUnit, Status, StepOutcome, Worker, WorkerContext, WorkerError};

/// Stores each record that a consumer stopped delivering, and keeps the gauge of dead letters.
///
/// Queues of our own deliver a record until it is acknowledged, so they stop only if their configuration was changed;
/// the consumers of bridges and integrators do stop.
pub struct ExhaustedWorker {
    max_delivery_notices: Arc<dyn MaxDeliveryNotices>,
    dead_letter_sink: Arc<dyn DeadLetterSink>,
    dead_letters: Arc<dyn DeadLetterStore>,
    status: Arc<Status>,
}

/// Records taken at a time; each is read from its stream.
const BATCH: usize = 32;

impl Worker for ExhaustedWorker {
    const ROLE: Role = Role::named("exhausted");
    const DEAD_LETTERS: DeadLetterUnit = DeadLetterUnit::None;

    fn new(context: &WorkerContext) -> Self {
        let ports = context.ports();
        Self {
            max_delivery_notices: ports.max_delivery_notices.clone(),
            dead_letter_sink: ports.dead_letter_sink.clone(),
            dead_letters: ports.dead_letters.clone(),
            status: context.status().clone(),
        }
    }

    fn status(&self) -> &Arc<Status> {
        &self.status
    }

    /// A notice is acknowledged once its record is stored; storing a record twice has the effect of storing it once.
    async fn step(&self, wait: Duration, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        let taken = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(StepOutcome::Stopped),
            taken = self.max_delivery_notices.take(BATCH, wait) => taken?,
        };
        let count = taken.len();
        for exhausted in taken {
            self.dead_letter_sink.store(&exhausted.dead_letter).await?;
            exhausted.handle.ack().await?;
        }
        metrics::gauge!("desk_dead_letters").set(self.dead_letters.count().await? as f64);
        self.status.went_well();
        Ok(if count == 0 { StepOutcome::Idle } else { StepOutcome::Worked(count) })
    }
}
