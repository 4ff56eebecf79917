//! Time in tests: it stands still while anything can be done, and jumps when everyone waits.

use std::{sync::mpsc, time::Duration};

use frontdesk_domain::Timestamp;
use frontdesk_ports::Clock;
use tokio::time::Instant;

/// A clock that goes as the runtime's timers do.
pub(crate) struct RuntimeClock(Instant);

impl RuntimeClock {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000 + self.monotonic().as_millis() as i64)
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Lets everyone go on until all wait for a time to come, and lets that time come.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// While this is there, no timer of this thread's runtime ends, however busy the machine is.
pub(crate) struct StandStill {
    _goes_on: mpsc::Sender<()>,
}

impl StandStill {
    pub(crate) fn begin() -> Self {
        let (goes_on, end) = mpsc::channel();
        tokio::time::pause();
        // Paused time would jump whenever everyone waits for a socket. It does not while a blocking task is under way,
        // which ends by itself so that a test that waits in vain fails.
        let _until_then = tokio::task::spawn_blocking(move || end.recv_timeout(PATIENCE * 3).is_ok());
        Self { _goes_on: goes_on }
    }
}

impl Drop for StandStill {
    fn drop(&mut self) {
        tokio::time::resume();
    }
}

/// Waits until `done` gives something.
pub(crate) async fn eventually<T>(what: &str, mut done: impl AsyncFnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = done().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// Awaits what must come soon.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

const PATIENCE: Duration = Duration::from_secs(20);
