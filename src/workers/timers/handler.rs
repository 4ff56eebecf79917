//! What a timer does when it fires.

use std::time::Duration;

use async_trait::async_trait;
use frontdesk_domain::Timer;

use crate::kit::WorkerError;

/// Fires the timers of one kind.
#[async_trait]
pub trait TimerHandler: Send + Sync {
    /// Which kind of timers.
    fn kind(&self) -> &'static str;

    /// Does what the timer was set for. May be called more than once for a timer, and from two processes at once: use
    /// [`Timer::client_id`] or the timer's generation so that this changes nothing. It may also have been cancelled a
    /// moment ago, so whether there is still something to do is checked where it is done.
    ///
    /// # Errors
    /// [`NotFired`]: it is called again.
    async fn fire(&self, timer: &Timer) -> Result<(), NotFired>;
}

/// Why a timer could not be fired now.
#[derive(Debug)]
pub struct NotFired {
    /// When to try again at the earliest; `None` for the usual pause.
    pub after: Option<Duration>,
    /// What is wrong, for the log; `None` when the server is only busy.
    pub error: Option<WorkerError>,
}
