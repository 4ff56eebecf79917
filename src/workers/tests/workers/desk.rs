//! A desk in memory, and conversations that are held on it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_config::{Role, WorkersSettings};
use frontdesk_domain::{
    AgentId, ClientId, Command, ContactId, Conversation, ConversationId, ConversationKey, Decision, Entry, InboxId,
    InboxRules, MessageText, Principal, Request, Role as AgentRole, TenantId,
};
use frontdesk_memory::{MemoryEventStream, MemoryLog, MemoryStore};
use frontdesk_ports::{
    Acks as _, Clock as _, Commands, ConversationStore as _, Database, ExecuteError, Executed, FeedTarget, ManualClock,
    MessageLog as _, StreamPosition, Trim as _, WorkSource,
};
use frontdesk_protocol::{ConversationSummary, Envelope};
use frontdesk_workers::{
    PersistWorker, PushWorker, ReceiptsWorker, ReconcileWorker, Worker, WorkerContext, WorkerPorts,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) const NO_WAIT: Duration = Duration::ZERO;

/// Log, database and clock.
pub(crate) struct Desk {
    pub(crate) log: MemoryLog,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ports: WorkerPorts,
    pub(crate) settings: WorkersSettings,
    pub(crate) stop: CancellationToken,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let (log, store, clock) = (MemoryLog::new(), Arc::new(MemoryStore::new()), Arc::new(ManualClock::default()));
        let queues = log.clone();
        let ports = WorkerPorts {
            log: Arc::new(log.clone()),
            database: Database::of(store.clone()),
            commands: Arc::new(NoConversations),
            log_inspector: Arc::new(log.clone()),
            feed: Arc::new(log.clone()),
            dead_letter_sink: Arc::new(log.clone()),
            dead_letters: Arc::new(log.clone()),
            max_delivery_notices: Arc::new(log.clone()),
            events: Arc::new(MemoryEventStream::default()),
            trim: Arc::new(log.clone()),
            clock: clock.clone(),
            queues: Arc::new(move |queue| queues.work(queue.name())),
        };
        let settings = WorkersSettings {
            roles: Role::all().filter(|role| role.name() != "ingest").collect(),
            persist_batch: 500,
            persist_ack_wait: Duration::from_secs(5),
            push_batch: 256,
            receipts_batch: 500,
            ingest_rate_per_inbox: 10_000,
            trim_interval: Duration::from_secs(5),
            reconcile_interval: Duration::from_millis(50),
            reconcile_after: Duration::from_millis(250),
            outbox_keep: Duration::from_secs(24 * 3600),
        };
        Self { log, store, clock, ports, settings, stop: CancellationToken::new() }
    }

    /// A worker of this type.
    pub(crate) fn worker<W: Worker>(&self) -> W {
        W::new(&self.context::<W>())
    }

    /// What a worker of this type is made from.
    pub(crate) fn context<W: Worker>(&self) -> WorkerContext {
        WorkerContext::new(&self.ports, &self.settings, W::ROLE)
    }

    pub(crate) fn persist_worker(&self) -> PersistWorker {
        self.worker()
    }

    pub(crate) fn push_worker(&self) -> PushWorker {
        self.worker()
    }

    pub(crate) fn receipts_worker(&self) -> ReceiptsWorker {
        self.worker()
    }

    pub(crate) fn reconciler(&self) -> ReconcileWorker {
        self.worker()
    }

    /// From now on the queue of this name is `source`.
    pub(crate) fn replace_queue(&mut self, name: &'static str, source: Arc<dyn WorkSource>) {
        let others = self.ports.queues.clone();
        self.ports.queues = Arc::new(move |queue| if queue.name() == name { source.clone() } else { others(queue) });
    }

    /// Number of the last entry in the database.
    pub(crate) async fn stored(&self, key: ConversationKey) -> u64 {
        self.store.load(key).await.unwrap().map_or(0, |snapshot| snapshot.conversation.last_seq)
    }

    /// What channel 2 says.
    pub(crate) async fn persisted(&self, key: ConversationKey) -> u64 {
        self.log.persisted(key).await.unwrap()
    }

    /// Where the stream of a conversation stands.
    pub(crate) async fn position(&self, talk: &Talk) -> StreamPosition {
        let positions = self.log.positions().await.unwrap();
        let holds = |position: &StreamPosition| position.stream == talk.stream;
        positions.into_iter().find(holds).unwrap()
    }
}

/// For workers that write into no conversation.
struct NoConversations;

