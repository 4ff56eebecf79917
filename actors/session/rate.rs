//! How many frames a session may send: the generic cell rate algorithm (GCRA), in one number.
//!
//! A limiter of the `governor` crate takes 40 bytes and more for each session, and there may be 100,000; this one takes
//! 8.

use std::time::Duration;

use frontdesk_config::SessionSettings;

use super::moment::Moment;

/// A token bucket, kept as the moment at which it will be full again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    full_at: Moment,
}

impl Bucket {
    /// A full one, with as much as the settings allow at once.
    pub(super) fn new(now: Duration) -> Self {
        Self { full_at: Moment::at(now) }
    }

    /// Takes one token, or says after how long there is one.
    pub(super) fn take(&mut self, settings: &SessionSettings, now: Duration) -> Result<(), Duration> {
        let interval = Duration::from_secs(1) / settings.commands_per_second.max(1);
        let tolerance = interval * settings.commands_burst.saturating_sub(1);
        let begin = self.full_at.time().max(now);
        match (begin - now).checked_sub(tolerance) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                self.full_at = Moment::at(begin + interval);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let mut settings = frontdesk_config::Settings::load(None, []).unwrap().session;
        (settings.commands_per_second, settings.commands_burst) = (10, 3);
        let mut bucket = Bucket::new(Duration::ZERO);
        let mut take = |milliseconds| bucket.take(&settings, Duration::from_millis(milliseconds));
        assert!((0..3).all(|_| take(0).is_ok()));
        assert_eq!(take(0), Err(Duration::from_millis(100)));
        assert!(take(100).is_ok());
        assert!(take(150).is_err());
        assert_eq!((take(10_000), take(10_000), take(10_000)), (Ok(()), Ok(()), Ok(())), "a pause saves up a burst");
        assert_eq!(take(10_000), Err(Duration::from_millis(100)), "and no more");
    }
}
