//! The pause between two attempts to reach the broker.

use std::time::Duration;

use tokio::time::sleep;

/// Doubles the longest pause after each attempt, from 50 ms up to 2 s. Each pause is a random part of it (full jitter),
/// so that many nodes do not dial at the same moment.
pub(crate) struct Backoff {
    longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { longest: FIRST }
    }
}

impl Backoff {
    pub(crate) async fn wait(&mut self) {
        sleep(self.longest.mul_f64(fastrand::f64())).await;
        self.longest = (self.longest * 2).min(MOST);
    }
}

const FIRST: Duration = Duration::from_millis(50);
const MOST: Duration = Duration::from_secs(2);