#[async_trait]
impl Commands for NoConversations {
    async fn execute(&self, _: ConversationKey, _: Request) -> Result<Executed, ExecuteError> {
        Err(ExecuteError::Unavailable)
    }
}

/// One conversation, between a contact and some agents.
pub(crate) struct Talk {
    pub(crate) key: ConversationKey,
    pub(crate) state: Conversation,
    pub(crate) contact: ContactId,
    stream: String,
    log: MemoryLog,
    clock: Arc<ManualClock>,
    place: u64,
}

impl Talk {
    /// Opened, and nothing else yet.
    pub(crate) async fn open(desk: &Desk) -> Self {
        Self::open_in(desk, TenantId(Uuid::now_v7())).await
    }

    pub(crate) async fn open_in(desk: &Desk, tenant: TenantId) -> Self {
        let key = ConversationKey { tenant, conversation: ConversationId(Uuid::now_v7()) };
        let partition = frontdesk_domain::Partition::of(&key).number();
        let mut talk = Self {
            key,
            state: Conversation::default(),
            contact: ContactId(Uuid::now_v7()),
            stream: format!("MESSAGES-{}", partition % 4),
            log: desk.log.clone(),
            clock: desk.clock.clone(),
            place: 0,
        };
        talk.contact_does(Command::open(InboxId(Uuid::now_v7()))).await;
        talk
    }

    pub(crate) async fn hear(&mut self, text: &str) {
        self.contact_does(Command::say(MessageText::new(text).unwrap())).await;
    }

    /// The contact says so many things.
    pub(crate) async fn hear_many(&mut self, count: usize) {
        for n in 0..count {
            self.hear(&format!("message {n}")).await;
        }
    }

    pub(crate) async fn contact_does(&mut self, command: Command) {
        self.append(Principal::Contact(self.contact), command).await;
    }

    pub(crate) async fn agent_does(&mut self, agent: AgentId, command: Command) {
        self.append(Principal::agent(agent, AgentRole::Owner), command).await;
    }

    async fn append(&mut self, principal: Principal, command: Command) {
        let client_id = ClientId(Uuid::now_v7());
        let request = Request { client_id, principal, author_name: "Ada".to_owned(), command, repeat: false };
        let Decision::Append(entry) =
            self.state.decide_unseen(&request, InboxRules::default(), self.clock.now()).unwrap()
        else {
            panic!("nothing to append for {request:?}")
        };
        self.append_entry(entry).await;
    }

    /// Appends whatever it is.
    pub(crate) async fn append_entry(&mut self, entry: Entry) {
        let trace = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
        let envelope = Envelope::new(self.key, entry, trace);
        self.place = self.log.append(&envelope, self.place).await.unwrap();
        if envelope.entry.seq == self.state.last_seq + 1 {
            self.state.apply(&envelope.entry);
        }
    }

    /// Says something in a conversation that the log holds nothing of any more.
    pub(crate) async fn append_first(&mut self, text: &str) {
        self.place = 0;
        self.hear(text).await;
    }

    /// Appends a message after bytes that are no envelope.
    pub(crate) async fn append_after_nonsense(&mut self, text: &str) {
        self.place += 1;
        self.hear(text).await;
    }

    /// The next message of the contact, not appended.
    pub(crate) fn next_message(&self, text: &str) -> Entry {
        let command = Command::say(MessageText::new(text).unwrap());
        let principal = Principal::Contact(self.contact);
        let (client_id, author_name) = (ClientId(Uuid::now_v7()), String::new());
        let request = Request { client_id, principal, author_name, command, repeat: false };
        match self.state.decide_unseen(&request, InboxRules::default(), self.clock.now()).unwrap() {
            Decision::Append(entry) => entry,
            other => panic!("{other:?} is no message"),
        }
    }

    /// The list row as it must be now.
    pub(crate) fn summary(&self) -> ConversationSummary {
        ConversationSummary::of(self.key.conversation, &self.state).unwrap()
    }
}

pub(crate) fn say(text: &str) -> Command {
    Command::say(MessageText::new(text).unwrap())
}

pub(crate) fn agent() -> AgentId {
    AgentId(Uuid::now_v7())
}

pub(crate) fn only(agent: AgentId) -> FeedTarget {
    FeedTarget::Agent(agent)
}

/// Waits until it is so; gives up after a minute of (paused) time.
pub(crate) async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so().await {
        assert!(Instant::now() < deadline, "it never came true");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
