//! A log in memory, as faithful as tests need: compare-and-set, work queues with redelivery, trimming, and faults on
//! demand.

mod dead;
mod faults;
mod inspector;
mod state;
mod stream;
mod subjects;
#[cfg(test)]
mod tests;
mod work;

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_domain::{ConversationKey, Durability, Partition, TenantId};
use frontdesk_protocol::{AckKind, Envelope, FeedItem};
use tokio::sync::{mpsc, watch};

use frontdesk_ports::{
    error::LogError,
    feed::{Feed, FeedTarget},
    log::{AckRecord, Acks, AppendError, LiveChannel, Liveness, LogStream, MessageLog, Record, Signal, Signals},
    work::{StreamPosition, Trim, WorkSource},
};

pub use faults::AppendFault;
use faults::{Faults, unavailable};
use state::State;
pub use subjects::parse_subject;
use work::MemoryWork;

/// A log in memory. Clones are handles to the same log, as two nodes have on one broker.
///
/// Streams of subscribers are unbounded here; nothing else differs from a broker on purpose.
#[derive(Clone)]
pub struct MemoryLog {
    shared: Arc<Shared>,
}

/// What all handles share.
struct Shared {
    state: Mutex<State>,
    faults: Mutex<Faults>,
    held: watch::Sender<bool>,
    reconnects: watch::Sender<u64>,
    /// Grows whenever a record came or became ready again, to wake those who wait for work.
    changed: watch::Sender<u64>,
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryLog {
    /// An empty log: four streams, class `disk`, one hour of retention, 5 s of acknowledgement wait.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State::new(4)),
                faults: Mutex::default(),
                held: watch::Sender::new(false),
                reconnects: watch::Sender::new(0),
                changed: watch::Sender::new(0),
            }),
        }
    }

    /// Changes what [`MessageLog::retention`] says.
    pub fn set_retention(&self, retention: Duration) {
        self.state().retention = retention;
    }

    /// Changes what [`MessageLog::durability`] says.
    pub fn set_durability(&self, durability: Durability) {
        self.state().durability = durability;
    }

    /// How long a delivery may stay unanswered before it is handed out again.
    pub fn set_ack_wait(&self, ack_wait: Duration) {
        self.state().ack_wait = ack_wait;
    }

    /// The next append ends like this; called several times, the next few do, in that order.
    pub fn fail_next_append(&self, fault: AppendFault) {
        self.faults().appends.push_back(fault);
    }

    /// While `true`, nothing can be reached: appends are `Unavailable`, reads, subscriptions and work fail, signals
    /// vanish.
    pub fn set_unavailable(&self, unavailable: bool) {
        self.faults().unavailable = unavailable;
    }

    /// While `true`, live records, acknowledgements, signals and feed items are lost on the way, as on a cut
    /// connection.
    ///
    /// Turning it off counts as a reconnect.
    pub fn set_live_paused(&self, live_paused: bool) {
        let was_paused = std::mem::replace(&mut self.faults().live_paused, live_paused);
        if was_paused && !live_paused {
            self.interrupt();
        }
    }

    /// While `true`, [`Liveness::stale_channel`] finds every partition's live channel silent, and [`Feed::is_stale`]
    /// every feed.
    pub fn set_silent(&self, silent: bool) {
        self.faults().silent = silent;
    }

    /// Ends every subscription, as a closed connection does, and counts a reconnect.
    pub fn end_subscriptions(&self) {
        self.state().end_subscriptions();
        self.interrupt();
    }

    /// Counts a reconnect without losing anything.
    pub fn interrupt(&self) {
        self.shared.reconnects.send_modify(|count| *count += 1);
    }

    /// Forgets the ids of what was appended, as a broker does after its de-duplication window.
    pub fn forget_ids(&self) {
        self.state().forget_ids();
    }

    /// While `true`, appends wait before anything of them happens.
    pub fn hold_appends(&self, held: bool) {
        self.shared.held.send_replace(held);
    }

    /// Stores `bytes` as the conversation's next record whatever they are, as a faulty or newer writer would.
    pub fn append_raw(&self, key: ConversationKey, bytes: Bytes) -> u64 {
        let log_seq = self.state().store(key, bytes);
        self.wake();
        log_seq
    }

    /// The queue of everything appended, for the database.
    #[must_use]
    pub fn persist_work(&self) -> Arc<dyn WorkSource> {
        Arc::new(MemoryWork::new(self.clone(), "persist"))
    }

    /// The queue of everything appended, for agents and bridges.
    #[must_use]
    pub fn push_work(&self) -> Arc<dyn WorkSource> {
        Arc::new(MemoryWork::new(self.clone(), "push"))
    }

    /// The queue of receipts.
    #[must_use]
    pub fn receipts_work(&self) -> Arc<dyn WorkSource> {
        Arc::new(MemoryWork::new(self.clone(), "receipts"))
    }

    /// The queue of what bridges bring in.
    #[must_use]
    pub fn ingest_work(&self) -> Arc<dyn WorkSource> {
        Arc::new(MemoryWork::new(self.clone(), "ingest"))
    }

    /// The queue of this name over whatever streams have it.
    #[must_use]
    pub fn work(&self, queue: &'static str) -> Arc<dyn WorkSource> {
        Arc::new(MemoryWork::new(self.clone(), queue))
    }

    /// Brings in `payload` on this subject, as a bridge does; gives its sequence.
    pub fn bring_in(&self, subject: String, payload: Bytes) -> u64 {
        let log_seq = self.state().inbound.push(subject, payload);
        self.wake();
        log_seq
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().expect("nothing panics while it holds the log")
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.shared.faults.lock().expect("nothing panics while it holds the faults")
    }

    fn reach(&self) -> Result<MutexGuard<'_, State>, LogError> {
        if self.faults().unavailable {
            return Err(LogError::Unavailable(unavailable()));
        }
        Ok(self.state())
    }

    fn wake(&self) {
        self.shared.changed.send_modify(|version| *version += 1);
    }
}

