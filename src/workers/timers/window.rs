//! The timers that this worker has claimed, the next one first.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    time::Duration,
};

use frontdesk_domain::{Timer, TimerKey, Timestamp};

/// Claimed timers by the moment, on the monotonic clock, at which they fire.
///
/// The moment is fixed when a timer is claimed, at most one look-ahead before it is due. A wall clock that steps back
/// in between does not delay it, and one that steps forward does not fire it early.
#[derive(Debug, Default)]
pub(super) struct Window {
    order: BinaryHeap<Reverse<(Duration, u64)>>,
    held: HashMap<u64, Claimed>,
    latest: HashMap<TimerKey, u64>,
    next_id: u64,
}

/// A timer that this worker has claimed, and when it fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claimed {
    /// The stored timer.
    pub(super) timer: Timer,
    /// When it was due, on the monotonic clock. Moments from before the process started count as its start.
    pub(super) due: Duration,
    /// How often it was tried in vain.
    pub(super) failures: u32,
}

impl Window {
    /// Adds a timer claimed just now. An earlier generation of it is dropped.
    pub(super) fn add(&mut self, timer: Timer, now: Timestamp, monotonic: Duration) {
        let away = timer.due_at.0.saturating_sub(now.0);
        let span = Duration::from_millis(away.unsigned_abs());
        let due = if away < 0 { monotonic.saturating_sub(span) } else { monotonic + span };
        self.put(Claimed { timer, due, failures: 0 }, due);
    }

    /// Puts back what could not be fired; it is handed out again at `at`.
    pub(super) fn retry(&mut self, mut claimed: Claimed, at: Duration) {
        claimed.failures += 1;
        if !self.latest.contains_key(&claimed.timer.key) {
            self.put(claimed, at);
        }
    }

    /// Takes up to `limit` timers that are to be fired at `monotonic`.
    pub(super) fn take_due(&mut self, monotonic: Duration, limit: usize) -> Vec<Claimed> {
        let mut due = Vec::new();
        while due.len() < limit
            && let Some(Reverse((at, id))) = self.order.peek().copied()
            && at <= monotonic
        {
            self.order.pop();
            // What is not held any more was replaced.
            if let Some(claimed) = self.held.remove(&id) {
                self.latest.remove(&claimed.timer.key);
                due.push(claimed);
            }
        }
        due
    }

    /// When the next one is to be fired.
    pub(super) fn next_at(&self) -> Option<Duration> {
        self.order.peek().map(|Reverse((at, _))| *at)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// Forgets all, because the claims were lost.
    pub(super) fn clear(&mut self) {
        *self = Self { next_id: self.next_id, ..Self::default() };
    }

    fn put(&mut self, claimed: Claimed, at: Duration) {
        let id = self.next_id;
        self.next_id += 1;
        if let Some(replaced) = self.latest.insert(claimed.timer.key.clone(), id) {
            self.held.remove(&replaced);
        }
        self.held.insert(id, claimed);
        self.order.push(Reverse((at, id)));
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_domain::TenantId;
    use uuid::Uuid;

    use super::*;

    fn timer(id: &str, due_at: i64, generation: u64) -> Timer {
        let key = TimerKey { tenant: TenantId(Uuid::nil()), kind: "snooze".into(), id: id.into() };
        Timer { key, due_at: Timestamp(due_at), generation, payload: String::new() }
    }

    fn ids(due: &[Claimed]) -> Vec<&str> {
        due.iter().map(|claimed| claimed.timer.key.id.as_str()).collect()
    }

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn timers_fire_in_the_order_of_their_moments_and_not_before() {
        let mut window = Window::default();
        for (id, due_at) in [("late", 1_300), ("soon", 1_100), ("over", 200)] {
            window.add(timer(id, due_at, 1), Timestamp(1_000), ms(500));
        }
        assert_eq!(ids(&window.take_due(ms(500), 9)), ["over"]);
        assert_eq!(window.next_at(), Some(ms(600)));
        assert_eq!(ids(&window.take_due(ms(599), 9)), [] as [&str; 0]);
        assert_eq!(ids(&window.take_due(ms(900), 1)), ["soon"]);
        assert_eq!(ids(&window.take_due(ms(900), 9)), ["late"]);
        assert_eq!(window.len(), 0);
    }

    #[test]
    fn a_newer_generation_replaces_the_one_that_waits() {
        let mut window = Window::default();
        window.add(timer("a", 1_100, 1), Timestamp(1_000), ms(0));
        window.add(timer("a", 1_200, 2), Timestamp(1_000), ms(0));
        assert_eq!(window.len(), 1);
        assert_eq!(window.take_due(ms(150), 9), []);
        assert_eq!(window.take_due(ms(200), 9)[0].timer.generation, 2);
    }

    #[test]
    fn what_failed_comes_again_unless_it_was_set_anew() {
        let mut window = Window::default();
        window.add(timer("a", 1_000, 1), Timestamp(1_000), ms(0));
        let failed = window.take_due(ms(0), 9).remove(0);
        window.retry(failed, ms(70));
        assert_eq!(window.take_due(ms(69), 9), []);
        let failed = window.take_due(ms(70), 9).remove(0);
        assert_eq!((failed.failures, failed.due), (1, ms(0)), "it is as late as it is");
        window.add(timer("a", 1_000, 2), Timestamp(1_000), ms(70));
        window.retry(failed, ms(80));
        assert_eq!(window.take_due(ms(99), 9)[0].timer.generation, 2);
        assert_eq!(window.len(), 0);
    }

    #[test]
    fn lost_claims_are_forgotten() {
        let mut window = Window::default();
        window.add(timer("a", 1_000, 1), Timestamp(1_000), ms(0));
        window.clear();
        assert_eq!((window.take_due(ms(9), 9), window.next_at(), window.len()), (vec![], None, 0));
    }
}
