//! Rate limits by the generic cell rate algorithm: one number for each key, no timers.

use std::{collections::HashMap, time::Duration};

use frontdesk_ports::presence::{Quota, Taken};

/// When each key's quota will be whole again (its theoretical arrival time). A time that has passed says nothing that a
/// missing key does not say.
pub(super) struct Buckets {
    whole_at: HashMap<String, Duration>,
    capacity: usize,
}

impl Buckets {
    pub(super) fn new(capacity: usize) -> Self {
        Self { whole_at: HashMap::new(), capacity: capacity.max(8) }
    }

    pub(super) fn take(&mut self, key: &str, quota: Quota, now: Duration) -> Taken {
        let whole_at = match self.after_one_more(key, quota, now) {
            Ok(whole_at) => whole_at,
            Err(retry_after) => return Taken::Refused { retry_after },
        };
        match self.whole_at.get_mut(key) {
            Some(known) => *known = whole_at,
            None => {
                self.make_room(now);
                self.whole_at.insert(key.to_owned(), whole_at);
            }
        }
        Taken::Granted
    }

    pub(super) fn look(&self, key: &str, quota: Quota, now: Duration) -> Taken {
        match self.after_one_more(key, quota, now) {
            Ok(_) => Taken::Granted,
            Err(retry_after) => Taken::Refused { retry_after },
        }
    }

    pub(super) fn give_back(&mut self, key: &str, quota: Quota) {
        if let Some(whole_at) = self.whole_at.get_mut(key)
            && let Some(interval) = quota.per.checked_div(quota.most)
        {
            *whole_at = whole_at.saturating_sub(interval);
        }
    }

    /// When the quota will be whole again if one is taken now; or how long to wait.
    fn after_one_more(&self, key: &str, quota: Quota, now: Duration) -> Result<Duration, Duration> {
        if quota.most == 0 {
            return Err(quota.per);
        }
        // The window is made of whole intervals, so that rounding neither adds nor takes one.
        let interval = quota.per / quota.most;
        let window = interval * quota.most;
        let known = self.whole_at.get(key).copied();
        // Whatever was counted under a longer quota, no more than all of this one can be used up.
        let whole_at = known.unwrap_or_default().clamp(now, now + window) + interval;
        match whole_at.checked_sub(now + window).filter(|wait| !wait.is_zero()) {
            Some(retry_after) => Err(retry_after),
            None => Ok(whole_at),
        }
    }

    /// Forgets the keys whose quota is whole, which changes nothing; if that is not enough, also the eighth of the
    /// others that is nearest to it, which costs the least. A whole eighth at once, so that a flood of keys pays for
    /// the search only now and then.
    fn make_room(&mut self, now: Duration) {
        if self.whole_at.len() < self.capacity {
            return;
        }
        self.whole_at.retain(|_, whole_at| *whole_at > now);
        let eighth = self.capacity / 8;
        if self.whole_at.len() + eighth <= self.capacity {
            return;
        }
        let mut times: Vec<Duration> = self.whole_at.values().copied().collect();
        let (_, cut, _) = times.select_nth_unstable(eighth.saturating_sub(1));
        let cut = *cut;
        self.whole_at.retain(|_, whole_at| *whole_at > cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota { most: 4, per: Duration::from_secs(8) };

    fn refused(seconds: u64) -> Taken {
        Taken::Refused { retry_after: Duration::from_secs(seconds) }
    }

    #[test]
    fn a_quota_can_be_used_at_once_and_grows_back_evenly() {
        let mut buckets = Buckets::new(100);
        let at = Duration::from_secs;
        for _ in 0..4 {
            assert_eq!(buckets.take("a", QUOTA, at(0)), Taken::Granted);
        }
        assert_eq!(buckets.take("a", QUOTA, at(0)), refused(2));
        assert_eq!(buckets.take("a", QUOTA, at(1)), refused(1));
        assert_eq!(buckets.take("a", QUOTA, at(2)), Taken::Granted);
        assert_eq!(buckets.take("a", QUOTA, at(2)), refused(2));
        assert_eq!(buckets.take("b", QUOTA, at(2)), Taken::Granted, "keys do not share");
    }

    #[test]
    fn rounding_never_grants_more_than_the_quota() {
        let quota = Quota { most: 1_000, per: Duration::from_nanos(1_500) };
        let mut buckets = Buckets::new(100);
        let granted = (0..3_000).filter(|_| buckets.take("a", quota, Duration::ZERO) == Taken::Granted).count();
        assert_eq!(granted, 1_000);
        let nothing = Quota { most: 0, per: Duration::from_secs(1) };
        assert_eq!(buckets.take("b", nothing, Duration::ZERO), refused(1));
    }

    #[test]
    fn a_flood_of_keys_is_bounded_and_forgets_the_least_used_first() {
        let mut buckets = Buckets::new(64);
        for _ in 0..4 {
            buckets.take("busy", QUOTA, Duration::ZERO);
        }
        for stranger in 0..10_000 {
            assert_eq!(buckets.take(&format!("stranger {stranger}"), QUOTA, Duration::ZERO), Taken::Granted);
            assert!(buckets.whole_at.len() <= 64);
        }
        assert_eq!(buckets.take("busy", QUOTA, Duration::ZERO), refused(2));
    }
}
