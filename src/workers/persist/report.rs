//! What the database did with a batch.

use std::collections::{BTreeMap, BTreeSet};

use frontdesk_domain::{ConversationKey, TenantId};
use frontdesk_ports::{Persisted, Record};

use crate::kit::{Disposition, delay_after, queue::MAX_ATTEMPTS};

/// How far a conversation has come in the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// Every entry up to here is committed.
    pub(super) seq: u64,
    /// Where that entry lies in the log.
    pub(super) log_seq: u64,
}

/// What the database did with the entries of a batch and with those read from the log to fill its gaps.
#[derive(Debug, Default)]
pub(crate) struct WriteReport {
    /// Entries written, by tenant. The others were there already or could not be written.
    pub(crate) written: BTreeMap<TenantId, u64>,
    reached: BTreeMap<ConversationKey, Reached>,
    contradicting: BTreeSet<(ConversationKey, u64)>,
    refused: BTreeMap<(ConversationKey, u64), String>,
    /// Conversations whose missing entries could not be read from the log.
    unread: BTreeSet<ConversationKey>,
}

impl WriteReport {
    /// Adds the report of a later batch.
    pub(super) fn append(&mut self, later: Self) {
        for (tenant, written) in later.written {
            *self.written.entry(tenant).or_default() += written;
        }
        for (key, reached) in later.reached {
            self.reach(key, reached);
        }
        self.contradicting.extend(later.contradicting);
        self.refused.extend(later.refused);
        self.unread.extend(later.unread);
    }

    fn reach(&mut self, key: ConversationKey, further: Reached) {
        let reached = self.reached.entry(key).or_default();
        if further.seq >= reached.seq {
            *reached = further;
        }
    }

    /// Adds what a transaction did. Later ones saw at least as much as earlier ones.
    pub(super) fn merge(&mut self, persisted: BTreeMap<ConversationKey, Persisted>) {
        for (key, persisted) in persisted {
            self.reach(key, Reached { seq: persisted.up_to_seq, log_seq: persisted.log_seq });
            *self.written.entry(key.tenant).or_default() += persisted.written;
            self.contradicting.extend(persisted.contradicting.into_iter().map(|seq| (key, seq)));
        }
    }

    /// The database refused this entry.
    pub(super) fn refuse(&mut self, record: &Record, why: String) {
        self.refused.insert(place(record), why);
    }

    /// The log could not be read for what is missing in this conversation.
    pub(super) fn unread(&mut self, key: ConversationKey) {
        self.unread.insert(key);
    }

    /// How far a conversation has come.
    pub(super) fn reached_in(&self, key: ConversationKey) -> Reached {
        self.reached.get(&key).copied().unwrap_or_default()
    }

    /// How far each conversation has come: every entry up to this number is committed.
    pub(crate) fn reached(&self) -> impl Iterator<Item = (ConversationKey, u64)> {
        self.reached.iter().map(|(key, reached)| (*key, reached.seq))
    }

    /// Whether `record` is in the database now.
    pub(crate) fn holds(&self, record: &Record) -> bool {
        let (key, seq) = place(record);
        seq <= self.reached_in(key).seq && !self.contradicts(record) && !self.refused.contains_key(&(key, seq))
    }

    /// The conversations of `records` in which entries wait for others before them, and the last that waits.
    pub(super) fn waiting(&self, records: &[Record]) -> BTreeMap<ConversationKey, u64> {
        let mut waiting = BTreeMap::new();
        for (key, seq) in records.iter().map(place) {
            if self.waits(key, seq) {
                let last = waiting.entry(key).or_insert(seq);
                *last = seq.max(*last);
            }
        }
        waiting
    }

    /// Whether the database holds another entry in the place of this one.
    pub(super) fn contradicts(&self, record: &Record) -> bool {
        self.contradicting.contains(&place(record))
    }

    /// What becomes of the `attempt`-th delivery of `record`.
    pub(super) fn disposition(&self, record: &Record, attempt: u64) -> Disposition {
        let (key, seq) = place(record);
        if self.contradicts(record) {
            return Disposition::DeadLetter("the database holds another entry under this number or request".to_owned());
        }
        if let Some(why) = self.refused.get(&(key, seq)) {
            return Disposition::DeadLetter(why.clone());
        }
        match self.waits(key, seq) {
            false => Disposition::Ack,
            true if attempt < MAX_ATTEMPTS || self.unread.contains(&key) => Disposition::Retry(delay_after(attempt)),
            true => Disposition::DeadLetter(format!("entry {} before it is missing", self.reached_in(key).seq + 1)),
        }
    }

    fn waits(&self, key: ConversationKey, seq: u64) -> bool {
        seq > self.reached_in(key).seq
            && !self.contradicting.contains(&(key, seq))
            && !self.refused.contains_key(&(key, seq))
    }
}

fn place(record: &Record) -> (ConversationKey, u64) {
    (record.envelope.key(), record.envelope.entry.seq)
}