#[async_trait]
impl MessageLog for MemoryLog {
    async fn append(&self, envelope: &Envelope, expected: u64) -> Result<u64, AppendError> {
        let mut held = self.shared.held.subscribe();
        held.wait_for(|held| !held).await.expect("the log lives as long as its handles");
        let fault = self.faults().for_append();
        if let Some(refusal) = fault.and_then(AppendFault::refusal) {
            return Err(refusal);
        }
        let live_paused = self.faults().live_paused;
        let stored = self.state().append(envelope, expected, live_paused);
        self.wake();
        match fault {
            Some(_) => stored.and(Err(AppendError::Unknown(unavailable()))),
            None => stored,
        }
    }

    async fn last(&self, key: ConversationKey) -> Result<Option<Record>, LogError> {
        self.reach()?.last(key)
    }

    async fn read(&self, key: ConversationKey, after: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        self.reach()?.read(key, after, limit)
    }

    async fn live(&self, partition: Partition) -> Result<LogStream<Record>, LogError> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.reach()?.live.push((partition, sender));
        Ok(items(receiver))
    }

    fn durability(&self) -> Durability {
        self.state().durability
    }

    fn retention(&self) -> Duration {
        self.state().retention
    }
}

#[async_trait]
impl Acks for MemoryLog {
    async fn acknowledge(&self, record: AckRecord) -> Result<(), LogError> {
        let live_paused = self.faults().live_paused;
        self.reach()?.acknowledge(record, live_paused);
        self.wake();
        Ok(())
    }

    async fn persisted(&self, key: ConversationKey) -> Result<u64, LogError> {
        Ok(self.reach()?.acknowledged(key, AckKind::Persisted))
    }

    async fn acks(&self, partition: Partition) -> Result<LogStream<AckRecord>, LogError> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.reach()?.ack_watchers.push((partition, sender));
        Ok(items(receiver))
    }
}

#[async_trait]
impl Signals for MemoryLog {
    async fn signal(&self, key: ConversationKey, signal: Signal) {
        if !self.faults().live_paused
            && let Ok(mut state) = self.reach()
        {
            state.signal(key, &signal);
        }
    }

    async fn signals(&self, partition: Partition) -> Result<LogStream<(ConversationKey, Signal)>, LogError> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.reach()?.signal_watchers.push((partition, sender));
        Ok(items(receiver))
    }
}

#[async_trait]
impl Liveness for MemoryLog {
    fn reconnects(&self) -> watch::Receiver<u64> {
        self.shared.reconnects.subscribe()
    }

    fn stale_channel(&self, _partition: Partition) -> Option<LiveChannel> {
        self.faults().silent.then_some(LiveChannel::Live)
    }
}

#[async_trait]
impl Feed for MemoryLog {
    fn is_stale(&self, _tenant: TenantId) -> bool {
        self.faults().silent
    }

    async fn publish(&self, tenant: TenantId, target: FeedTarget, item: &FeedItem) -> Result<(), LogError> {
        let live_paused = self.faults().live_paused;
        let mut state = self.reach()?;
        if !live_paused {
            state.feed(tenant, target, item);
        }
        Ok(())
    }

    async fn subscribe(&self, tenant: TenantId) -> Result<LogStream<(FeedTarget, FeedItem)>, LogError> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.reach()?.feed_watchers.push((tenant, sender));
        Ok(items(receiver))
    }
}

#[async_trait]
impl Trim for MemoryLog {
    async fn positions(&self) -> Result<Vec<StreamPosition>, LogError> {
        Ok(self.reach()?.positions())
    }

    async fn trim(&self, stream: &str, up_to_seq: u64) -> Result<(), LogError> {
        self.reach()?.trim(stream, up_to_seq);
        Ok(())
    }

    async fn trim_inbound(&self) -> Result<u64, LogError> {
        let mut state = self.reach()?;
        let (first_seq, processed_seq) = (state.inbound.first_seq, state.inbound.processed());
        state.inbound.trim(processed_seq);
        Ok((processed_seq + 1).saturating_sub(first_seq))
    }

    fn retain(&self) -> Duration {
        self.state().retention
    }
}

fn items<T: Send + 'static>(receiver: mpsc::UnboundedReceiver<T>) -> LogStream<T> {
    Box::pin(futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|item| (item, receiver))
    }))
}
