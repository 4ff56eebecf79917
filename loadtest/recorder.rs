//! What a generator notes while it runs: how long everything took, how often things happened, and what was wrong.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::clock::{Micros, now};

/// Something that takes time. A time counts from when it was due, not from when it was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hop {
    Accepted,
    Delivered,
    Persisted,
    Lateness,
    Connected,
    Back,
    CaughtUp,
    Claimed,
}

/// An event that is counted in each second of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// A message was due.
    Offered,
    /// It was handed to a socket.
    Sent,
    /// Its sender was told that it will never be lost.
    Accepted,
    /// It arrived at a socket of another participant.
    Delivered,
    /// Its sender was told that it is in the database.
    Persisted,
    /// It was refused for good.
    Refused,
    /// Something was refused, and may be tried again.
    BackedOff,
    /// Something was sent again, after a refusal, silence or a new socket.
    Repeated,
    /// A frame was received.
    Frame,
    /// A socket was opened.
    Opened,
    /// A socket ended as we wanted.
    Closed,
    /// A socket ended after the server had said why.
    SentAway,
    /// A socket ended without a word.
    CutOff,
    /// A socket could not be opened.
    ConnectFailed,
    /// Something was missing from what was told live, and was asked for.
    Gap,
    /// The server could not continue what a client held.
    Reset,
    /// A claim was won.
    ClaimWon,
    /// A claim was lost to another agent.
    ClaimLost,
    /// A visitor came and had its talk to the end.
    Visit,
}

/// A stretch of a run, and a second of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Moment {
    /// Number of the measured stretch of the run.
    pub(crate) phase: u16,
    /// When, in whole seconds since the run began; negative: before.
    pub(crate) second: i64,
}

/// Times in microseconds, by when they began.
pub(crate) type Times = BTreeMap<(Moment, Hop), Histogram<u64>>;

/// Records a run; shared by all that talk.
#[derive(Debug)]
pub(crate) struct Recorder {
    begin: Micros,
    times: Vec<Mutex<Times>>,
    counts: Vec<AtomicU64>,
    complaints: Mutex<Vec<String>>,
    /// Why something was refused for now, and how often.
    back_offs: Mutex<BTreeMap<String, u64>>,
    /// Whether no socket should ever end.
    calm: bool,
}

impl Recorder {
    /// Of a run whose seconds count from `begin`; `calm`: without harm done to it.
    pub(crate) fn new(begin: Micros, calm: bool) -> Self {
        Self {
            begin,
            times: (0..SHARDS).map(|_| Mutex::default()).collect(),
            counts: Event::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
            complaints: Mutex::default(),
            back_offs: Mutex::default(),
            calm,
        }
    }

    /// Something of `phase` that was due at `due` is done now.
    pub(crate) fn took(&self, place: usize, phase: u16, hop: Hop, due: Micros) {
        self.took_until(place, phase, hop, due, now());
    }

    /// As [`Recorder::took`], at a moment that was noted.
    pub(crate) fn took_until(&self, place: usize, phase: u16, hop: Hop, due: Micros, at: Micros) {
        let second = (due as i64 - self.begin as i64).div_euclid(1_000_000);
        let mut times = self.times[place % SHARDS].lock().unwrap_or_else(PoisonError::into_inner);
        let times = times.entry((Moment { phase, second }, hop)).or_insert_with(empty);
        // It resizes itself, so nothing is out of its range.
        let _fits = times.record(at.saturating_sub(due).clamp(1, LONGEST));
    }

    /// Counts an event in the current second.
    pub(crate) fn count(&self, event: Event) {
        self.add(event, 1);
    }

    /// Something happened so often.
    pub(crate) fn add(&self, event: Event, times: u64) {
        self.counts[event as usize].fetch_add(times, Ordering::Relaxed);
    }

    /// How often something happened.
    pub(crate) fn counted(&self, event: Event) -> u64 {
        self.counts[event as usize].load(Ordering::Relaxed)
    }

    /// How often everything happened.
    pub(crate) fn counts(&self) -> BTreeMap<Event, u64> {
        Event::ALL.iter().map(|event| (*event, self.counted(*event))).collect()
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

    /// Something was refused, and may be tried again.
    pub(crate) fn backed_off(&self, code: &str) {
        self.count(Event::BackedOff);
        let mut codes = self.back_offs.lock().unwrap_or_else(PoisonError::into_inner);
        match codes.get_mut(code) {
            Some(times) => *times += 1,
            None => drop(codes.insert(code.to_owned(), 1)),
        }
    }

    /// Why something was refused for now, and how often.
    pub(crate) fn back_offs(&self) -> BTreeMap<String, u64> {
        self.back_offs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A socket ended unexpectedly: a complaint, unless faults are done to this run.
    pub(crate) fn ended(&self, who: &str, told: bool, why: &str) {
        self.count(if told { Event::SentAway } else { Event::CutOff });
        if self.calm {
            self.complain(format!("{who}: the socket ended: {why}"));
        }
    }

    /// Something was missing from what was told live, and is asked for: a complaint, unless harm is done to this run.
    pub(crate) fn gap(&self, who: &str, what: &str) {
        self.count(Event::Gap);
        if self.calm {
            self.complain(format!("{who}: {what}"));
        }
    }

    /// The times noted since the last time they were taken.
    pub(crate) fn take(&self) -> Times {
        let mut all = Times::new();
        for shard in &self.times {
            let taken = std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner));
            merge(&mut all, taken);
        }
        all
    }
}

