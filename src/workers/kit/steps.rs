//! Takes steps until the worker is stopped, and retries database writes while the database is unavailable.

use std::time::Duration;

use frontdesk_ports::StoreError;
use tokio_util::sync::CancellationToken;

use super::{backoff::Backoff, error::WorkerError, status::Status};

/// The result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepOutcome {
    /// There was nothing to do.
    Idle,
    /// So many records were settled, or handed back to be delivered again.
    Worked(usize),
    /// The worker was stopped before it was done. What it had taken is delivered again.
    Stopped,
}

/// How long a step waits for deliveries: short enough to keep gauges fresh, long enough to cost nothing.
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
            // The worker itself reports success or failure: part of the batch may have to be delivered again.
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
    /// The worker was stopped while the database was unavailable.
    Stopped,
    /// The database refuses it, and would refuse it again.
    Refused(StoreError),
}

/// Writes, and retries for as long as the database is unavailable and `stop` is not cancelled.
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
