//! When each message is due. Fixed before the run, so that a slow server cannot slow down its own examination.

use std::time::Duration;

use tokio::time::Instant;

/// Messages at a steady rate, in turn from each sender.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    begin: Instant,
    interval: Duration,
    pairs: usize,
    messages: usize,
    warmup: usize,
}

/// Which side of a pair sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Contact,
    Agent,
}

impl Schedule {
    /// `rate` messages a second over `pairs` conversations, from `begin` on.
    pub(crate) fn steady(begin: Instant, rate: u32, pairs: usize, warmup: u32, seconds: u32) -> Self {
        let count = |seconds: u32| seconds as usize * rate as usize;
        Self {
            begin,
            interval: Duration::from_secs(1) / rate,
            pairs,
            messages: count(warmup) + count(seconds),
            warmup: count(warmup),
        }
    }

    /// How many messages there are.
    pub(crate) const fn messages(&self) -> usize {
        self.messages
    }

    /// Whether message `number` counts.
    pub(crate) const fn counts(&self, number: usize) -> bool {
        number >= self.warmup
    }

    /// When message `number` is due.
    pub(crate) fn due(&self, number: usize) -> Instant {
        self.begin + self.interval * u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// When the part that counts begins.
    pub(crate) fn measured_from(&self) -> Instant {
        self.due(self.warmup)
    }

    /// Who sends message `number`: each conversation in turn, contacts and agents alternating.
    pub(crate) const fn sender(&self, number: usize) -> (usize, Side) {
        let side = if (number / self.pairs).is_multiple_of(2) { Side::Contact } else { Side::Agent };
        (number % self.pairs, side)
    }

    /// Calls `send` with each number at its time, on this thread; the system's own timer is finer than the runtime's.
    pub(crate) fn run(&self, mut send: impl FnMut(usize)) {
        for number in 0..self.messages {
            let due = self.due(number);
            let wait = due.saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                std::thread::sleep(wait);
            }
            send(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_conversation_gets_its_turn_from_both_sides() {
        let schedule = Schedule::steady(Instant::now(), 10, 3, 1, 2);
        assert_eq!(schedule.messages(), 30);
        assert_eq!((schedule.sender(0), schedule.sender(4)), ((0, Side::Contact), (1, Side::Agent)));
        assert_eq!(schedule.due(10).duration_since(schedule.due(0)), Duration::from_secs(1));
        assert!(!schedule.counts(9) && schedule.counts(10));
    }

    #[test]
    fn nothing_is_sent_before_it_is_due() {
        let schedule = Schedule::steady(Instant::now(), 1000, 1, 0, 1);
        let mut early = 0;
        let few = Schedule { messages: 50, ..schedule };
        few.run(|number| early += usize::from(Instant::now() < schedule.due(number)));
        assert_eq!(early, 0);
    }
}
