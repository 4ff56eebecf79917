//! A conversation as its log holds it, made up entry by entry.

use frontdesk_domain::{
    AgentId, ClientId, Command, ContactId, Conversation, ConversationId, ConversationKey, Entry, EntryAuthor, Event,
    InboxId, MessageText, Participant, TenantId, Timestamp,
};
use frontdesk_protocol::Envelope;
use uuid::Uuid;

use crate::{
    log::Record,
    store::{ConversationStore, Persisted, Snapshot},
};

/// The log of one conversation, and what folding it gives.
pub struct Script {
    /// Its key.
    pub key: ConversationKey,
    /// The inbox it was opened through.
    pub inbox: InboxId,
    /// The contact who opened it.
    pub contact: ContactId,
    /// The agent in whose name [`Self::act`] adds entries.
    pub agent: AgentId,
    /// The conversation after every record.
    pub conversation: Conversation,
    /// All records, in order of their numbers.
    pub records: Vec<Record>,
    clock: i64,
}

impl Script {
    /// A conversation that was just opened, in a tenant of its own.
    pub fn opened() -> Self {
        Self::opened_in(TenantId(Uuid::new_v4()), ContactId(Uuid::new_v4()), 1_700_000_000_000)
    }

    /// A conversation of `tenant` that `contact` opened at `at`.
    pub fn opened_in(tenant: TenantId, contact: ContactId, at: i64) -> Self {
        let mut script = Self {
            key: ConversationKey { tenant, conversation: ConversationId(Uuid::new_v4()) },
            inbox: InboxId(Uuid::new_v4()),
            contact,
            agent: AgentId(Uuid::new_v4()),
            conversation: Conversation::default(),
            records: Vec::new(),
            clock: at - 1,
        };
        script.add(Participant::Contact(contact), Event::Opened { inbox: script.inbox, contact });
        script
    }

    /// One that was opened, with `count` messages of its contact.
    pub fn chat(count: u64) -> Self {
        let mut script = Self::opened();
        for number in 1..=count {
            script.say(&format!("message {number}"));
        }
        script
    }

    /// Adds a message of the contact.
    pub fn say(&mut self, text: &str) -> &Record {
        let text = MessageText::new(text).unwrap();
        self.add(Participant::Contact(self.contact), Event::message(text))
    }

    /// Adds a note of the agent.
    pub fn note(&mut self, text: &str) -> &Record {
        let text = MessageText::new(text).unwrap();
        self.act(Event::note(text))
    }

    /// Something that the agent did.
    pub fn act(&mut self, event: Event) -> &Record {
        self.add(Participant::Agent(self.agent), event)
    }

    /// The next entry, one millisecond after the last, at a place in the log that leaves holes as a shared stream does.
    pub fn add(&mut self, member: Participant, event: Event) -> &Record {
        self.clock += 1;
        let entry = Entry {
            seq: self.conversation.last_seq + 1,
            prev_public: self.conversation.last_public_seq,
            visibility: event.visibility(),
            at: Timestamp(self.clock),
            author: EntryAuthor { member, name: "Ada 李 🎈".to_owned() },
            client_id: ClientId(Uuid::now_v7()),
            digest: Command::Claim.digest(),
            event,
            unknown: Default::default(),
        };
        self.log(entry)
    }

    /// The next entry, of the agent, at `at`.
    pub fn add_at(&mut self, at: i64, event: Event) -> &Record {
        self.clock = at - 1;
        self.act(event)
    }

    /// Adds `entry` as it is.
    pub fn log(&mut self, entry: Entry) -> &Record {
        self.conversation.apply(&entry);
        let log_seq = entry.seq * 10 + 3;
        self.records.push(Record { log_seq, envelope: Envelope::new(self.key, entry, None) });
        self.records.last().unwrap()
    }

    /// The same log under another key.
    pub fn renamed(&self, rename: impl FnOnce(&mut ConversationKey)) -> Self {
        let (mut key, mut records) = (self.key, self.records.clone());
        rename(&mut key);
        for record in &mut records {
            (record.envelope.tenant, record.envelope.conversation) = (key.tenant, key.conversation);
        }
        Self { key, records, conversation: self.conversation.clone(), ..*self }
    }

    /// The record of entry `seq`.
    pub fn record(&self, seq: usize) -> Record {
        self.records[seq - 1].clone()
    }

    /// All entries.
    pub fn entries(&self) -> Vec<Entry> {
        self.records.iter().map(|record| record.envelope.entry.clone()).collect()
    }

    /// The entries with these numbers.
    pub fn entries_at(&self, seqs: impl IntoIterator<Item = usize>) -> Vec<Entry> {
        seqs.into_iter().map(|seq| self.records[seq - 1].envelope.entry.clone()).collect()
    }

    /// What the store is to hold once everything is written.
    pub fn snapshot(&self) -> Snapshot {
        let log_seq = self.records.last().unwrap().log_seq;
        Snapshot { conversation: self.conversation.clone(), log_seq }
    }

    /// What the store is to say once it has written everything.
    pub fn all_persisted(&self) -> Persisted {
        self.persisted_with(self.conversation.last_seq)
    }

    /// What the store is to say once everything is there, and so much of it was written just now.
    pub fn persisted_with(&self, written: u64) -> Persisted {
        let Snapshot { conversation, log_seq } = self.snapshot();
        Persisted { up_to_seq: conversation.last_seq, log_seq, written, ..Persisted::default() }
    }

    /// Writes everything.
    pub async fn persist(&self, store: &dyn ConversationStore) {
        let persisted = store.persist(&self.records).await.unwrap();
        let persisted = &persisted[&self.key];
        assert_eq!(*persisted, self.persisted_with(persisted.written));
    }
}