impl Hop {
    /// What it is, for a report.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Accepted => "due until the sender knows that it is in the log",
            Self::Delivered => "due until it is at the other side's socket",
            Self::Persisted => "due until the sender knows that it is in the database",
            Self::Lateness => "due until handed to the socket: the generator's own doing",
            Self::Connected => "due until a new socket is welcome",
            Self::Back => "cut off until there again and resumed",
            Self::CaughtUp => "due until a participant who had stopped reading has it",
            Self::Claimed => "due until an agent knows who holds the conversation",
        }
    }

    /// Its name in a report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Persisted => "persisted",
            Self::Lateness => "lateness",
            Self::Connected => "connected",
            Self::Back => "back",
            Self::CaughtUp => "caught_up",
            Self::Claimed => "claimed",
        }
    }
}

impl Event {
    /// In the order of their numbers.
    pub(crate) const ALL: [Self; 19] = [
        Self::Offered,
        Self::Sent,
        Self::Accepted,
        Self::Delivered,
        Self::Persisted,
        Self::Refused,
        Self::BackedOff,
        Self::Repeated,
        Self::Frame,
        Self::Opened,
        Self::Closed,
        Self::SentAway,
        Self::CutOff,
        Self::ConnectFailed,
        Self::Gap,
        Self::Reset,
        Self::ClaimWon,
        Self::ClaimLost,
        Self::Visit,
    ];
}

/// Adds times to others.
pub(crate) fn merge(to: &mut Times, from: Times) {
    for (key, times) in from {
        add(to.entry(key).or_insert_with(empty), &times);
    }
}

/// Adds one histogram to another.
pub(crate) fn add(to: &mut Histogram<u64>, from: &Histogram<u64>) {
    // Both resize themselves, so nothing is out of their range.
    let _fits = to.add(from);
}

/// A histogram that grows with what it holds.
pub(crate) fn empty() -> Histogram<u64> {
    Histogram::new(3).expect("three digits are allowed")
}

const MOST_COMPLAINTS: usize = 20;

/// Enough that threads seldom meet at a lock.
const SHARDS: usize = 8;

/// Longest time that is told apart, in microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Moment = Moment { phase: 1, second: 2 };

    #[test]
    fn times_count_from_when_something_was_due_and_lie_in_that_second() {
        let recorder = Recorder::new(1_000_000, true);
        recorder.took_until(3, 1, Hop::Accepted, 3_999_999, 4_249_999);
        recorder.took_until(4, 1, Hop::Accepted, 3_000_000, 3_001_000);
        recorder.took_until(4, 0, Hop::Accepted, 999_999, 1_001_000);
        let times = recorder.take();
        let found = &times[&(MOMENT, Hop::Accepted)];
        assert_eq!(found.len(), 2);
        assert!((249_000..=251_000).contains(&found.max()), "{}", found.max());
        assert_eq!(times[&(Moment { phase: 0, second: -1 }, Hop::Accepted)].len(), 1);
        assert!(recorder.take().is_empty(), "what is taken is gone");
    }

    #[test]
    fn every_event_has_the_number_of_its_place() {
        assert!(Event::ALL.iter().enumerate().all(|(place, event)| *event as usize == place));
    }

    #[test]
    fn a_socket_that_ends_is_wrong_only_in_a_calm_run() {
        for (calm, complaints) in [(true, 1), (false, 0)] {
            let recorder = Recorder::new(0, calm);
            recorder.ended("contact 1", false, "cut");
            assert_eq!((recorder.complaints().len(), recorder.counted(Event::CutOff)), (complaints, 1));
        }
    }

    #[test]
    fn merged_times_are_those_of_one_recorder_that_saw_all() {
        let (one, other, both) = (Recorder::new(0, true), Recorder::new(0, true), Recorder::new(0, true));
        for number in 0..1000_u64 {
            let (due, at) = (number * 5_000, number * 5_000 + number * number);
            let half = if number % 3 == 0 { &one } else { &other };
            half.took_until(number as usize, 0, Hop::Delivered, due, at);
            both.took_until(0, 0, Hop::Delivered, due, at);
        }
        let mut merged = one.take();
        merge(&mut merged, other.take());
        assert_eq!(merged, both.take());
    }
}
