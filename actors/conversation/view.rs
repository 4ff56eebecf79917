//! The in-memory view of a conversation: state, newest entries, receipts, and where the log stands. No IO.

use std::{collections::VecDeque, fmt, sync::Arc, time::Duration};

use frontdesk_domain::{
    Audience, Conversation, Decision, Entry, InboxRules, Participant, ReceiptKind, Receipts, RecentRequests, Rejection,
    Request, Timestamp, Watermark,
};
use frontdesk_ports::{EntryRange, Record};

use super::{
    load::Loaded,
    tail::{KnownUpTo, Tail},
};

/// What folding a record did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Folded {
    /// It continued the conversation.
    Applied(Arc<Entry>),
    /// The entry was applied before.
    Known,
    /// Entries before it are missing.
    Gap,
}

/// The in-memory view of one conversation. All of it can be rebuilt from database and log.
#[derive(Clone)]
pub struct ConversationView {
    pub(super) state: Conversation,
    pub(super) receipts: Receipts,
    pub(super) tail: Tail,
    pub(super) persisted_seq: u64,
    requests: RecentRequests,
    /// The newest entries: every one that is not persisted yet, and of the others up to `keep` and [`KEPT_TEXT`].
    entries: VecDeque<Arc<Entry>>,
    keep: usize,
    /// Bytes of text in them.
    text: usize,
}

/// Positions only: texts of messages must not get into logs.
impl fmt::Debug for ConversationView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversationView")
            .field("last_seq", &self.state.last_seq)
            .field("tail", &self.tail)
            .field("persisted_seq", &self.persisted_seq)
            .field("held", &self.entries.len())
            .finish_non_exhaustive()
    }
}

impl ConversationView {
    /// The view of a conversation as it was loaded, receipts included. Beyond what is not persisted, up to `keep`
    /// entries stay in memory.
    pub(super) fn of(loaded: Loaded, keep: usize) -> Self {
        let Loaded { state, tail, persisted_seq, entries, receipts } = loaded;
        let mut view = Self::new(state, tail, persisted_seq, entries, keep);
        for (participant, mark) in receipts {
            view.raise_receipt(participant, mark);
        }
        view
    }

    /// The view of a conversation in `state`, whose last `entries` are these.
    pub(super) fn new(state: Conversation, tail: Tail, persisted_seq: u64, entries: Vec<Entry>, keep: usize) -> Self {
        let mut requests = RecentRequests::default();
        entries.iter().for_each(|entry| requests.remember(entry));
        requests.persisted(persisted_seq);
        let text = entries.iter().map(text_of).sum();
        let entries = entries.into_iter().map(Arc::new).collect();
        let receipts = Receipts::default();
        let mut view = Self { state, receipts, tail, persisted_seq, requests, entries, keep, text };
        view.shrink();
        view
    }

    /// What is known here, as a starting point for reading on.
    #[must_use]
    pub const fn known(&self) -> KnownUpTo {
        KnownUpTo { tail: self.tail, last_seq: self.state.last_seq }
    }

    /// Raises the receipts of `participant` to those in `mark`.
    pub(super) fn raise_receipt(&mut self, participant: Participant, mark: Watermark) {
        self.receipts.observe(participant, ReceiptKind::Delivered, mark.delivered, u64::MAX);
        self.receipts.observe(participant, ReceiptKind::Read, mark.read, u64::MAX);
    }

    pub(super) fn decide(&self, request: &Request, rules: InboxRules, now: Timestamp) -> Result<Decision, Rejection> {
        self.state.decide(&self.requests, request, rules, now)
    }

    pub(super) fn fold(&mut self, record: &Record) -> Folded {
        let entry = &record.envelope.entry;
        if entry.seq <= self.state.last_seq {
            return Folded::Known;
        }
        if entry.seq > self.state.last_seq + 1 {
            return Folded::Gap;
        }
        let entry = Arc::new(entry.clone());
        self.state.apply(&entry);
        self.requests.remember(&entry);
        self.tail.log_seq = record.log_seq;
        self.text += text_of(&entry);
        self.entries.push_back(Arc::clone(&entry));
        self.shrink();
        Folded::Applied(entry)
    }

    /// Learns how far the database has come; whether that is news.
    pub(super) fn persisted(&mut self, up_to_seq: u64) -> bool {
        let news = up_to_seq > self.persisted_seq;
        if news {
            self.persisted_seq = up_to_seq;
            self.requests.persisted(up_to_seq);
            self.shrink();
        }
        news
    }

