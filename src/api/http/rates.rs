//! Rate limits that this node counts by itself, one bucket for each key.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use frontdesk_ports::Clock;
use governor::{Quota, RateLimiter, clock, middleware::NoOpMiddleware, state::keyed::HashMapStateStore};
use uuid::Uuid;

/// A rate in the long run, and the burst that may follow a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests per second in the long run; 0 counts as 1.
    pub per_second: u32,
    /// Requests that may come at once after a pause; 0 counts as 1.
    pub burst: u32,
}

/// What a rate is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RateLimitKey {
    Network(IpAddr),
    Member(Uuid),
}

/// One limiter of `rate` for each key. Keys whose bucket is full again are forgotten, so memory follows the keys in
/// use.
pub(crate) struct KeyedRates {
    limiter: RateLimiter<RateLimitKey, HashMapStateStore<RateLimitKey>, PortClock, NoOpMiddleware<Duration>>,
    clock: PortClock,
    /// Number of keys at which those with a full bucket are removed next.
    clean_at: AtomicUsize,
}

impl KeyedRates {
    pub(crate) fn new(rate: Rate, clock: Arc<dyn Clock>) -> Self {
        let clock = PortClock(clock);
        let quota = Quota::per_second(at_least_one(rate.per_second)).allow_burst(at_least_one(rate.burst));
        let limiter = RateLimiter::hashmap_with_clock(quota, clock.clone());
        Self { limiter, clock, clean_at: AtomicUsize::new(FEW) }
    }

    /// Takes one token of `key`.
    ///
    /// # Errors
    /// The bucket is empty; the error says how long until it holds a token.
    pub(crate) fn take(&self, key: RateLimitKey) -> Result<(), Duration> {
        if self.limiter.len() >= self.clean_at.load(Ordering::Relaxed) {
            self.limiter.retain_recent();
            self.clean_at.store((self.limiter.len() * 2).max(FEW), Ordering::Relaxed);
        }
        let now = clock::Clock::now(&self.clock);
        self.limiter.check_key(&key).map_err(|not_until| not_until.wait_time_from(now))
    }
}

/// The port's clock as `governor` reads it, so that tests can stop the time.
#[derive(Clone)]
struct PortClock(Arc<dyn Clock>);

impl clock::Clock for PortClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

/// Up to this number of keys nothing is removed.
const FEW: usize = 1_024;

#[cfg(test)]
mod tests {
    use frontdesk_ports::ManualClock;

    use super::*;

    const ONE: RateLimitKey = RateLimitKey::Member(Uuid::from_u128(1));
    const OTHER: RateLimitKey = RateLimitKey::Member(Uuid::from_u128(2));

    fn rates(per_second: u32, burst: u32) -> (KeyedRates, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        clock.advance(Duration::from_secs(5));
        (KeyedRates::new(Rate { per_second, burst }, Arc::<ManualClock>::clone(&clock)), clock)
    }

    #[test]
    fn a_burst_passes_then_the_rate_holds_for_this_key_only() {
        let (rates, clock) = rates(10, 3);
        assert_eq!((0..4).filter(|_| rates.take(ONE).is_ok()).count(), 3);
        assert_eq!(rates.take(ONE), Err(Duration::from_millis(100)));
        assert!(rates.take(OTHER).is_ok());
        clock.advance(Duration::from_millis(100));
        assert!(rates.take(ONE).is_ok());
        assert!(rates.take(ONE).is_err());
        clock.advance(Duration::from_secs(60));
        assert_eq!((0..4).filter(|_| rates.take(ONE).is_ok()).count(), 3, "a pause saves up no more than a burst");
    }

    #[test]
    fn a_rate_of_nothing_counts_as_one_per_second() {
        let (rates, clock) = rates(0, 0);
        assert!(rates.take(ONE).is_ok());
        assert_eq!(rates.take(ONE), Err(Duration::from_secs(1)));
        clock.advance(Duration::from_secs(1));
        assert!(rates.take(ONE).is_ok());
    }

    #[test]
    fn keys_that_went_quiet_are_forgotten() {
        let (rates, clock) = rates(10, 3);
        for key in 0..10_000_u128 {
            clock.advance(Duration::from_secs(1));
            rates.take(RateLimitKey::Member(Uuid::from_u128(key))).unwrap();
        }
        assert!(rates.limiter.len() <= FEW);
    }
}
