//! Limits of rates that this node counts by itself: one number for each key, no waiting, bounded memory.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use uuid::Uuid;

/// So much in the long run, and so much at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub per_second: u32,
    /// At once after a pause.
    pub burst: u32,
}

/// Whose rate is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RateLimitKey {
    Network(IpAddr),
    Member(Uuid),
}

/// A token bucket for each key, kept as the moment at which the bucket will be full again (GCRA).
pub(crate) struct Buckets {
    interval: Duration,
    tolerance: Duration,
    full_at: Mutex<(HashMap<RateLimitKey, Duration>, usize)>,
}

/// Fewer keys than this are not worth looking through for old ones.
const FEW: usize = 1_024;

impl Buckets {
    pub(crate) fn new(rate: Rate) -> Self {
        let interval = Duration::from_secs(1) / rate.per_second.max(1);
        let tolerance = interval * rate.burst.max(1).saturating_sub(1);
        Self { interval, tolerance, full_at: Mutex::new((HashMap::new(), FEW)) }
    }

    /// Takes one for `key` at `now`; or says how long to wait.
    pub(crate) fn take(&self, key: RateLimitKey, now: Duration) -> Result<(), Duration> {
        let mut guard = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let (full_at, look_through_at) = &mut *guard;
        if full_at.len() >= *look_through_at {
            full_at.retain(|_, at| *at > now);
            *look_through_at = (full_at.len() * 2).max(FEW);
        }
        let at = full_at.entry(key).or_insert(now);
        let begin = (*at).max(now);
        let debt = begin - now;
        if debt > self.tolerance {
            return Err(debt - self.tolerance);
        }
        *at = begin + self.interval;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: RateLimitKey = RateLimitKey::Member(Uuid::from_u128(1));
    const OTHER: RateLimitKey = RateLimitKey::Member(Uuid::from_u128(2));

    #[test]
    fn a_burst_passes_then_the_rate_holds_for_this_key_only() {
        let buckets = Buckets::new(Rate { per_second: 10, burst: 3 });
        let now = Duration::from_secs(5);
        assert_eq!((0..4).filter(|_| buckets.take(ONE, now).is_ok()).count(), 3);
        let wait = buckets.take(ONE, now).unwrap_err();
        assert_eq!(wait, Duration::from_millis(100));
        assert!(buckets.take(OTHER, now).is_ok());
        assert!(buckets.take(ONE, now + wait).is_ok());
        assert!(buckets.take(ONE, now + wait).is_err());
    }

    #[test]
    fn keys_that_went_quiet_are_forgotten() {
        let buckets = Buckets::new(Rate { per_second: 10, burst: 3 });
        for key in 0..10_000_u128 {
            let now = Duration::from_secs(u64::try_from(key).unwrap());
            buckets.take(RateLimitKey::Member(Uuid::from_u128(key)), now).unwrap();
        }
        assert!(buckets.full_at.lock().unwrap().0.len() <= FEW);
    }
}
