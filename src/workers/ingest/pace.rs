//! How fast the bridges of one inbox may go.

use std::{collections::HashMap, time::Duration};

use frontdesk_domain::InboxKey;

/// A token bucket for each inbox, which gives out moments instead of refusals: whoever is over quota is told when its turn is,
/// and does not have to fight for it again.
pub(super) struct Pace {
    interval: Duration,
    /// The next moment to be given out, a second ahead of the clock: so much may be used up at once.
    next: HashMap<InboxKey, Duration>,
}

impl Pace {
    pub(super) fn new(per_second: u32) -> Self {
        Self { interval: BURST / per_second.max(1), next: HashMap::new() }
    }

    /// When the next message of `channel` may be filed; `now` if it need not wait. Each call uses one up.
    pub(super) fn turn(&mut self, channel: InboxKey, now: Duration) -> Duration {
        if self.next.len() >= KEPT {
            // A moment that has passed says no more than that nothing was used up.
            self.next.retain(|_, next| *next > now);
        }
        let next = self.next.entry(channel).or_default();
        let turn = (*next).max(now);
        *next = turn + self.interval;
        (turn + self.interval).saturating_sub(BURST).max(now)
    }
}

/// What may be used up at once after a pause.
const BURST: Duration = Duration::from_secs(1);

/// Inboxes above which those are looked for that need not be remembered.
const KEPT: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::{InboxId, TenantId};
    use uuid::Uuid;

    fn channel(number: u128) -> InboxKey {
        InboxKey { tenant: TenantId(Uuid::nil()), inbox: InboxId(Uuid::from_u128(number)) }
    }

    fn waits(pace: &mut Pace, of: InboxKey, now: Duration, count: usize) -> Vec<u128> {
        (0..count).map(|_| (pace.turn(of, now) - now).as_millis()).collect()
    }

    #[test]
    fn a_second_of_it_goes_at_once_and_the_rest_is_told_its_turn() {
        let mut pace = Pace::new(4);
        let at = Duration::from_secs;
        assert_eq!(waits(&mut pace, channel(1), at(0), 6), [0, 0, 0, 0, 250, 500]);
        assert_eq!(waits(&mut pace, channel(2), at(0), 2), [0, 0], "another inbox has its own");
        assert_eq!(waits(&mut pace, channel(1), at(1), 3), [0, 0, 250], "two of the four were promised before");
        assert_eq!(waits(&mut pace, channel(1), at(60), 5), [0, 0, 0, 0, 250], "a pause saves up no more than that");
    }

    #[test]
    fn inboxes_that_are_quiet_are_forgotten() {
        let mut pace = Pace::new(100);
        for number in 0..5_000 {
            pace.turn(channel(number), Duration::from_secs(number as u64));
        }
        assert!(pace.next.len() <= KEPT, "{}", pace.next.len());
    }
}
