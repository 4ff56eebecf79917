//! One stream of records and the consumers that work through it.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

/// A stored record.
pub(super) struct Stored {
    pub(super) subject: String,
    pub(super) payload: Bytes,
}

/// A stream: numbered records and who still has to see them.
pub(super) struct Stream {
    pub(super) name: String,
    pub(super) first_seq: u64,
    pub(super) last_seq: u64,
    pub(super) records: BTreeMap<u64, Stored>,
    last_by_subject: HashMap<String, u64>,
    consumers: BTreeMap<&'static str, Consumer>,
}

/// How far one consumer has come.
#[derive(Default)]
struct Consumer {
    delivered: u64,
    out: BTreeMap<u64, Out>,
}

/// A record handed out and not yet acknowledged.
struct Out {
    attempt: u64,
    again_at: Instant,
}

/// A record as it is handed out.
pub(super) struct HandedOut {
    pub(super) log_seq: u64,
    pub(super) attempt: u64,
    pub(super) subject: String,
    pub(super) payload: Bytes,
}

impl Stream {
    pub(super) fn new(name: String, consumers: &[&'static str]) -> Self {
        Self {
            name,
            first_seq: 1,
            last_seq: 0,
            records: BTreeMap::new(),
            last_by_subject: HashMap::new(),
            consumers: consumers.iter().map(|name| (*name, Consumer::default())).collect(),
        }
    }

    pub(super) fn push(&mut self, subject: String, payload: Bytes) -> u64 {
        self.last_seq += 1;
        self.last_by_subject.insert(subject.clone(), self.last_seq);
        self.records.insert(self.last_seq, Stored { subject, payload });
        self.last_seq
    }

    /// Stores a record in place of the one before it on the same subject.
    pub(super) fn replace(&mut self, subject: String, payload: Bytes) {
        if let Some(before) = self.last_by_subject.get(&subject) {
            self.records.remove(before);
        }
        self.push(subject, payload);
    }

    /// Sequence of the last record on `subject` that is still held; 0 for none.
    pub(super) fn last_of(&self, subject: &str) -> u64 {
        self.last_by_subject.get(subject).copied().unwrap_or_default()
    }

    pub(super) fn trim(&mut self, up_to_seq: u64) {
        self.records = self.records.split_off(&(up_to_seq + 1));
        self.last_by_subject.retain(|_, seq| *seq > up_to_seq);
        self.first_seq = self.first_seq.max(up_to_seq.min(self.last_seq) + 1);
        for consumer in self.consumers.values_mut() {
            consumer.out = consumer.out.split_off(&(up_to_seq + 1));
        }
    }

    /// Whether `consumer` works on this stream.
    pub(super) fn has(&self, consumer: &str) -> bool {
        self.consumers.contains_key(consumer)
    }

    /// Every record up to here was acknowledged by every consumer.
    pub(super) fn processed(&self) -> u64 {
        let floors = self.consumers.values().map(Consumer::floor);
        floors.min().unwrap_or(self.last_seq)
    }

    /// Every record up to here was acknowledged by `consumer`.
    pub(super) fn processed_by(&self, consumer: &str) -> u64 {
        self.consumers.get(consumer).map_or(self.last_seq, Consumer::floor)
    }

    /// Records that `consumer` was never handed, or did not acknowledge.
    pub(super) fn unprocessed_by(&self, consumer: &str) -> u64 {
        let out = self.consumers.get(consumer).map_or(0, |consumer| consumer.out.len());
        (out + self.pending(consumer)) as u64
    }

    /// Records that `consumer` was never handed.
    pub(super) fn pending(&self, consumer: &str) -> usize {
        let delivered = self.consumers.get(consumer).map_or(0, |consumer| consumer.delivered);
        self.records.range(delivered + 1..).filter(|(_, stored)| wants(consumer, &stored.subject)).count()
    }

    /// Hands out what is due again, then what is new, at most `max`.
    pub(super) fn take(&mut self, consumer: &str, max: usize, now: Instant, ack_wait: Duration) -> Vec<HandedOut> {
        let Some(state) = self.consumers.get_mut(consumer) else {
            return Vec::new();
        };
        // A record that was replaced or trimmed meanwhile needs no answer any more.
        state.out.retain(|seq, _| self.records.contains_key(seq));
        let due = state.out.iter().filter(|(_, out)| out.again_at <= now).map(|(seq, _)| *seq);
        let mut taken: Vec<u64> = due.take(max).collect();
        let fresh = self.records.range(state.delivered + 1..).filter(|(_, stored)| wants(consumer, &stored.subject));
        taken.extend(fresh.map(|(seq, _)| *seq).take(max - taken.len()));
        let hand_out = |seq: u64| {
            let again_at = now + ack_wait;
            let out = state.out.entry(seq).or_insert(Out { attempt: 0, again_at });
            (out.attempt, out.again_at) = (out.attempt + 1, again_at);
            state.delivered = state.delivered.max(seq);
            let Stored { subject, payload } = &self.records[&seq];
            HandedOut { log_seq: seq, attempt: out.attempt, subject: subject.clone(), payload: payload.clone() }
        };
        taken.into_iter().map(hand_out).collect()
    }

    pub(super) fn ack(&mut self, consumer: &str, seq: u64) {
        if let Some(state) = self.consumers.get_mut(consumer) {
            state.out.remove(&seq);
        }
    }

    /// Hands `seq` out again at `at`, unless it was acknowledged.
    pub(super) fn postpone(&mut self, consumer: &str, seq: u64, at: Instant) {
        if let Some(out) = self.consumers.get_mut(consumer).and_then(|state| state.out.get_mut(&seq)) {
            out.again_at = at;
        }
    }

    /// When the next record is due again.
    pub(super) fn next_due(&self, consumer: &str) -> Option<Instant> {
        self.consumers.get(consumer)?.out.values().map(|out| out.again_at).min()
    }
}

impl Consumer {
    fn floor(&self) -> u64 {
        self.out.first_key_value().map_or(self.delivered, |(seq, _)| seq - 1)
    }
}

/// The receipts queue leaves out what the database itself reported.
fn wants(consumer: &str, subject: &str) -> bool {
    consumer != "receipts" || !subject.ends_with(".persisted.log")
}
