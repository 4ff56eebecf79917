//! A log with faults that a log in memory has not.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_memory::MemoryLog;
use frontdesk_ports::{
    AckRecord, Acks, AppendError, Liveness, LogError, LogStream, MessageLog, Record, Signal, Signals,
};
use frontdesk_protocol::{Envelope, socket::Durability};
use futures_util::StreamExt;
use tokio::sync::watch;

/// A [`MemoryLog`] that panics, and loses live records, when a text says so. Counts reads and heartbeats.
#[derive(Default)]
pub(crate) struct FaultyLog {
    inner: MemoryLog,
    lost: Arc<Mutex<HashSet<&'static str>>>,
    pub(crate) asked_for_last: AtomicUsize,
    beats: AtomicUsize,
    pub(crate) panics: AtomicUsize,
}

impl FaultyLog {
    pub(crate) fn new(inner: &MemoryLog) -> Arc<Self> {
        Arc::new(Self { inner: inner.clone(), ..Self::default() })
    }

    /// Live records with this text do not arrive.
    pub(crate) fn lose(&self, text: &'static str) {
        self.lost.lock().unwrap().insert(text);
    }

    /// The next read or append panics.
    pub(crate) fn panic_once(&self) {
        self.panics.store(1, Ordering::SeqCst);
    }

    /// How often the last record was asked for since this was asked.
    pub(crate) fn take_asked(&self) -> usize {
        self.asked_for_last.swap(0, Ordering::SeqCst)
    }

    /// How many heartbeats it was sent since this was asked.
    pub(crate) fn take_beats(&self) -> usize {
        self.beats.swap(0, Ordering::SeqCst)
    }

    fn perhaps_panic(&self) {
        assert_eq!(self.panics.swap(0, Ordering::SeqCst), 0, "as the test wants it");
    }
}

#[async_trait]
impl MessageLog for FaultyLog {
    async fn append(&self, envelope: &Envelope, expected: u64) -> Result<u64, AppendError> {
        self.perhaps_panic();
        self.inner.append(envelope, expected).await
    }

    async fn last(&self, key: ConversationKey) -> Result<Option<Record>, LogError> {
        self.perhaps_panic();
        self.asked_for_last.fetch_add(1, Ordering::SeqCst);
        self.inner.last(key).await
    }

    async fn read(&self, key: ConversationKey, after: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        // A few at a time, so that several reads are needed.
        self.inner.read(key, after, limit.min(3)).await
    }

    async fn live(&self, partition: Partition) -> Result<LogStream<Record>, LogError> {
        let lost = Arc::clone(&self.lost);
        let arrives = move |record: &Record| {
            let text = record.envelope.entry.event.text();
            std::future::ready(!text.is_some_and(|text| lost.lock().unwrap().contains(text)))
        };
        Ok(self.inner.live(partition).await?.filter(arrives).boxed())
    }

    fn durability(&self) -> Durability {
        self.inner.durability()
    }

    fn retention(&self) -> Duration {
        self.inner.retention()
    }
}

#[async_trait]
impl Acks for FaultyLog {
    async fn acknowledge(&self, record: AckRecord) -> Result<(), LogError> {
        self.inner.acknowledge(record).await
    }

    async fn persisted(&self, key: ConversationKey) -> Result<u64, LogError> {
        self.inner.persisted(key).await
    }

    async fn acks(&self, partition: Partition) -> Result<LogStream<AckRecord>, LogError> {
        self.inner.acks(partition).await
    }
}

#[async_trait]
impl Signals for FaultyLog {
    async fn signal(&self, key: ConversationKey, signal: Signal) {
        self.inner.signal(key, signal).await;
    }

    async fn signals(&self, partition: Partition) -> Result<LogStream<(ConversationKey, Signal)>, LogError> {
        self.inner.signals(partition).await
    }
}

#[async_trait]
impl Liveness for FaultyLog {
    fn reconnects(&self) -> watch::Receiver<u64> {
        self.inner.reconnects()
    }

    async fn check(&self, partition: Partition) -> Result<(), LogError> {
        self.beats.fetch_add(1, Ordering::SeqCst);
        self.inner.check(partition).await
    }
}
