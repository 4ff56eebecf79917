//! The log: one handle for everything, cheap to clone.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::context::ContextBuilder;
use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Partition, TenantId};
use frontdesk_ports::{
    AckRecord, AppendError, Channel, DeadLetter, DeadLetters, Feed, FeedTarget, GivenUpRecords, LetterId, LetterScope,
    Log, LogError, LogStream, ParkedLetter, ParkedLetters, Record, Signal, StreamPosition, Trim, WorkSource,
};
use frontdesk_protocol::{Envelope, FeedItem, socket::Durability};
use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};
use uuid::Uuid;

use crate::{
    acks, append,
    beats::{self, Beats},
    dead,
    error::SetupError,
    feed, given_up,
    link::{Links, Pause, bounded},
    live,
    options::NatsOptions,
    principal::{self, Principal},
    read, signals,
    subjects::{Subjects, Token},
    topology::{Queue, Topology, delete_consumer, ensure_consumer},
    trim, work,
};

/// The message log on NATS JetStream. Clones share one connection, which is dialled anew whenever it is lost.
#[derive(Debug, Clone)]
pub struct NatsLog {
    pub(crate) shared: Arc<Shared>,
}

/// What all clones share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) links: Links,
    pub(crate) topology: Topology,
    pub(crate) options: NatsOptions,
    /// A place for each append that waits for the broker.
    pub(crate) places: Arc<Semaphore>,
    /// What was told last on channel 2, by conversation.
    pub(crate) last_acks: acks::LastAcks,
    /// The name of this connection among heartbeats.
    pub(crate) node: Token,
    /// Heartbeats sent and heard.
    pub(crate) beats: Beats,
}

impl NatsLog {
    /// Connects, and makes sure that the broker holds the streams and consumers that it must.
    ///
    /// The connection's tasks run on the runtime that calls this: one whose threads nothing blocks.
    ///
    /// # Errors
    /// [`SetupError`], with one line for the operator. Nothing was changed but missing streams and consumers made.
    pub async fn connect(options: NatsOptions) -> Result<Self, SetupError> {
        let topology = options.topology()?;
        let deadline = Instant::now() + options.patience;
        let links = Links::connect(&options).await?;
        let mut pause = Pause::default();
        while let Err(error) = set_up(&topology, &links, options.creates_missing).await {
            if !error.is_transient() || Instant::now() >= deadline {
                return Err(error);
            }
            pause.wait().await;
        }
        let places = Arc::new(Semaphore::new(options.max_in_flight));
        let node = Token::new(&Uuid::new_v4().to_string()).expect("a UUID has letters, digits and hyphens only");
        let (last_acks, beats) = (acks::LastAcks::default(), Beats::default());
        Ok(Self { shared: Arc::new(Shared { links, topology, options, places, last_acks, node, beats }) })
    }

    /// A worker's view of a queue. Each has a buffer of its own; records taken through one are not seen by another.
    #[must_use]
    pub fn work(&self, queue: Queue) -> Arc<dyn WorkSource> {
        Arc::new(work::Work::new(Arc::clone(&self.shared), queue))
    }

    /// The records that the broker hands out no more.
    #[must_use]
    pub fn given_up(&self) -> Arc<dyn GivenUpRecords> {
        Arc::new(given_up::GivenUpQueue::new(Arc::clone(&self.shared)))
    }

    /// Makes the consumer of a bridge or integrator, unless it is there. Only the core user may.
    ///
    /// # Errors
    /// [`SetupError`]: the broker refuses, or there is another of that name.
    pub async fn add_principal(&self, principal: &Principal) -> Result<(), SetupError> {
        let link = self.shared.links.get().map_err(|lost| SetupError::NotReady(lost.into()))?;
        let subjects = self.shared.subjects();
        ensure_consumer(&link.broker, &principal.stream(subjects), &principal.consumer(subjects)).await
    }

    /// Removes the consumer of a bridge or integrator, and with it how far it had come. Nothing happens if there is none.
    ///
    /// # Errors
    /// [`SetupError`]: the broker refuses.
    pub async fn remove_principal(&self, principal: &Principal) -> Result<(), SetupError> {
        let link = self.shared.links.get().map_err(|lost| SetupError::NotReady(lost.into()))?;
        delete_consumer(&link.broker, &principal.stream(self.shared.subjects()), principal.name()).await
    }

    /// The bridges and integrators that have a consumer, by name.
    ///
    /// # Errors
    /// [`LogError`].
    pub async fn principals(&self) -> Result<Vec<Principal>, LogError> {
        principal::with_consumers(&self.shared).await
    }

    /// The subjects to which it may publish, and no others.
    #[must_use]
    pub fn rights_of(&self, principal: &Principal) -> Vec<String> {
        principal.services(self.shared.subjects()).into_iter().map(|(subject, _)| subject).collect()
    }

    /// Its account and what the desk's account must export for it, to be added to a broker's configuration by hand.
    #[must_use]
    pub fn configuration_of(&self, principal: &Principal, password_hash: &str) -> (String, String) {
        let subjects = self.shared.subjects();
        (principal.account(subjects, password_hash), principal::exports(std::slice::from_ref(principal), subjects))
    }

    /// Whether there is a connection now. Whether the log takes anything, only [`Self::probe`] knows.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.shared.links.get().is_ok()
    }

    /// Writes a small record, of which only the last is kept, for `node`; for readiness checks.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] when the broker does not acknowledge it in time.
    pub async fn probe(&self, node: &Token) -> Result<(), LogError> {
        acks::publish(&self.shared, self.shared.subjects().probe(node), Vec::new()).await
    }

    /// Waits until no append is in flight and all acknowledgements of work are with the operating system, for a graceful
    /// end. New ones must have stopped.
    pub async fn settled(&self) {
        let all = u32::try_from(self.shared.options.max_in_flight).unwrap_or(u32::MAX);
        // An error means that the places are closed, and then nothing is in flight either.
        let _ = self.shared.places.acquire_many(all).await;
        if let Ok(link) = self.shared.links.get() {
            // In vain when the connection is cut just now; then the work comes again.
            let _ = bounded(self.shared.options.ack_timeout, link.client.flush()).await;
        }
    }
}

