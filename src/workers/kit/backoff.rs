//! Pauses between failed attempts.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio_util::sync::CancellationToken;

/// Pauses that double with each failure, with jitter so that workers do not retry in step.
#[derive(Debug)]
pub(crate) struct Backoff(ExponentialBackoff);

impl Default for Backoff {
    fn default() -> Self {
        // With jitter a pause is up to twice as long.
        let pauses = ExponentialBuilder::default().with_min_delay(SHORTEST).with_max_delay(LONGEST / 2);
        Self(pauses.with_jitter().without_max_times().build())
    }
}

impl Backoff {
    fn next(&mut self) -> Duration {
        self.0.next().unwrap_or(LONGEST)
    }

    /// Pauses, or until `stop`.
    pub(crate) async fn pause(&mut self, stop: &CancellationToken) {
        let pause = self.next();
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }

    /// Begins again with the shortest pause, after a success.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_within_their_bounds_and_begin_anew_after_a_success() {
        let mut backoff = Backoff::default();
        assert!(backoff.next() <= SHORTEST * 2);
        let pauses: Vec<_> = (0..200).map(|_| backoff.next()).collect();
        assert!(pauses.iter().all(|pause| (SHORTEST..=LONGEST).contains(pause)), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause > Duration::from_secs(1)));
        backoff.reset();
        assert!(backoff.next() <= SHORTEST * 2);
    }
}