    /// How many entries the database does not hold yet, as far as is known here.
    pub(super) const fn unpersisted(&self) -> u64 {
        self.state.last_seq.saturating_sub(self.persisted_seq)
    }

    /// The entries that memory holds: the newest ones, without a hole up to the last.
    pub(super) fn held(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.iter()
    }

    /// Whether memory holds the first `limit` entries of `range` that `audience` may see, or all of them.
    pub(super) fn holds(&self, range: EntryRange, audience: Audience, limit: usize) -> bool {
        let oldest = self.entries.front().map_or(self.state.last_seq + 1, |entry| entry.seq);
        match range {
            EntryRange::After(seq) => oldest <= seq.saturating_add(1),
            EntryRange::Before(seq) => {
                let visible = |entry: &&Arc<Entry>| entry.seq < seq && entry.visible_to(audience);
                oldest <= 1 || self.entries.iter().filter(visible).count() >= limit
            }
        }
    }

    /// Learns that everything logged before `known_at` is known here.
    pub(super) fn confirm(&mut self, known_at: Duration) {
        self.tail.known_at = self.tail.known_at.max(known_at);
    }

    fn shrink(&mut self) {
        while (self.entries.len() > self.keep || self.text > KEPT_TEXT)
            && let Some(entry) = self.entries.pop_front_if(|entry| entry.seq <= self.persisted_seq)
        {
            self.text -= text_of(&entry);
        }
    }
}

fn text_of(entry: &Entry) -> usize {
    entry.event.text().map_or(0, |text| text.len())
}

/// Bytes of text that the database holds too and memory keeps all the same: some forty usual messages. Long
/// texts are dropped, also while a session has the conversation open.
const KEPT_TEXT: usize = 4_000;

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::{
        ClientId, Command, ContactId, ConversationId, ConversationKey, EntryAuthor, Event, MessageText, TenantId,
    };
    use frontdesk_protocol::Envelope;
    use uuid::Uuid;

    fn record(seq: u64, length: usize) -> Record {
        let event = Event::message(MessageText::new("x".repeat(length)).unwrap());
        let author = EntryAuthor { member: Participant::Contact(ContactId(Uuid::nil())), name: String::new() };
        let (client_id, digest) = (ClientId(Uuid::now_v7()), Command::Claim.digest());
        let (visibility, at, unknown) = (event.visibility(), Timestamp(0), Default::default());
        let entry = Entry { seq, prev_public: seq - 1, visibility, at, author, client_id, digest, event, unknown };
        let key = ConversationKey { tenant: TenantId(Uuid::nil()), conversation: ConversationId(Uuid::nil()) };
        Record { log_seq: seq, envelope: Envelope::new(key, entry, None) }
    }

    fn view(lengths: &[usize]) -> ConversationView {
        let tail = Tail { log_seq: 0, known_at: Duration::ZERO };
        let mut view = ConversationView::new(Conversation::default(), tail, 0, Vec::new(), 3);
        for (length, seq) in lengths.iter().zip(1..) {
            assert!(matches!(view.fold(&record(seq, *length)), Folded::Applied(_)));
        }
        view
    }

    fn held(view: &ConversationView) -> Vec<u64> {
        view.held().map(|entry| entry.seq).collect()
    }

    #[test]
    fn what_is_not_persisted_stays_however_much_it_is() {
        let mut view = view(&[KEPT_TEXT, KEPT_TEXT, 10, 10, 10]);
        assert_eq!(held(&view), [1, 2, 3, 4, 5]);
        view.persisted(1);
        assert_eq!(held(&view), [2, 3, 4, 5]);
    }

    #[test]
    fn of_the_rest_as_many_stay_as_are_few_and_short() {
        let mut few = view(&[10, 10, 10, 10, 10]);
        few.persisted(5);
        assert_eq!(held(&few), [3, 4, 5]);
        let mut short = view(&[1_900, 1_900, 1_900]);
        short.persisted(3);
        assert_eq!(held(&short), [2, 3]);
        let mut long = view(&[10, KEPT_TEXT + 1]);
        long.persisted(2);
        assert_eq!(held(&long), [0; 0]);
        assert!(
            long.holds(EntryRange::After(2), Audience::Staff, 10)
                && !long.holds(EntryRange::After(1), Audience::Staff, 10)
        );
        assert!(matches!(long.fold(&record(3, 10)), Folded::Applied(_)));
        assert_eq!(held(&long), [3]);
    }
}
