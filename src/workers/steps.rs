//! One step after another, until the worker is asked to stop.

use std::time::Duration;

use frontdesk_ports::StoreError;
use tokio_util::sync::CancellationToken;

use crate::{backoff::Backoff, error::WorkerError, status::Status};

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepOutcome {
    /// There was nothing to do.
    Idle,
    /// So many records were dealt with, or handed back to come again.
    Worked(usize),
    /// The worker was asked to stop before it was done. What it had taken comes again.
    Stopped,
}

/// How long a step waits for something to do. Short enough to look after gauges, long enough to cost nothing.
pub(crate) const WAIT: Duration = Duration::from_secs(1);

/// Takes step after step until `stop`; after a failure with a pause.
pub(crate) async fn run<F>(status: &Status, stop: &CancellationToken, mut step: impl FnMut() -> F)
where
    F: Future<Output = Result<StepOutcome, WorkerError>>,
{
    let mut backoff = Backoff::default();
    while !stop.is_cancelled() {
        match step().await {
            Ok(StepOutcome::Stopped) => break,
            Ok(StepOutcome::Idle) => {
                status.went_well();
                backoff.reset();
            }
            // How that went, the worker has said itself: parts of it may have to come again.
            Ok(StepOutcome::Worked(_)) => backoff.reset(),
            Err(error) => {
                status.went_wrong(&error);
                backoff.pause(stop).await;
            }
        }
    }
}

/// Why something was not written.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// The worker was asked to stop while the database was away.
    Stopped,
    /// The database will not have it, however often it is offered.
    Refused(StoreError),
}

/// Writes, and tries again for as long as the database is away and nobody asks to stop.
pub(crate) async fn until_available<T, F>(
    status: &Status,
    stop: &CancellationToken,
    mut write: impl FnMut() -> F,
) -> Result<T, Unwritten>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut backoff = Backoff::default();
    loop {
        match write().await {
            Ok(written) => {
                status.went_well();
                return Ok(written);
            }
            Err(error) if error.is_transient() => {
                status.went_wrong(&error);
                backoff.pause(stop).await;
                if stop.is_cancelled() {
                    return Err(Unwritten::Stopped);
                }
            }
            Err(error) => return Err(Unwritten::Refused(error)),
        }
    }
}
