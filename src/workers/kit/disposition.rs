//! What becomes of a delivery.

use std::time::Duration;

/// What becomes of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// It has had its effect, now or before.
    Ack,
    /// It is to be delivered again after this time.
    Retry(Duration),
    /// It can never have its effect, for this reason, which quotes nothing that people wrote unless they are operators'
    /// words for the dead letter alone.
    DeadLetter(String),
}

/// How long a delivery waits before it is delivered again, the `attempt`-th time it failed: 250 ms, doubling up to 30
/// s.
pub(crate) fn delay_after(attempt: u64) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    Duration::from_millis(250).saturating_mul(1 << doublings).min(Duration::from_secs(30))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_doubles_the_delay_up_to_half_a_minute() {
        assert_eq!(delay_after(1), Duration::from_millis(250));
        assert_eq!(delay_after(3), Duration::from_secs(1));
        assert_eq!(delay_after(u64::MAX), Duration::from_secs(30));
    }
}
