//! What a batch of records means for what the database holds: decided here once, for every database.
//!
//! An adapter's `persist` is then: group ([`PersistBatch::of`]), lock and load the snapshots of [`PersistBatch::keys`],
//! look up [`PersistBatch::doubtful`], [`PersistBatch::plan`], write what was [`Planned`], commit.

use std::collections::BTreeMap;

use frontdesk_domain::{Conversation, ConversationKey, Entry, Event, SnoozeChange};
use frontdesk_ports::{
    content_hash::{ContentHash, KnownEntry, content_hash},
    log::Record,
    store::{Persisted, Snapshot},
};

/// The records of a batch, by conversation and number.
#[derive(Debug)]
pub struct PersistBatch<'a> {
    conversations: BTreeMap<ConversationKey, Vec<Offered<'a>>>,
}

/// One record of the batch.
#[derive(Debug, Clone, Copy)]
pub struct Offered<'a> {
    /// The record as it was delivered.
    pub record: &'a Record,
    /// Its content's hash.
    pub hash: ContentHash,
}

/// What is to be done for one conversation.
#[derive(Debug)]
pub struct Planned<'a> {
    /// How the conversation stands afterwards.
    pub snapshot: Snapshot,
    /// The entries to write, in order; they continue what the database holds. May be empty.
    pub write: Vec<Offered<'a>>,
    /// What the caller is told once that is committed.
    pub persisted: Persisted,
    /// What becomes of the timer that ends the conversation's snooze; `None`: nothing.
    pub snooze: Option<SnoozeChange>,
}

impl<'a> PersistBatch<'a> {
    /// Groups `records` by conversation.
    #[must_use]
    pub fn of(records: &'a [Record]) -> Self {
        let mut conversations: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in records {
            let hash = content_hash(&record.envelope);
            let offered = conversations.entry(record.envelope.key()).or_default();
            offered.push(Offered { record, hash });
        }
        for offered in conversations.values_mut() {
            offered.sort_by_key(|offered| (offered.entry().seq, offered.record.log_seq));
        }
        Self { conversations }
    }

    /// The conversations of the batch, in the order in which they must be locked: the same for every worker.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = ConversationKey> {
        self.conversations.keys().copied()
    }

    /// The entries for which the database must be asked whether it holds their number or their request already.
    ///
    /// None in a batch of new entries: numbers above the last one are new, and so is an id above its sender's highest.
    #[must_use]
    pub fn doubtful(&self, snapshots: &BTreeMap<ConversationKey, Snapshot>) -> Vec<(ConversationKey, &'a Entry)> {
        let never_opened = Snapshot::default();
        let mut doubtful = Vec::new();
        for (key, offered) in &self.conversations {
            let held = &snapshots.get(key).unwrap_or(&never_opened).conversation;
            let in_doubt = offered.iter().map(Offered::entry);
            doubtful.extend(
                in_doubt
                    .filter(|entry| entry.seq <= held.last_seq || !is_new_request(held, entry))
                    .map(|entry| (*key, entry)),
            );
        }
        doubtful
    }

    /// Says what is to be done, given the conversations as locked (absent: not there yet) and every entry that the
    /// database holds under a number or a request of [`Self::doubtful`].
    #[must_use]
    pub fn plan(
        self,
        mut snapshots: BTreeMap<ConversationKey, Snapshot>,
        known: &[KnownEntry],
    ) -> BTreeMap<ConversationKey, Planned<'a>> {
        let mut known_of: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for entry in known {
            known_of.entry(entry.key).or_default().push(*entry);
        }
        let plan = |(key, offered)| {
            let snapshot = snapshots.remove(&key).unwrap_or_default();
            let known = known_of.remove(&key).unwrap_or_default();
            (key, Planned::of(snapshot, offered, &known))
        };
        self.conversations.into_iter().map(plan).collect()
    }
}

impl<'a> Offered<'a> {
    /// The entry of the record.
    #[must_use]
    pub const fn entry(&self) -> &'a Entry {
        &self.record.envelope.entry
    }
}

