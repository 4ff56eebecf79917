//! The pass over the database: numbers, requests, hashes and the fold of each conversation.

use std::collections::HashSet;

use frontdesk_domain::{ClientId, Conversation, ConversationKey, Entry, Event, Participant};
use frontdesk_ports::{StoredConversation, StoredEntry, content_hash};
use frontdesk_protocol::Envelope;
use frontdesk_storage::rows;

use super::{Anomaly, Finding, Findings, Verifier};
use crate::kit::WorkerError;

/// One conversation, entry after entry.
struct Fold {
    key: ConversationKey,
    conversation: Conversation,
    /// Number of the last entry looked at.
    reached: u64,
    requests: HashSet<(Participant, ClientId)>,
    /// Whether every entry up to here could be folded in.
    is_whole: bool,
}

impl Verifier {
    pub(super) async fn read_store(&self, findings: &mut Findings) -> Result<(), WorkerError> {
        let (begin, mut after) = (self.begin(), None);
        loop {
            let page = self.store.conversations_after(self.options.scope, after, begin, CONVERSATIONS).await?;
            let Some(last) = page.last() else { return Ok(()) };
            let mut before = after;
            after = Some(last.key);
            for held in &page {
                let beyond = self.read_conversation(held, findings).await?;
                if self.is_stale(held, before, beyond).await? {
                    let why = "the database holds entries that its row does not know of";
                    findings.report.add(Anomaly::Unfolded, finding(held.key, beyond, why));
                }
                findings.report.counts.conversations += 1;
                self.show(findings);
                before = Some(held.key);
            }
            self.read_receipts(page.iter().map(|held| held.key), findings).await?;
            self.show(findings);
        }
    }

    /// Reads a conversation's entries up to the last one that its row knows of. Gives the number of one beyond it, 0
    /// for none: nearly always it came meanwhile.
    async fn read_conversation(&self, held: &StoredConversation, findings: &mut Findings) -> Result<u64, WorkerError> {
        let last_seq = held.snapshot.as_ref().map_or(u64::MAX, |snapshot| snapshot.conversation.last_seq);
        let mut fold = Fold::new(held.key);
        let beyond = loop {
            let page = self.store.entries_after(held.key, fold.reached, ENTRIES).await?;
            let is_last = page.len() < ENTRIES;
            let beyond = page.last().map_or(0, |entry| entry.seq);
            for entry in page.into_iter().take_while(|entry| entry.seq <= last_seq) {
                findings.report.counts.entries += 1;
                fold.add(entry, findings);
            }
            if beyond > last_seq {
                break beyond;
            }
            if is_last {
                break 0;
            }
        };
        fold.end(held, findings);
        Ok(beyond)
    }

    /// Whether the row, looked at again, still knows nothing of entry `beyond`. It follows the one of `before`.
    async fn is_stale(
        &self,
        held: &StoredConversation,
        before: Option<ConversationKey>,
        beyond: u64,
    ) -> Result<bool, WorkerError> {
        if beyond == 0 {
            return Ok(false);
        }
        let again = self.store.conversations_after(self.options.scope, before, self.begin(), 1).await?;
        let row = again.iter().find(|again| again.key == held.key).and_then(|again| again.snapshot.as_ref());
        Ok(row.is_some_and(|row| row.conversation.last_seq < beyond))
    }
}

impl Fold {
    fn new(key: ConversationKey) -> Self {
        let (conversation, requests) = (Conversation::default(), HashSet::new());
        Self { key, conversation, reached: 0, requests, is_whole: true }
    }

    fn add(&mut self, held: StoredEntry, findings: &mut Findings) {
        self.skip_to(held.seq, findings);
        self.reached = held.seq;
        let Some(entry) = held.entry else {
            self.is_whole = false;
            findings.report.add(Anomaly::Contradicting, self.finding(held.seq, "its row cannot be read"));
            return;
        };
        if !self.requests.insert((entry.author.member, entry.client_id)) {
            findings.report.add(Anomaly::Duplicated, self.finding(held.seq, "its request caused an entry before"));
        }
        if can_be_hashed(&entry) && content_hash(&Envelope::new(self.key, entry.clone(), None)) != held.hash {
            findings.report.add(Anomaly::Contradicting, self.finding(held.seq, "its row is not what was logged"));
        }
        if self.is_whole {
            self.conversation.apply(&entry);
        }
    }

    /// Every number below `seq` that was not there is missing.
    fn skip_to(&mut self, seq: u64, findings: &mut Findings) {
        for missing in (self.reached + 1..seq).take(LONGEST_HOLE) {
            self.is_whole = false;
            let finding = self.finding(missing, "a hole in the database");
            findings.missing(self.key, missing, finding);
        }
    }

    fn end(mut self, held: &StoredConversation, findings: &mut Findings) {
        let Some(snapshot) = &held.snapshot else {
            findings.report.add(Anomaly::Unfolded, self.finding(0, "the conversation's row cannot be read"));
            return;
        };
        self.skip_to(snapshot.conversation.last_seq + 1, findings);
        if self.is_whole && !is_same(&self.conversation, &snapshot.conversation) {
            let seq = snapshot.conversation.last_seq;
            findings.report.add(Anomaly::Unfolded, self.finding(seq, "its row is not the fold of its entries"));
        }
    }

    const fn finding(&self, seq: u64, why: &'static str) -> Finding {
        finding(self.key, seq, why)
    }
}

const fn finding(key: ConversationKey, seq: u64, why: &'static str) -> Finding {
    Finding { key: Some(key), seq, place: None, why }
}

/// Whether the row of `entry` says all that was hashed: not for names in which a NUL was replaced, nor for events of a
/// newer version, whose numbers a database may write in another way.
fn can_be_hashed(entry: &Entry) -> bool {
    !entry.author.name.contains(REPLACED) && !matches!(entry.event, Event::Unknown(_))
}

/// Whether they are the same but for what becomes of a NUL in a database.
fn is_same(folded: &Conversation, held: &Conversation) -> bool {
    let without_nul = |conversation| rows::to_json(conversation).replace("\\u0000", REPLACED);
    folded == held || without_nul(folded) == without_nul(held)
}

const REPLACED: &str = "\u{fffd}";

/// Conversations asked for at a time.
const CONVERSATIONS: usize = 200;

/// Entries asked for at a time.
const ENTRIES: usize = 500;

/// Missing entries of one hole that are counted: a damaged number may promise any number of them.
const LONGEST_HOLE: usize = 1_000_000;
