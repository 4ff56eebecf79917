//! A desk with everything in memory, and nodes upon it.

use std::{sync::Arc, time::Duration};

use actix_rt::{Arbiter, ArbiterHandle};
use frontdesk_actors::{Host, HostPorts, Node, SessionPorts};
use frontdesk_config::Settings;
use frontdesk_domain::{Command, ConversationId, ConversationKey, Entry, InboxId, Request, TenantId};
use frontdesk_memory::{MemoryInboxRules, MemoryLog, MemoryPresence, MemoryStore};
use frontdesk_ports::{
    AckRecord, Acks as _, Clock, Commands, ConversationStore, ExecuteError, Executed, Feed, Installation as _, Log,
    ManualClock, MessageLog as _, Presence, SystemClock, Trim,
};
use frontdesk_protocol::{Ack, AckKind};
use uuid::Uuid;

use crate::{
    participants::{Doorkeeper, Person},
    time::RuntimeClock,
};

/// Log, database and people that nodes share.
pub(crate) struct World {
    pub(crate) log: MemoryLog,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) feed: Arc<dyn Feed>,
    pub(crate) presence: Arc<dyn Presence>,
    pub(crate) inbox_rules: Arc<MemoryInboxRules>,
    sessions: Arc<MemoryPresence>,
    pub(crate) doorkeeper: Arc<Doorkeeper>,
    pub(crate) settings: Settings,
    clock: Arc<dyn Clock>,
    epoch: String,
}

impl World {
    /// One whose time stands still while anything can be done. Not for sockets.
    pub(crate) async fn begin() -> Self {
        tokio::time::pause();
        Self::with_clock(Arc::new(RuntimeClock::new())).await
    }

    /// Another one, with the same clock.
    pub(crate) async fn another(&self) -> Self {
        Self::with_clock(Arc::clone(&self.clock)).await
    }

    /// One in real time.
    pub(crate) async fn real() -> Self {
        Self::with_clock(Arc::new(SystemClock::default())).await
    }

