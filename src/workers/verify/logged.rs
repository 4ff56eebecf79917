//! The pass over the log: its own order, and each record against the database.

use std::collections::HashMap;

use frontdesk_domain::{ConversationKey, Timestamp};
use frontdesk_ports::{LoggedRecord, Record, StreamPosition, content_hash};
use frontdesk_protocol::Envelope;

use super::{Anomaly, Finding, Findings, Verifier};
use crate::kit::WorkerError;

/// How far the conversations of a stream have come.
type Reached = HashMap<ConversationKey, Numbers>;

/// The numbers of one conversation that were seen in the log.
#[derive(Default)]
struct Numbers {
    last: u64,
    /// Numbers below `last` that were not seen; nearly always none.
    open: Vec<u64>,
}

/// What a record's number says of its place.
#[derive(PartialEq, Eq)]
enum Order {
    Next,
    Late,
    Again,
}

/// Records of one portion that have to be looked up.
struct Portion<'a> {
    position: &'a StreamPosition,
    records: Vec<Record>,
    /// For each record, whether its number came before.
    again: Vec<bool>,
}

impl Verifier {
    pub(super) async fn read_log(&self, findings: &mut Findings) -> Result<(), WorkerError> {
        for position in self.log.streams().await? {
            self.read_stream(&position, findings).await?;
        }
        Ok(())
    }

    /// Reads a stream up to where it stood at the beginning: what is appended meanwhile is for the next time.
    pub(super) async fn read_stream(
        &self,
        position: &StreamPosition,
        findings: &mut Findings,
    ) -> Result<(), WorkerError> {
        let (mut next, mut reached) = (position.first_seq, Reached::new());
        while next <= position.last_seq {
            let mut records = self.log.scan(&position.stream, self.options.scope, next, PORTION).await?;
            records.retain(|record| record.log_seq <= position.last_seq);
            let gone_from = next;
            let (first, last) = match (records.first(), records.last()) {
                (Some(first), Some(last)) => (first.log_seq, last.log_seq),
                _ => (position.last_seq + 1, position.last_seq),
            };
            let count = records.len() as u64;
            if first > gone_from && self.was_trimmed(position, first).await? {
                // What was known of these conversations may be behind what was removed.
                reached.clear();
            } else if self.options.scope.is_none() && last + 1 - gone_from > count {
                findings.report.add(Anomaly::Missing, lost(position, gone_from));
            }
            let portion = self.put_in_order(position, records, &mut reached, findings);
            self.compare(portion, findings).await?;
            self.show(findings);
            next = last + 1;
        }
        for (key, numbers) in reached {
            for seq in numbers.open {
                findings.missing(key, seq, finding(key, seq, None, "the log goes on after it"));
            }
        }
        Ok(())
    }

    /// Whether records before `log_seq` were removed in order since the pass began.
    async fn was_trimmed(&self, position: &StreamPosition, log_seq: u64) -> Result<bool, WorkerError> {
        let now = self.log.streams().await?;
        Ok(now.iter().any(|now| now.stream == position.stream && now.first_seq >= log_seq))
    }

    /// Reads the records, and checks that numbers grow one by one along the log.
    fn put_in_order<'a>(
        &self,
        position: &'a StreamPosition,
        raw: Vec<LoggedRecord>,
        reached: &mut Reached,
        findings: &mut Findings,
    ) -> Portion<'a> {
        let (begin, mut portion) = (self.begin(), Portion { position, records: Vec::new(), again: Vec::new() });
        for LoggedRecord { log_seq, key, payload } in raw {
            findings.report.counts.logged += 1;
            let place = || Some((position.stream.clone(), log_seq));
            let envelope = Envelope::decode(&payload).ok().filter(|envelope| Some(envelope.key()) == key);
            let Some(envelope) = envelope else {
                let why = "no entry of the conversation in its subject";
                findings.report.add(Anomaly::Unreadable, Finding { key, seq: 0, place: place(), why });
                continue;
            };
            let (key, seq) = (envelope.key(), envelope.entry.seq);
            let order = reached.entry(key).or_default().see(seq);
            if order == Order::Late {
                let why = "a higher number lies before it in the log";
                findings.report.add(Anomaly::Misordered, finding(key, seq, place(), why));
            }
            if envelope.entry.at >= begin {
                portion.records.push(Record { log_seq, envelope });
                portion.again.push(order == Order::Again);
            }
        }
        portion
    }

    /// Looks the records up in the database.
    async fn compare(&self, portion: Portion<'_>, findings: &mut Findings) -> Result<(), WorkerError> {
        if portion.records.is_empty() {
            return Ok(());
        }
        let (mut by_number, mut by_request) = (HashMap::new(), HashMap::new());
        for known in self.store.known(&portion.records).await? {
            by_number.insert((known.key, known.seq), known.hash);
            by_request.insert((known.key, known.sender, known.client_id), known.seq);
        }
        let due = self.ago(self.options.grace);
        findings.report.counts.compared += portion.records.len() as u64;
        for (record, again) in portion.records.iter().zip(&portion.again) {
            let (key, entry) = (record.envelope.key(), &record.envelope.entry);
            let held = by_number.get(&(key, entry.seq));
            let elsewhere = by_request.get(&(key, entry.author.member, entry.client_id));
            let is_same = held == Some(&content_hash(&record.envelope));
            let found = |why| finding(key, entry.seq, Some((portion.position.stream.clone(), record.log_seq)), why);
            if elsewhere.is_some_and(|seq| *seq != entry.seq) {
                findings.report.add(Anomaly::Duplicated, found("the database holds its request under another number"));
            } else if *again && (is_same || held.is_none()) {
                findings.report.add(Anomaly::Duplicated, found("the log holds its number twice"));
            } else if held.is_some() && !is_same {
                findings.report.add(Anomaly::Contradicting, found("the database holds another entry under its number"));
            } else if held.is_none() && self.is_missing(record, portion.position, due) {
                findings.missing(key, entry.seq, found("not in the database"));
            } else if held.is_none() {
                findings.report.counts.waiting += 1;
            }
        }
        Ok(())
    }

    /// Whether a record that the database does not hold should be there.
    fn is_missing(&self, record: &Record, position: &StreamPosition, due: Timestamp) -> bool {
        let is_queued = record.log_seq > position.processed_seq;
        record.envelope.entry.at <= due && (self.options.workers_run || !is_queued)
    }
}

impl Numbers {
    fn see(&mut self, seq: u64) -> Order {
        if seq > self.last {
            // The first that the log still holds may have any number.
            if self.last > 0 {
                let skipped = self.last + 1..seq;
                self.open.extend(skipped.take(MOST_OPEN.saturating_sub(self.open.len())));
            }
            self.last = seq;
            return Order::Next;
        }
        match self.open.iter().position(|open| *open == seq) {
            Some(index) => {
                self.open.swap_remove(index);
                Order::Late
            }
            None => Order::Again,
        }
    }
}

const fn finding(key: ConversationKey, seq: u64, place: Option<(String, u64)>, why: &'static str) -> Finding {
    Finding { key: Some(key), seq, place, why }
}

fn lost(position: &StreamPosition, log_seq: u64) -> Finding {
    let place = Some((position.stream.clone(), log_seq));
    Finding { key: None, seq: 0, place, why: "records at or after this place are gone from the log" }
}

/// Records looked at together.
const PORTION: usize = 500;

/// Numbers of one conversation that are remembered as not seen.
const MOST_OPEN: usize = 1_000;
