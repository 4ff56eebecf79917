//! Nothing falls silent: what the broker hands out no more becomes a dead letter.

use std::{sync::Arc, time::Duration};

use frontdesk_config::Role;
use frontdesk_ports::{DeadLetters, GivenUpRecords, ParkedLetters};
use tokio_util::sync::CancellationToken;

use crate::{
    deps::WorkerDeps,
    error::WorkerError,
    status::Status,
    steps::{self, StepOutcome},
};

/// Parks each record that a consumer gave up, and shows how many records are parked.
///
/// Our own queues hand a record out until it is acknowledged, so they give nothing up unless somebody changed them; the
/// consumers of bridges and integrators do.
pub struct ParkWorker {
    given_up: Arc<dyn GivenUpRecords>,
    dead_letters: Arc<dyn DeadLetters>,
    parked: Arc<dyn ParkedLetters>,
    status: Arc<Status>,
}

/// Records taken at a time; each is read from its stream.
const BATCH: usize = 32;

impl ParkWorker {
    /// A worker; `status` is told how it is doing.
    #[must_use]
    pub fn new(deps: &WorkerDeps, status: Arc<Status>) -> Self {
        debug_assert_eq!(status.role(), Role::Park);
        let (given_up, dead_letters, parked) = (deps.given_up.clone(), deps.dead_letters.clone(), deps.parked.clone());
        Self { given_up, dead_letters, parked, status }
    }

    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        steps::run(&self.status, &stop, async || self.step(steps::WAIT, &stop).await).await;
    }

    /// Parks what there is, waiting up to `wait` for it.
    ///
    /// Cancel safe: a notice is acknowledged once its record is parked, and parking twice is one with parking once.
    ///
    /// # Errors
    /// [`WorkerError`]: what was taken comes again.
    pub async fn step(&self, wait: Duration, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
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
