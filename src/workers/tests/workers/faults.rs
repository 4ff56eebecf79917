//! A log and a database that go wrong at chosen places.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_domain::{
    Audience, ClientId, ContactId, ConversationId, ConversationKey, Entry, Participant, Partition, TenantId, Watermark,
};
use frontdesk_memory::{MemoryLog, MemoryStore, parse_subject};
use frontdesk_ports::{
    AckRecord, Acks, AppendError, ChangePosition, Changes, ConversationFilter, ConversationStore, DeadLetter,
    DeadLetterSink, Delivery, DeliveryHandle, EntryRange, Feed, FeedTarget, Liveness, LogError, LogStream, MessageLog,
    Page, PageRequest, Persisted, ReceiptUpdate, Record, RequestRecord, Signal, Signals, Snapshot, StoreError,
    WorkSource,
};
use frontdesk_protocol::{ConversationSummary, Envelope, FeedItem, socket::Durability};

use super::desk::Desk;

/// A log that checks each acknowledgement against the database, and takes longer over some than over others.
pub(crate) struct Strict {
    log: MemoryLog,
    store: Arc<MemoryStore>,
    answers: Answers,
}

/// What becomes of acknowledgements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// They get through.
    Well,
    /// They get nowhere and are never answered.
    Never,
    /// They are refused.
    Badly,
    /// Acknowledging panics.
    Panic,
}

impl Strict {
    pub(crate) fn on(desk: &Desk, answers: Answers) -> Arc<Self> {
        Arc::new(Self { log: desk.log.clone(), store: desk.store.clone(), answers })
    }
}

#[async_trait]
impl MessageLog for Strict {
    async fn append(&self, envelope: &Envelope, expected: u64) -> Result<u64, AppendError> {
        self.log.append(envelope, expected).await
    }

    async fn last(&self, key: ConversationKey) -> Result<Option<Record>, LogError> {
        self.log.last(key).await
    }

    async fn read(&self, key: ConversationKey, after: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        self.log.read(key, after, limit).await
    }

    async fn live(&self, partition: Partition) -> Result<LogStream<Record>, LogError> {
        self.log.live(partition).await
    }

    fn durability(&self) -> Durability {
        self.log.durability()
    }

    fn retention(&self) -> Duration {
        self.log.retention()
    }
}

#[async_trait]
impl Acks for Strict {
    async fn acknowledge(&self, record: AckRecord) -> Result<(), LogError> {
        let snapshot = self.store.load(record.key).await.expect("it answered the commit");
        let stored = snapshot.map_or(0, |snapshot| snapshot.conversation.last_seq);
        assert!(record.ack.up_to_seq <= stored, "{} acknowledged, {stored} stored", record.ack.up_to_seq);
        tokio::time::sleep(Duration::from_millis(record.ack.up_to_seq * 7 % 20)).await;
        match self.answers {
            Answers::Well => {}
            Answers::Never => std::future::pending().await,
            Answers::Panic => panic!("a defect that the test made"),
            Answers::Badly => return Err(LogError::Unavailable("refused by the test".into())),
        }
        self.log.acknowledge(record).await
    }

    async fn persisted(&self, key: ConversationKey) -> Result<u64, LogError> {
        self.log.persisted(key).await
    }

    async fn acks(&self, partition: Partition) -> Result<LogStream<AckRecord>, LogError> {
        self.log.acks(partition).await
    }
}

#[async_trait]
impl Signals for Strict {
    async fn signal(&self, key: ConversationKey, signal: Signal) {
        self.log.signal(key, signal).await;
    }

    async fn signals(&self, partition: Partition) -> Result<LogStream<(ConversationKey, Signal)>, LogError> {
        self.log.signals(partition).await
    }
}

impl Liveness for Strict {}

/// A database that will not have some of what it is offered.
pub(crate) struct Picky<F> {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) refuses: F,
}

