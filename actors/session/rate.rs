//! How many frames a session may send: a token bucket.

use std::time::Duration;

#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    tokens: f64,
    burst: u32,
    per_second: u32,
    at: Duration,
}

impl Bucket {
    pub(super) fn new(per_second: u32, burst: u32, now: Duration) -> Self {
        Self { tokens: f64::from(burst), burst, per_second, at: now }
    }

    /// Takes one token, or says after how long there is one.
    pub(super) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let per_second = f64::from(self.per_second);
        let gained = now.saturating_sub(self.at).as_secs_f64() * per_second;
        self.at = now;
        self.tokens = (self.tokens + gained).min(f64::from(self.burst));
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
        let mut bucket = Bucket::new(10, 3, Duration::ZERO);
        assert!((0..3).all(|_| bucket.take(Duration::ZERO).is_ok()));
        assert_eq!(bucket.take(Duration::ZERO), Err(Duration::from_millis(100)));
        assert!(bucket.take(Duration::from_millis(100)).is_ok());
        assert!(bucket.take(Duration::from_millis(150)).is_err());
    }
}