    /// One for sockets, whose clock stands still until it is moved.
    pub(crate) async fn with_manual_clock() -> (Self, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::default());
        (Self::with_clock(Arc::clone(&clock) as _).await, clock)
    }

    async fn with_clock(clock: Arc<dyn Clock>) -> Self {
        let (log, store) = (MemoryLog::new(), MemoryStore::new());
        let presence = Arc::new(MemoryPresence::new(Arc::clone(&clock)));
        Self {
            feed: Arc::new(log.clone()),
            log,
            epoch: store.epoch().await.unwrap(),
            store: Arc::new(store),
            presence: Arc::clone(&presence) as _,
            inbox_rules: Arc::default(),
            sessions: presence,
            doorkeeper: Arc::new(Doorkeeper::new(TenantId(Uuid::now_v7()), InboxId(Uuid::now_v7()))),
            settings: Settings::load(None, []).unwrap(),
            clock,
        }
    }

    /// A node whose actors live on this thread.
    pub(crate) fn node(&self) -> Arc<Node> {
        self.node_with(Arc::new(self.log.clone()), Arc::clone(&self.store) as _, &[Arbiter::current()])
    }

    /// A node with threads of its own.
    pub(crate) fn node_on_threads(&self, threads: usize) -> Arc<Node> {
        let arbiters: Vec<_> = (0..threads).map(|_| Arbiter::new().handle()).collect();
        self.node_with(Arc::new(self.log.clone()), Arc::clone(&self.store) as _, &arbiters)
    }

    pub(crate) fn node_with(
        &self,
        log: Arc<dyn Log>,
        conversations: Arc<dyn ConversationStore>,
        arbiters: &[ArbiterHandle],
    ) -> Arc<Node> {
        let of_host = HostPorts {
            log: Arc::clone(&log),
            inspector: Arc::new(self.log.clone()),
            conversations: Arc::clone(&conversations),
            presence: Arc::clone(&self.presence),
            inbox_rules: Arc::clone(&self.inbox_rules) as _,
            clock: Arc::clone(&self.clock),
            settings: self.settings.conversation.clone(),
            epoch: self.epoch.clone(),
        };
        let of_sessions = SessionPorts {
            log,
            feed: Arc::clone(&self.feed),
            conversations,
            directory: Arc::clone(&self.store) as _,
            presence: Arc::clone(&self.presence),
            sessions: Arc::clone(&self.sessions) as _,
            authenticator: Arc::clone(&self.doorkeeper) as _,
            away: Arc::clone(&self.doorkeeper) as _,
            clock: Arc::clone(&self.clock),
            session: self.settings.session.clone(),
            epoch: self.epoch.clone(),
            node: "node".into(),
        };
        Node::start(Host::start(of_host, arbiters), Arc::new(of_sessions), &arbiters[0])
    }

    pub(crate) fn epoch(&self) -> String {
        self.epoch.clone()
    }

    /// A conversation that `contact` opened; its first entry.
    pub(crate) async fn open(&self, node: &Node, contact: &Person) -> ConversationKey {
        let (key, request) = self.opening(contact);
        assert_eq!(accepted(node, key, request).await, 1);
        key
    }

    /// A conversation that is not open yet, and the request that opens it.
    pub(crate) fn opening(&self, contact: &Person) -> (ConversationKey, Request) {
        let request = contact.asks(Command::open(self.doorkeeper.inbox));
        let frontdesk_domain::Principal::Contact(id) = contact.principal else { panic!("contacts open conversations") };
        let tenant = self.doorkeeper.tenant;
        let conversation = ConversationId::for_opening(tenant, id, request.client_id);
        (ConversationKey { tenant, conversation }, request)
    }

    /// Everything that the log holds of a conversation.
    pub(crate) async fn logged(&self, key: ConversationKey) -> Vec<Entry> {
        let records = self.log.read(key, 0, usize::MAX).await.unwrap();
        records.into_iter().map(|record| record.envelope.entry).collect()
    }

    /// The texts among it.
    pub(crate) async fn texts(&self, key: ConversationKey) -> Vec<String> {
        let logged = self.logged(key).await;
        logged.iter().filter_map(|entry| entry.event.text()).map(str::to_owned).collect()
    }

    /// Does what the persist worker does; says so unless `silently`.
    pub(crate) async fn persist(&self, key: ConversationKey, silently: bool) -> u64 {
        let records = self.log.read(key, 0, usize::MAX).await.unwrap();
        let persisted = self.store.persist(&records).await.unwrap();
        let up_to_seq = persisted.get(&key).map_or(0, |persisted| persisted.up_to_seq);
        assert!(persisted.values().all(|persisted| persisted.contradicting.is_empty()), "{persisted:?}");
        if !silently && up_to_seq > 0 {
            self.log.acknowledge(AckRecord { key, kind: AckKind::Persisted, ack: Ack { up_to_seq } }).await.unwrap();
        }
        up_to_seq
    }

    /// Removes everything from the log.
    pub(crate) async fn trim(&self) {
        for position in self.log.positions().await.unwrap() {
            self.log.trim(&position.stream, position.last_seq).await.unwrap();
        }
    }
}

/// Carries `request` out; the number of its entry.
pub(crate) async fn accepted(node: &Node, key: ConversationKey, request: Request) -> u64 {
    let what = format!("{:?}", request.command);
    execute(node, key, request).await.unwrap_or_else(|error| panic!("{what}: {error:?}")).answer.seq
}

/// Carries `request` out, which takes no longer than a minute.
pub(crate) async fn execute(node: &Node, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
    let carried_out = tokio::time::timeout(Duration::from_secs(60), node.host().execute(key, request));
    carried_out.await.expect("a command is answered within a minute")
}

/// Checks that entries are numbered without a hole and no request was logged twice.
pub(crate) fn assert_dense(entries: &[Entry]) {
    let seqs: Vec<_> = entries.iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, (1..=entries.len() as u64).collect::<Vec<_>>());
    let mut names: Vec<_> = entries.iter().map(|entry| (entry.author.member, entry.client_id)).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), entries.len(), "each request is logged once");
}