impl<'a> Planned<'a> {
    fn of(mut snapshot: Snapshot, offered: Vec<Offered<'a>>, known: &[KnownEntry]) -> Self {
        let (mut write, mut persisted) = (Vec::<Offered<'a>>::new(), Persisted::default());
        let was_snoozed = snapshot.conversation.snoozed_until.is_some();
        for offered in offered {
            let entry = offered.entry();
            let next = snapshot.conversation.last_seq + 1;
            if entry.seq > next {
                persisted.waiting.push(entry.seq);
            } else if entry.seq == next && !is_used(entry, &snapshot.conversation, &write, known) {
                snapshot.conversation.apply(entry);
                snapshot.log_seq = offered.record.log_seq;
                write.push(offered);
            } else if hash_at(entry.seq, &write, known) != Some(offered.hash) {
                // Another entry stands under this number or this request. What follows the latter has to wait for ever,
                // which is better than history that differs from the log.
                persisted.contradicting.push(entry.seq);
            }
        }
        persisted.waiting.dedup();
        persisted.contradicting.dedup();
        persisted.up_to_seq = snapshot.conversation.last_seq;
        persisted.log_seq = snapshot.log_seq;
        persisted.written = write.len() as u64;
        let begun = write.iter().map(Offered::entry).rfind(|entry| matches!(entry.event, Event::Snoozed { .. }));
        let snooze = match (snapshot.conversation.snoozed_until, begun) {
            (Some(until), Some(Entry { seq, .. })) => Some(SnoozeChange::Begun { until, seq: *seq }),
            (None, _) if was_snoozed => Some(SnoozeChange::Ended { seq: snapshot.conversation.last_seq }),
            _ => None,
        };
        Self { snapshot, write, persisted, snooze }
    }
}

fn hash_at(seq: u64, write: &[Offered<'_>], known: &[KnownEntry]) -> Option<ContentHash> {
    let written = write.iter().find(|offered| offered.entry().seq == seq);
    let known = || known.iter().find(|known| known.seq == seq).map(|known| known.hash);
    written.map(|offered| offered.hash).or_else(known)
}

/// Whether the request that caused `entry` caused another one before.
fn is_used(entry: &Entry, conversation: &Conversation, write: &[Offered<'_>], known: &[KnownEntry]) -> bool {
    let request = (entry.author.member, entry.client_id);
    !is_new_request(conversation, entry)
        && (known.iter().any(|known| (known.sender, known.client_id) == request)
            || write.iter().map(Offered::entry).any(|written| (written.author.member, written.client_id) == request))
}

fn is_new_request(conversation: &Conversation, entry: &Entry) -> bool {
    let mut highest = conversation.highest_ids.iter();
    highest.all(|(sender, highest)| *sender != entry.author.member || *highest < entry.client_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_ports::contract::store::Script;

    fn snapshots(scripts: &[&Script]) -> BTreeMap<ConversationKey, Snapshot> {
        scripts.iter().map(|script| (script.key, script.snapshot())).collect()
    }

    #[test]
    fn new_entries_cost_no_look_up() {
        let (mut begun, fresh) = (Script::chat(3), Script::chat(3));
        let held = snapshots(&[&begun]);
        begun.say("new");
        begun.note("new too");
        let records = [&begun.records[4..], &fresh.records].concat();
        assert_eq!(PersistBatch::of(&records).doubtful(&held), []);
    }

    #[test]
    fn written_numbers_and_requests_that_may_be_old_are_looked_up() {
        let mut script = Script::chat(3);
        let held = snapshots(&[&script]);
        script.say("with an id from before");
        script.records[4].envelope.entry.client_id = script.records[1].envelope.entry.client_id;
        let records = [script.record(2), script.record(5)];
        let asked: Vec<_> =
            PersistBatch::of(&records).doubtful(&held).into_iter().map(|(_, entry)| entry.seq).collect();
        assert_eq!(asked, [2, 5]);
    }

    #[test]
    fn an_entry_that_should_be_there_and_is_not_contradicts() {
        let script = Script::chat(2);
        let held = snapshots(&[&script]);
        let records = [script.record(2)];
        let planned = PersistBatch::of(&records).plan(held, &[]);
        assert_eq!(planned[&script.key].persisted.contradicting, [2]);
        assert!(planned[&script.key].write.is_empty());
    }
}
