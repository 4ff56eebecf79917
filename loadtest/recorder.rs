//! What happened to each message, and how long it took.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU8, AtomicU64, Ordering},
};

use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::time::Instant;

use crate::schedule::Schedule;

/// Records a run; shared by all sockets.
#[derive(Debug)]
pub(crate) struct Recorder {
    schedule: Schedule,
    accepted: Vec<AtomicU8>,
    arrived: Vec<AtomicU8>,
    latencies: Mutex<Latencies>,
    counts: Counts,
    complaints: Mutex<Vec<String>>,
}

/// Times in microseconds.
#[derive(Debug)]
pub(crate) struct Latencies {
    /// From when it was due until the sender knew that it will never be lost.
    pub(crate) accepted: Histogram<u64>,
    /// From when it was due until it arrived at the other side's socket.
    pub(crate) delivered: Histogram<u64>,
    /// From when it was due until the sender knew that it is in the database.
    pub(crate) persisted: Histogram<u64>,
    /// From when it was due until it was handed to the socket: the load generator's own doing.
    pub(crate) lateness: Histogram<u64>,
}

/// Things counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Refusals that asked to try again.
    pub(crate) retries: AtomicU64,
    /// Frames received, of any kind.
    pub(crate) frames: AtomicU64,
}

/// What became of all messages.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Tally {
    /// Messages that were due.
    pub(crate) sent: usize,
    /// Of them, those accepted.
    pub(crate) accepted: usize,
    /// Of them, those that arrived once or more.
    pub(crate) arrived: usize,
    /// Arrivals beyond the first of each.
    pub(crate) doubled: usize,
}

impl Recorder {
    pub(crate) fn new(schedule: Schedule) -> Self {
        let none = || (0..schedule.messages()).map(|_| AtomicU8::new(0)).collect();
        let empty = || Histogram::new_with_bounds(1, 120_000_000, 3).expect("these bounds are valid");
        let latencies = Latencies { accepted: empty(), delivered: empty(), persisted: empty(), lateness: empty() };
        Self {
            schedule,
            accepted: none(),
            arrived: none(),
            latencies: Mutex::new(latencies),
            counts: Counts::default(),
            complaints: Mutex::default(),
        }
    }

    /// The schedule of the run.
    pub(crate) const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Things counted.
    pub(crate) const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Message `number` is handed to the socket.
    pub(crate) fn sent(&self, number: usize, at: Instant) {
        self.time(number, at, |latencies| &mut latencies.lateness);
    }

    /// The sender knows that message `number` is in the log. Says whether that is news.
    pub(crate) fn accepted(&self, number: usize, at: Instant) -> bool {
        let news = self.accepted[number].fetch_add(1, Ordering::Relaxed) == 0;
        if news {
            self.time(number, at, |latencies| &mut latencies.accepted);
        }
        news
    }

    /// Message `number` came to the other side.
    pub(crate) fn arrived(&self, number: usize, at: Instant) {
        if self.arrived[number].fetch_add(1, Ordering::Relaxed) == 0 {
            self.time(number, at, |latencies| &mut latencies.delivered);
        }
    }

    /// The sender knows that message `number` is in the database.
    pub(crate) fn persisted(&self, number: usize, at: Instant) {
        self.time(number, at, |latencies| &mut latencies.persisted);
    }

    /// Something is wrong with the server.
    pub(crate) fn complain(&self, what: String) {
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if complaints.len() < MOST_COMPLAINTS {
            complaints.push(what);
        }
    }

    /// What is wrong with the server; the first few things.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What became of all messages, so far.
    pub(crate) fn tally(&self) -> Tally {
        let at_least_once =
            |counts: &[AtomicU8]| counts.iter().filter(|count| count.load(Ordering::Relaxed) > 0).count();
        let beyond = self.arrived.iter().map(|count| usize::from(count.load(Ordering::Relaxed)).saturating_sub(1));
        Tally {
            sent: self.schedule.messages(),
            accepted: at_least_once(&self.accepted),
            arrived: at_least_once(&self.arrived),
            doubled: beyond.sum(),
        }
    }

    /// The times, so far.
    pub(crate) fn with_latencies<T>(&self, read: impl FnOnce(&Latencies) -> T) -> T {
        read(&self.latencies.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn time(&self, number: usize, at: Instant, which: impl FnOnce(&mut Latencies) -> &mut Histogram<u64>) {
        if self.schedule.counts(number) {
            let took = at.saturating_duration_since(self.schedule.due(number));
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
            let mut latencies = self.latencies.lock().unwrap_or_else(PoisonError::into_inner);
            which(&mut latencies).saturating_record(micros);
        }
    }
}

const MOST_COMPLAINTS: usize = 20;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn latencies_count_from_when_a_message_was_due() {
        let begin = Instant::now();
        let recorder = Recorder::new(Schedule::steady(begin, 1, 1, 0, 2));
        assert!(recorder.accepted(1, begin + Duration::from_millis(1_250)));
        assert!(!recorder.accepted(1, begin + Duration::from_millis(1_900)));
        recorder.arrived(0, begin + Duration::from_millis(5));
        recorder.arrived(0, begin + Duration::from_millis(9));
        recorder.with_latencies(|latencies| {
            assert!((249_000..=251_000).contains(&latencies.accepted.max()), "{}", latencies.accepted.max());
            assert_eq!(latencies.delivered.len(), 1);
        });
        let tally = recorder.tally();
        assert_eq!((tally.sent, tally.accepted, tally.arrived, tally.doubled), (2, 1, 1, 1));
    }
}
