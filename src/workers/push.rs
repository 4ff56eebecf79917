//! From the log to the agents' feeds: how a conversation stands now, to those whose lists it changes.

mod fold;
mod folds;
mod targets;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_config::{Role, WorkersSettings};
use frontdesk_domain::ConversationKey;
use frontdesk_ports::{ConversationStore, Delivery, Feed, Log, LogError, Record};
use frontdesk_protocol::{ConversationSummary, Envelope, FeedItem};
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::{
    backoff::delay_after,
    deps::WorkerDeps,
    error::WorkerError,
    queue::{Fate, PATIENCE, Queue},
    status::Status,
    steps::{self, StepOutcome},
    telemetry::trace_entry,
};
use folds::Folds;

/// Tells agents how a conversation stands after new entries: one list row for each conversation of a batch.
///
/// Folds entries itself, because the database may be behind; it asks the database only where the log does not reach back
/// far enough. A row told twice does no harm: its `last_seq` says which one is newer.
pub struct PushWorker {
    queue: Queue,
    log: Arc<dyn Log>,
    store: Arc<dyn ConversationStore>,
    feed: Arc<dyn Feed>,
    folds: Mutex<Folds>,
}

/// Conversations that are worked on at a time; each may ask the log and the database.
const AT_ONCE: usize = 16;

/// Conversations whose state is kept; about half a kilobyte each.
const FOLDS: usize = 8_192;

impl PushWorker {
    /// A worker with these settings; `status` is told how it is doing.
    #[must_use]
    pub fn new(deps: &WorkerDeps, settings: &WorkersSettings, status: Arc<Status>) -> Self {
        debug_assert_eq!(status.role(), Role::Push);
        let WorkersSettings { push_batch, persist_ack_wait, .. } = *settings;
        let (source, dead_letters) = (deps.push_work.clone(), deps.dead_letters.clone());
        Self {
            queue: Queue::new(source, dead_letters, status, push_batch, persist_ack_wait),
            log: deps.log.clone(),
            store: deps.store.clone(),
            feed: deps.feed.clone(),
            folds: Mutex::new(Folds::new(FOLDS)),
        }
    }

    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        steps::run(self.queue.status(), &stop, async || self.step(steps::WAIT, &stop).await).await;
    }

    /// Takes one batch, waiting up to `wait` for it, and sees it through.
    ///
    /// Cancel safe: what was taken comes again.
    ///
    /// # Errors
    /// [`WorkerError`]: what was taken comes again. Conversations that fail by themselves do not make the step fail.
    pub async fn step(&self, wait: Duration, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        let Some(taken) = self.queue.take(wait, stop).await? else { return Ok(StepOutcome::Stopped) };
        if taken.is_empty() {
            return Ok(StepOutcome::Idle);
        }
        let count = taken.len();
        let span = tracing::debug_span!("push_batch", taken = count);
        self.push(taken).instrument(span).await?;
        Ok(StepOutcome::Worked(count))
    }

    async fn push(&self, taken: Vec<Delivery>) -> Result<(), WorkerError> {
        let mut by_conversation: BTreeMap<_, Vec<Record>> = BTreeMap::new();
        let mut keys = Vec::with_capacity(taken.len());
        for delivery in &taken {
            // What cannot be read is parked by the worker that writes it to the database.
            let envelope = Envelope::decode(&delivery.payload).ok();
            keys.push(envelope.as_ref().map(Envelope::key));
            if let Some(envelope) = envelope {
                let record = Record { log_seq: delivery.log_seq, envelope };
                by_conversation.entry(record.envelope.key()).or_default().push(record);
            }
        }
        let told = futures_util::stream::iter(by_conversation)
            .map(async |(key, records)| (key, self.tell(key, records).await))
            .buffer_unordered(AT_ONCE);
        let told: BTreeMap<_, _> = self.queue.keeping(&taken, told.collect()).await;
        self.show(&told);
        let fates = taken.into_iter().zip(keys).map(|(delivery, key)| {
            let fate = match key.and_then(|key| told.get(&key)) {
                Some(Err(error)) => fate_after(error, delivery.attempt),
                Some(Ok(())) | None => Fate::Done,
            };
            (delivery, fate)
        });
        let fates = fates.collect();
        Ok(self.queue.settle(fates).await?)
    }

    /// Folds `records`, which are of one conversation, and tells everyone whom they concern how it stands now.
    async fn tell(&self, key: ConversationKey, mut records: Vec<Record>) -> Result<(), WorkerError> {
        records.sort_by_key(|record| record.envelope.entry.seq);
        let mut fold = self.folds().take(key).unwrap_or_default();
        let folded = self.fold(key, &mut fold, &records).await;
        let summary = ConversationSummary::of(key.conversation, &fold.conversation);
        self.folds().put(key, fold);
        let targets = folded?;
        if let Some(summary) = summary {
            let item = FeedItem::Conversation { summary };
            for target in targets.iter() {
                self.feed.publish(key.tenant, target, &item).await?;
                metrics::counter!("desk_push_items_total", "target" => targets.name()).increment(1);
            }
        }
        for record in &records {
            trace_entry!("push", &record.envelope);
        }
        Ok(())
    }

    /// Says once how the batch went.
    fn show(&self, told: &BTreeMap<ConversationKey, Result<(), WorkerError>>) {
        match told.values().find_map(|told| told.as_ref().err()) {
            Some(error) => self.queue.status().went_wrong(error),
            None => self.queue.status().went_well(),
        }
    }

    fn folds(&self) -> MutexGuard<'_, Folds> {
        self.folds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What becomes of a delivery of a conversation that failed.
fn fate_after(error: &WorkerError, attempt: u64) -> Fate {
    match error {
        // The log and the database are away, or one of them is behind: that passes.
        WorkerError::Log(LogError::Unavailable(_)) => Fate::Retry(delay_after(attempt)),
        WorkerError::Store(error) if error.is_transient() => Fate::Retry(delay_after(attempt)),
        _ if attempt < PATIENCE => Fate::Retry(delay_after(attempt)),
        // A feed is best effort: lists are read from the database, which has an alarm of its own for this.
        _ => {
            metrics::counter!("desk_push_skipped_total").increment(1);
            Fate::Done
        }
    }
}
