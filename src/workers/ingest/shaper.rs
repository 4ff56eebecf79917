//! Limits how fast the messages of one inbox are filed.
//!
//! Not `governor`: that says that a message is over the limit and keeps no place for it, so retried messages would
//! compete again.

use std::{collections::HashMap, time::Duration};

use frontdesk_domain::InboxKey;

/// A token bucket for each inbox that reserves: a message over the limit is told when it may be filed, and keeps that
/// place.
pub(super) struct Shaper {
    interval: Duration,
    /// The next moment to reserve, up to a second ahead of the clock: that much may be used at once.
    next: HashMap<InboxKey, Duration>,
}

impl Shaper {
    pub(super) fn new(per_second: u32) -> Self {
        Self { interval: BURST / per_second.max(1), next: HashMap::new() }
    }

    /// When the next message of `channel` may be filed; `now` if it need not wait. Each call reserves one place.
    pub(super) fn turn(&mut self, channel: InboxKey, now: Duration) -> Duration {
        if self.next.len() >= KEPT {
            // A moment in the past says only that the whole burst is free.
            self.next.retain(|_, next| *next > now);
        }
        let next = self.next.entry(channel).or_default();
        let turn = (*next).max(now);
        *next = turn + self.interval;
        (turn + self.interval).saturating_sub(BURST).max(now)
    }
}

/// What may be used at once after a pause.
const BURST: Duration = Duration::from_secs(1);

/// Above this number of inboxes, those at rest are forgotten.
const KEPT: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::{InboxId, TenantId};
    use uuid::Uuid;

    fn channel(number: u128) -> InboxKey {
        InboxKey { tenant: TenantId(Uuid::nil()), inbox: InboxId(Uuid::from_u128(number)) }
    }

    fn waits(shaper: &mut Shaper, of: InboxKey, now: Duration, count: usize) -> Vec<u128> {
        (0..count).map(|_| (shaper.turn(of, now) - now).as_millis()).collect()
    }

    #[test]
    fn a_second_of_it_goes_at_once_and_the_rest_is_told_its_turn() {
        let mut shaper = Shaper::new(4);
        let at = Duration::from_secs;
        assert_eq!(waits(&mut shaper, channel(1), at(0), 6), [0, 0, 0, 0, 250, 500]);
        assert_eq!(waits(&mut shaper, channel(2), at(0), 2), [0, 0], "another inbox has its own");
        assert_eq!(waits(&mut shaper, channel(1), at(1), 3), [0, 0, 250], "two of the four were promised before");
        assert_eq!(waits(&mut shaper, channel(1), at(60), 5), [0, 0, 0, 0, 250], "a pause saves up no more than that");
    }

    #[test]
    fn inboxes_that_are_quiet_are_forgotten() {
        let mut shaper = Shaper::new(100);
        for number in 0..5_000 {
            shaper.turn(channel(number), Duration::from_secs(number as u64));
        }
        assert!(shaper.next.len() <= KEPT, "{}", shaper.next.len());
    }
}
