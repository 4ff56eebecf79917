//! How long records recently took from the log to the database, as far as sampling can tell.

use std::time::Duration;

/// Latencies of the last minute or so, in buckets that grow by half an octave.
#[derive(Debug, Default)]
pub(super) struct LatencyWindow {
    recent: Classes,
    before: Classes,
    /// Monotonic time at which `recent` began.
    since: Duration,
}

type Classes = [u64; CLASSES];

impl LatencyWindow {
    /// Adds `count` records that took `time`, at `now` on the monotonic clock.
    pub(super) fn add(&mut self, now: Duration, time: Duration, count: u64) {
        self.turn(now);
        let class = (0..CLASSES - 1).find(|class| time <= bound(*class)).unwrap_or(CLASSES - 1);
        self.recent[class] += count;
    }

    /// The 99th percentile, rounded up to a bucket; zero when nothing is known.
    pub(super) fn p99(&mut self, now: Duration) -> Duration {
        self.turn(now);
        let counts = || self.recent.iter().zip(&self.before).map(|(recent, before)| recent + before);
        let slow_ones = counts().sum::<u64>() / 100;
        let mut slower = 0;
        for (class, count) in counts().enumerate().collect::<Vec<_>>().into_iter().rev() {
            slower += count;
            if slower > slow_ones {
                return bound(class);
            }
        }
        Duration::ZERO
    }

    fn turn(&mut self, now: Duration) {
        let age = now.saturating_sub(self.since);
        if age >= HALF {
            let recent = std::mem::take(&mut self.recent);
            self.before = if age < HALF * 2 { recent } else { Classes::default() };
            self.since = now;
        }
    }
}

/// The upper bound of a bucket: 10 ms, 14 ms, 20 ms, and so on up to some five minutes.
fn bound(class: usize) -> Duration {
    Duration::from_millis(10).mul_f64(2_f64.powf(class as f64 / 2.0))
}

const CLASSES: usize = 31;

/// A latency counts for at least this long and at most twice as long.
const HALF: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn one_slow_record_in_a_hundred_does_not_count_and_two_do() {
        let mut latencies = LatencyWindow::default();
        assert_eq!(latencies.p99(SECOND), Duration::ZERO);
        latencies.add(SECOND, Duration::from_millis(15), 199);
        latencies.add(SECOND, SECOND * 8, 1);
        assert_eq!(latencies.p99(SECOND), Duration::from_millis(20));
        latencies.add(SECOND, SECOND * 8, 2);
        assert!((SECOND * 8..SECOND * 12).contains(&latencies.p99(SECOND)));
    }

    #[test]
    fn what_is_a_minute_old_is_forgotten() {
        let mut latencies = LatencyWindow::default();
        latencies.add(SECOND, SECOND, 10);
        latencies.add(HALF + SECOND, Duration::from_millis(10), 10);
        assert!(latencies.p99(HALF + SECOND) >= SECOND);
        assert_eq!(latencies.p99(HALF * 2 + SECOND * 2), Duration::from_millis(10));
        assert_eq!(latencies.p99(HALF * 9), Duration::ZERO);
    }
}