impl Shared {
    pub(crate) const fn subjects(&self) -> &Subjects {
        &self.topology.subjects
    }
}

async fn set_up(topology: &Topology, links: &Links, creates_missing: bool) -> Result<(), SetupError> {
    let link = links.get().map_err(|lost| SetupError::NotReady(lost.into()))?;
    // Making a stream takes a cluster longer than appending to it.
    let broker = ContextBuilder::new().timeout(SET_UP).build(link.client.clone());
    if creates_missing { topology.ensure(&broker).await } else { topology.verify(&broker).await }
}

/// How long one request may take that makes or looks at a stream or consumer.
const SET_UP: Duration = Duration::from_secs(5);

#[async_trait]
impl Log for NatsLog {
    async fn append(&self, envelope: &Envelope, expected: u64) -> Result<u64, AppendError> {
        append::append(&self.shared, envelope, expected).await
    }

    async fn last(&self, key: ConversationKey) -> Result<Option<Record>, LogError> {
        read::last(&self.shared, key).await
    }

    async fn read(&self, key: ConversationKey, after: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        read::read(&self.shared, key, after, limit).await
    }

    async fn live(&self, partition: Partition) -> Result<LogStream<Record>, LogError> {
        live::live(Arc::clone(&self.shared), partition).await
    }

    async fn acknowledge(&self, record: AckRecord) -> Result<(), LogError> {
        acks::acknowledge(&self.shared, record).await
    }

    async fn persisted(&self, key: ConversationKey) -> Result<u64, LogError> {
        acks::persisted(&self.shared, key).await
    }

    async fn acks(&self, partition: Partition) -> Result<LogStream<AckRecord>, LogError> {
        acks::acks(Arc::clone(&self.shared), partition).await
    }

    async fn signal(&self, key: ConversationKey, signal: Signal) {
        signals::signal(&self.shared, key, &signal).await;
    }

    async fn signals(&self, partition: Partition) -> Result<LogStream<(ConversationKey, Signal)>, LogError> {
        signals::signals(Arc::clone(&self.shared), partition).await
    }

    fn interruptions(&self) -> watch::Receiver<u64> {
        self.shared.links.interruptions.watch()
    }

    async fn beat(&self, partition: Partition) -> Result<(), LogError> {
        beats::beat(&self.shared, partition).await
    }

    fn deaf(&self, partition: Partition) -> Option<Channel> {
        self.shared.beats.deaf(partition)
    }

    fn durability(&self) -> Durability {
        self.shared.options.durability
    }

    fn retention(&self) -> Duration {
        self.shared.options.retain_at_least
    }
}

#[async_trait]
impl Feed for NatsLog {
    async fn publish(&self, tenant: TenantId, target: FeedTarget, item: &FeedItem) -> Result<(), LogError> {
        feed::publish(&self.shared, tenant, target, item).await
    }

    async fn subscribe(&self, tenant: TenantId) -> Result<LogStream<(FeedTarget, FeedItem)>, LogError> {
        feed::subscribe(Arc::clone(&self.shared), tenant).await
    }

    async fn beat(&self, tenants: &[TenantId]) -> Result<(), LogError> {
        beats::beat_feeds(&self.shared, tenants).await
    }

    fn deaf(&self, tenant: TenantId) -> bool {
        self.shared.beats.feed_is_deaf(tenant)
    }
}

#[async_trait]
impl DeadLetters for NatsLog {
    async fn park(&self, letter: &DeadLetter) -> Result<(), LogError> {
        dead::park(&self.shared, letter).await
    }
}

#[async_trait]
impl ParkedLetters for NatsLog {
    async fn letters(&self, scope: LetterScope, after: u64, limit: usize) -> Result<Vec<ParkedLetter>, LogError> {
        dead::letters(&self.shared, scope, after, limit).await
    }

    async fn of_conversation(
        &self,
        key: ConversationKey,
        consumer: &str,
        limit: usize,
    ) -> Result<Vec<ParkedLetter>, LogError> {
        dead::of_conversation(&self.shared, key, consumer, limit).await
    }

    async fn letter(&self, scope: LetterScope, id: &LetterId) -> Result<Option<ParkedLetter>, LogError> {
        dead::letter(&self.shared, scope, id).await
    }

    async fn failed_again(&self, letter: &ParkedLetter, reason: &str) -> Result<(), LogError> {
        dead::failed_again(&self.shared, letter, reason).await
    }

    async fn remove(&self, letter: &ParkedLetter) -> Result<(), LogError> {
        dead::remove(&self.shared, letter).await
    }

    async fn count(&self) -> Result<u64, LogError> {
        dead::count(&self.shared).await
    }
}

#[async_trait]
impl Trim for NatsLog {
    async fn positions(&self) -> Result<Vec<StreamPosition>, LogError> {
        trim::positions(&self.shared).await
    }

    async fn trim(&self, stream: &str, up_to_seq: u64) -> Result<(), LogError> {
        trim::trim(&self.shared, stream, up_to_seq).await
    }

    async fn trim_inbound(&self) -> Result<u64, LogError> {
        trim::trim_inbound(&self.shared).await
    }

    fn retain(&self) -> Duration {
        self.shared.options.retain
    }
}
