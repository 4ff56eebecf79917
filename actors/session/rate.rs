//! How many frames a session may send: a token bucket.

use std::time::Duration;

use frontdesk_config::SessionSettings;

use super::moment::Moment;

#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    tokens: f64,
    at: Moment,
}

impl Bucket {
    /// A full one, with as much as `settings` allow at once.
    pub(super) fn new(settings: &SessionSettings, now: Duration) -> Self {
        Self { tokens: f64::from(settings.commands_burst), at: Moment::at(now) }
    }

    /// Takes one token, or says after how long there is one.
    pub(super) fn take(&mut self, settings: &SessionSettings, now: Duration) -> Result<(), Duration> {
        let per_second = f64::from(settings.commands_per_second);
        let gained = self.at.until(now).as_secs_f64() * per_second;
        self.at = Moment::at(now);
        self.tokens = (self.tokens + gained).min(f64::from(settings.commands_burst));
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - self.tokens) / per_second.max(f64::EPSILON)))
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
        let mut bucket = Bucket::new(&settings, Duration::ZERO);
        let mut take = |milliseconds| bucket.take(&settings, Duration::from_millis(milliseconds));
        assert!((0..3).all(|_| take(0).is_ok()));
        assert_eq!(take(0), Err(Duration::from_millis(100)));
        assert!(take(100).is_ok());
        assert!(take(150).is_err());
    }
}
