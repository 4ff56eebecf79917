//! Waiting for a condition with a deadline.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

/// How long anything may take. Generous: on a busy machine a test should be slow, not red.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Asks `condition` again and again until it gives something.
///
/// # Panics
/// When it has not within [`DEADLINE`]; `what` says in the message what was waited for.
pub async fn until<T>(what: &str, condition: impl AsyncFnMut() -> Option<T>) -> T {
    let found = eventually(condition).await;
    found.unwrap_or_else(|| panic!("waited {DEADLINE:?} in vain: {what}"))
}

/// As [`until`], and `None` when it has not within [`DEADLINE`].
pub async fn eventually<T>(mut condition: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let found = condition().await;
        if found.is_some() || Instant::now() >= deadline {
            return found;
        }
        sleep(PAUSE).await;
    }
}

/// Awaits `future`.
///
/// # Panics
/// When it has not ended within [`DEADLINE`]; `what` says in the message what was waited for.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("waited {DEADLINE:?} in vain: {what}"))
}

/// Pause between two checks of a condition.
const PAUSE: Duration = Duration::from_millis(20);
