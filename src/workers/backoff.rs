//! Waiting longer each time, and never in step with others.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The next wait lies between [`Backoff::SHORTEST`] and a bound that doubles with each failure.
#[derive(Debug)]
pub(crate) struct Backoff {
    bound: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { bound: Self::SHORTEST }
    }
}

impl Backoff {
    const SHORTEST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(2);

    /// The next wait.
    pub(crate) fn next(&mut self) -> Duration {
        self.bound = (self.bound * 2).min(Self::LONGEST);
        let span = self.bound - Self::SHORTEST;
        // The last 32 bits of a random UUID are random, and need no generator of our own.
        let random = Uuid::new_v4().as_u128() as u32;
        Self::SHORTEST + span.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }

    /// Waits, or until `stop`.
    pub(crate) async fn pause(&mut self, stop: &CancellationToken) {
        let wait = self.next();
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// All is well again.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

/// How long to leave a delivery alone that was handed out `attempt` times in vain: a quarter of a second, doubling up to
/// half a minute.
pub(crate) fn delay_after(attempt: u64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(7);
    (Duration::from_millis(250) * (1 << doublings)).min(Duration::from_secs(30))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_within_their_bounds_and_begin_anew_after_success() {
        let mut backoff = Backoff::default();
        assert!(backoff.next() <= Duration::from_millis(100));
        let waits: Vec<_> = (0..200).map(|_| backoff.next()).collect();
        assert!(waits.iter().all(|wait| (Backoff::SHORTEST..=Backoff::LONGEST).contains(wait)));
        assert!(waits.iter().any(|wait| *wait > Duration::from_secs(1)));
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(100));
    }

    #[test]
    fn deliveries_are_left_alone_for_longer_each_time() {
        assert_eq!(delay_after(1), Duration::from_millis(250));
        assert_eq!(delay_after(3), Duration::from_secs(1));
        assert_eq!(delay_after(u64::MAX), Duration::from_secs(30));
    }
}