#[async_trait]
impl<F: Fn(&Entry) -> bool + Send + Sync> ConversationStore for Picky<F> {
    async fn load(&self, key: ConversationKey) -> Result<Option<Snapshot>, StoreError> {
        self.store.load(key).await
    }
    async fn persist(&self, records: &[Record]) -> Result<BTreeMap<ConversationKey, Persisted>, StoreError> {
        if records.iter().any(|record| (self.refuses)(&record.envelope.entry)) {
            return Err(StoreError::Corrupt("refused by the test".into()));
        }
        self.store.persist(records).await
    }
    async fn entries(
        &self,
        key: ConversationKey,
        range: EntryRange,
        audience: Audience,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.store.entries(key, range, audience, limit).await
    }
    async fn find_request(
        &self,
        key: ConversationKey,
        sender: Participant,
        client_id: ClientId,
    ) -> Result<Option<RequestRecord>, StoreError> {
        self.store.find_request(key, sender, client_id).await
    }
    async fn list(
        &self,
        tenant: TenantId,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationSummary>, StoreError> {
        self.store.list(tenant, filter, page).await
    }
    async fn newest_change(&self, tenant: TenantId) -> Result<ChangePosition, StoreError> {
        self.store.newest_change(tenant).await
    }
    async fn changed_since(
        &self,
        tenant: TenantId,
        after: ChangePosition,
        limit: usize,
        most: usize,
    ) -> Result<Option<Changes>, StoreError> {
        self.store.changed_since(tenant, after, limit, most).await
    }
    async fn latest_of_contact(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Option<ConversationId>, StoreError> {
        self.store.latest_of_contact(tenant, contact).await
    }
    async fn raise_receipts(&self, updates: &[ReceiptUpdate]) -> Result<(), StoreError> {
        self.store.raise_receipts(updates).await
    }
    async fn receipts(&self, key: ConversationKey) -> Result<Vec<(Participant, Watermark)>, StoreError> {
        self.store.receipts(key).await
    }
}

/// A feed that loses the first few items, and says so.
pub(crate) struct Stutters {
    pub(crate) log: MemoryLog,
    pub(crate) fails: AtomicU32,
}

#[async_trait]
impl Feed for Stutters {
    async fn publish(&self, tenant: TenantId, target: FeedTarget, item: &FeedItem) -> Result<(), LogError> {
        let fails = self.fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match fails {
            Ok(_) => Err(LogError::Unavailable("lost by the test".into())),
            Err(_) => self.log.publish(tenant, target, item).await,
        }
    }
    async fn subscribe(&self, tenant: TenantId) -> Result<LogStream<(FeedTarget, FeedItem)>, LogError> {
        self.log.subscribe(tenant).await
    }
}

/// No room for dead letters.
pub(crate) struct Full;

#[async_trait]
impl DeadLetterSink for Full {
    async fn store(&self, _: &DeadLetter) -> Result<(), LogError> {
        Err(LogError::Unavailable("no room".into()))
    }
}

/// A queue that holds what the test put into it.
pub(crate) struct Given(Mutex<Vec<Delivery>>);

impl Given {
    /// These subjects and payloads.
    pub(crate) fn of(records: impl IntoIterator<Item = (String, Vec<u8>)>) -> Arc<Self> {
        let deliver = |(log_seq, (subject, payload)): (u64, (String, Vec<u8>))| Delivery {
            stream: "ACKS".to_owned(),
            log_seq,
            subject: parse_subject(&subject),
            payload: payload.into(),
            attempt: 1,
            handle: Box::new(Unheard),
        };
        Arc::new(Self(Mutex::new((1..).zip(records).map(deliver).collect())))
    }
}

#[async_trait]
impl WorkSource for Given {
    fn name(&self) -> &str {
        "given"
    }
    async fn take(&self, _: usize, _: Duration) -> Result<Vec<Delivery>, LogError> {
        Ok(std::mem::take(&mut *self.0.lock().expect("no panic")))
    }
    async fn pending(&self) -> Result<u64, LogError> {
        Ok(0)
    }
}

/// Ignores the disposition of a delivery.
struct Unheard;

#[async_trait]
impl DeliveryHandle for Unheard {
    async fn ack(&self) -> Result<(), LogError> {
        Ok(())
    }
    async fn retry(&self, _: Duration) -> Result<(), LogError> {
        Ok(())
    }
    async fn progress(&self) -> Result<(), LogError> {
        Ok(())
    }
}
