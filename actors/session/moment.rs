//! When something was, in eight bytes: a session keeps several of these.

use std::{num::NonZeroU64, time::Duration};

/// A moment of the monotonic clock, to the nanosecond; good for 584 years of one process. `Option` of it takes no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(NonZeroU64);

impl Moment {
    /// The moment that the monotonic clock shows as `time`.
    pub(super) fn at(time: Duration) -> Self {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self(NonZeroU64::MIN.saturating_add(nanoseconds))
    }

    /// What the monotonic clock showed.
    pub(super) const fn time(self) -> Duration {
        Duration::from_nanos(self.0.get() - 1)
    }

    /// How long ago that is.
    pub(super) const fn until(self, now: Duration) -> Duration {
        now.saturating_sub(self.time())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_of_a_time() {
        for time in [Duration::ZERO, Duration::from_nanos(1), Duration::new(9_999_999, 123_456_789)] {
            assert_eq!(Moment::at(time).time(), time);
        }
        let moment = Moment::at(Duration::from_secs(5));
        assert_eq!(moment.until(Duration::from_secs(7)), Duration::from_secs(2));
        assert_eq!(moment.until(Duration::ZERO), Duration::ZERO);
    }
}
