//! From the log to the agents' feeds: how a conversation stands, to the agents whose lists that changes.

mod targets;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use frontdesk_config::Role;
use frontdesk_domain::{AgentId, Conversation, ConversationKey, Entry, Timer};
use frontdesk_ports::{Clock, Delivery, Directory, Feed, LogError, Record, Timers};
use frontdesk_protocol::{ConversationSummary, Envelope, FeedItem};
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::kit::{
    DeadLetterUnit, Disposition, Projection, Status, StepOutcome, Worker, WorkerContext, WorkerError, delay_after,
    queue::{MAX_ATTEMPTS, Queue},
    telemetry::trace_entry,
};
use targets::Targets;

/// Sends agents one list row for each conversation of a batch. A row that is sent twice does no harm: its `last_seq`
/// says which one is newer.
pub struct PushWorker {
    queue: Queue,
    projection: Projection,
    feed: Arc<dyn Feed>,
    directory: Arc<dyn Directory>,
    timers: Arc<dyn Timers>,
    clock: Arc<dyn Clock>,
}

/// Conversations processed concurrently; each may read the log and the database.
const AT_ONCE: usize = 16;

/// Conversations whose state is kept, about half a kilobyte each.
const STATES_KEPT: usize = 8_192;

impl Worker for PushWorker {
    const ROLE: Role = Role::named("push");
    const DEAD_LETTERS: DeadLetterUnit = DeadLetterUnit::Single;

    fn new(context: &WorkerContext) -> Self {
        let ports = context.ports();
        Self {
            queue: context.queue(context.settings().push_batch),
            projection: Projection::new(ports.log.clone(), ports.database.conversations.clone(), STATES_KEPT),
            feed: ports.feed.clone(),
            directory: ports.database.directory.clone(),
            timers: ports.database.timers.clone(),
            clock: ports.clock.clone(),
        }
    }

    fn status(&self) -> &Arc<Status> {
        self.queue.status()
    }

    /// Conversations that fail by themselves do not make the step fail.
    async fn step(&self, wait: Duration, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        let Some(taken) = self.queue.take(wait, stop).await? else { return Ok(StepOutcome::Stopped) };
        if taken.is_empty() {
            return Ok(StepOutcome::Idle);
        }
        let count = taken.len();
        let span = tracing::debug_span!("push_batch", taken = count);
        self.push(taken).instrument(span).await?;
        Ok(StepOutcome::Worked(count))
    }
}

impl PushWorker {
    async fn push(&self, taken: Vec<Delivery>) -> Result<(), WorkerError> {
        let mut by_conversation: BTreeMap<_, Vec<Record>> = BTreeMap::new();
        let mut keys = Vec::with_capacity(taken.len());
        for delivery in &taken {
            // What cannot be decoded becomes a dead letter of the persist queue.
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
        let dispositions = taken.into_iter().zip(keys).map(|(delivery, key)| {
            let disposition = match key.and_then(|key| told.get(&key)) {
                Some(Err(error)) => after_failure(error, delivery.attempt),
                Some(Ok(())) | None => Disposition::Ack,
            };
            (delivery, disposition)
        });
        let dispositions = dispositions.collect();
        Ok(self.queue.settle(dispositions).await?)
    }

    /// Publishes how one conversation stands after `records` to everyone whom they concern.
    async fn tell(&self, key: ConversationKey, mut records: Vec<Record>) -> Result<(), WorkerError> {
        records.sort_by_key(|record| record.envelope.entry.seq);
        let mut targets = Targets::default();
        let status_of = |conversation: &Conversation| conversation.status;
        let visit = |entry: &Entry, before, after: &Conversation| targets.add(entry, before, after);
        let conversation = self.projection.advance(key, &records, status_of, visit).await?;
        if let Some(summary) = ConversationSummary::of(key.conversation, &conversation) {
            let item = FeedItem::Conversation { summary, former_holders: targets.former_holders(&conversation) };
            for target in targets.iter() {
                self.feed.publish(key.tenant, target, &item).await?;
                metrics::counter!("desk_push_items_total", "target" => targets.name()).increment(1);
            }
        }
        for record in &records {
            trace_entry!("push", &record.envelope);
        }
        match conversation.assignee() {
            Some(holder) if targets.brought_to_holder() => self.check_holder(key, holder, conversation.last_seq).await,
            _ => Ok(()),
        }
    }

    /// Sets a timer that releases a conversation whose holder may not work on it any more: it was resolved when the
    /// agent lost its rights and is opened again, or it was given to the agent in that moment.
    async fn check_holder(&self, key: ConversationKey, holder: AgentId, seq: u64) -> Result<(), WorkerError> {
        let agent = self.directory.agent(key.tenant, holder).await?;
        if !agent.is_some_and(|agent| agent.may_hold_conversations()) {
            self.timers.set_timer(&Timer::release_conversation(key, holder, seq, self.clock.now())).await?;
        }
        Ok(())
    }

    /// Reports once how the batch went.
    fn show(&self, told: &BTreeMap<ConversationKey, Result<(), WorkerError>>) {
        match told.values().find_map(|told| told.as_ref().err()) {
            Some(error) => self.queue.status().went_wrong(error),
            None => self.queue.status().went_well(),
        }
    }
}

/// What becomes of a delivery of a conversation that failed.
fn after_failure(error: &WorkerError, attempt: u64) -> Disposition {
    match error {
        // The log or the database is unavailable: temporary.
        WorkerError::Log(LogError::Unavailable(_)) => Disposition::Retry(delay_after(attempt)),
        WorkerError::Store(error) if error.is_transient() => Disposition::Retry(delay_after(attempt)),
        _ if attempt < MAX_ATTEMPTS => Disposition::Retry(delay_after(attempt)),
        // A feed is best effort: lists are read from the database, and a missing entry has an alarm of its own there.
        _ => {
            metrics::counter!("desk_push_skipped_total").increment(1);
            Disposition::Ack
        }
    }
}
