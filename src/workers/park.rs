//! Stores as dead letters what the broker does not deliver any more.

use std::{sync::Arc, time::Duration};

use frontdesk_config::Role;
use frontdesk_ports::{DeadLetters, GivenUpRecords, ParkedLetters};
use tokio_util::sync::CancellationToken;

use crate::kit::{DeadLetterUnit, Status, StepOutcome, Worker, WorkerContext, WorkerError};

/// Stores each record that a consumer stopped delivering, and keeps the gauge of dead letters.
///
/// Queues of our own deliver a record until it is acknowledged, so they stop only if their configuration was changed; the
/// consumers of bridges and integrators do stop.
pub struct ParkWorker {
    given_up: Arc<dyn GivenUpRecords>,
    dead_letters: Arc<dyn DeadLetters>,
    parked: Arc<dyn ParkedLetters>,
    status: Arc<Status>,
}

/// Records taken at a time; each is read from its stream.
const BATCH: usize = 32;

impl Worker for ParkWorker {
    const ROLE: Role = Role::named("park");
    const DEAD_LETTERS: DeadLetterUnit = DeadLetterUnit::None;

    fn new(context: &WorkerContext) -> Self {
        let ports = context.ports();
        Self {
            given_up: ports.given_up.clone(),
            dead_letters: ports.dead_letters.clone(),
            parked: ports.parked.clone(),
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
            taken = self.given_up.take(BATCH, wait) => taken?,
        };
        let count = taken.len();
        for given_up in taken {
            self.dead_letters.park(&given_up.letter).await?;
            given_up.handle.ack().await?;
        }
        metrics::gauge!("desk_dead_letters").set(self.parked.count().await? as f64);
        self.status.went_well();
        Ok(if count == 0 { StepOutcome::Idle } else { StepOutcome::Worked(count) })
    }
}
