//! What every worker is.

use std::{sync::Arc, time::Duration};

use frontdesk_config::Role;
use tokio_util::sync::CancellationToken;

use super::{
    context::WorkerContext,
    error::WorkerError,
    status::Status,
    steps::{self, StepOutcome},
};

/// One kind of background work, done in steps by any number of processes at once.
///
/// A worker can be killed at any instruction: a delivery is acknowledged only after its effect, and each effect may be
/// repeated.
pub trait Worker: Send + Sync + Sized + 'static {
    /// Its row in the table of roles.
    const ROLE: Role;

    /// How dead letters of its queue are redelivered.
    const DEAD_LETTERS: DeadLetterUnit;

    /// Makes one from what it needs of `context`.
    fn new(context: &WorkerContext) -> Self;

    /// Where it reports how it is doing.
    fn status(&self) -> &Arc<Status>;

    /// Takes one batch, waiting up to `wait` for it, and processes it. A worker without a queue looks once for work
    /// instead.
    ///
    /// Cancel safe: what was taken is delivered again.
    ///
    /// # Errors
    /// [`WorkerError`]: what was not done is done by a later step.
    fn step(
        &self,
        wait: Duration,
        stop: &CancellationToken,
    ) -> impl Future<Output = Result<StepOutcome, WorkerError>> + Send;

    /// How long it pauses before each step. None for a worker whose step waits for deliveries.
    fn pause(&self) -> Option<Duration> {
        None
    }

    /// Takes step after step until `stop`; after a failure with a pause.
    fn run(self, stop: CancellationToken) -> impl Future<Output = ()> + Send {
        async move {
            let step = async || {
                if let Some(pause) = self.pause() {
                    tokio::select! {
                        biased;
                        () = stop.cancelled() => return Ok(StepOutcome::Stopped),
                        () = tokio::time::sleep(pause) => {}
                    }
                }
                self.step(steps::WAIT, &stop).await
            };
            steps::run(self.status(), &stop, step).await;
        }
    }
}

/// How dead letters of a role's queue are redelivered and dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadLetterUnit {
    /// Not at all: the role has no queue, or one whose records are not kept.
    None,
    /// Each dead letter is processed by itself.
    Single,
    /// All of a conversation together, in their order. A dead letter that is missing in the database has held up what
    /// follows it, so dropping one leaves a hole.
    Conversation,
}
