//! The ports that [`NatsLog`] implements, each method in the module of its subject.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Partition, TenantId};
use frontdesk_ports::{
    AckRecord, Acks, AppendError, DeadLetter, DeadLetterId, DeadLetterScope, DeadLetterSink, DeadLetterStore, Feed,
    FeedTarget, LiveChannel, Liveness, LogError, LogStream, MessageLog, Notice, NoticeEvent, Notices, Record, Signal,
    Signals, StoredDeadLetter, StreamPosition, Trim,
};
use frontdesk_protocol::{Envelope, FeedItem, socket::Durability};
use tokio::sync::watch;

use super::NatsLog;
use crate::{
    client::Unavailable,
    log::{acks, append, feed, heartbeat, live, notices, read, signals},
    queues::{dead_letters, trim},
};

#[async_trait]
impl MessageLog for NatsLog {
    async fn append(&self, envelope: &Envelope, expected: u64) -> Result<u64, AppendError> {
        append::append(&self.client, envelope, expected).await
    }

    async fn last(&self, key: ConversationKey) -> Result<Option<Record>, LogError> {
        read::last(&self.client, key).await
    }

    async fn read(&self, key: ConversationKey, after: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        read::read(&self.client, key, after, limit).await
    }

    async fn live(&self, partition: Partition) -> Result<LogStream<Record>, LogError> {
        live::live(Arc::clone(&self.client), Arc::clone(&self.liveness), partition).await
    }

    fn durability(&self) -> Durability {
        self.client.options.durability
    }

    fn retention(&self) -> Duration {
        self.client.options.retain_at_least
    }
}

#[async_trait]
impl Acks for NatsLog {
    async fn acknowledge(&self, record: AckRecord) -> Result<(), LogError> {
        acks::acknowledge(&self.client, &self.last_acks, record).await
    }

    async fn persisted(&self, key: ConversationKey) -> Result<u64, LogError> {
        acks::persisted(&self.client, key).await
    }

    async fn acks(&self, partition: Partition) -> Result<LogStream<AckRecord>, LogError> {
        acks::acks(&self.client, Arc::clone(&self.liveness), partition).await
    }
}

#[async_trait]
impl Signals for NatsLog {
    async fn signal(&self, key: ConversationKey, signal: Signal) {
        signals::signal(&self.client, key, &signal).await;
    }

    async fn signals(&self, partition: Partition) -> Result<LogStream<(ConversationKey, Signal)>, LogError> {
        signals::signals(&self.client, Arc::clone(&self.liveness), partition).await
    }
}

#[async_trait]
impl Liveness for NatsLog {
    fn reconnects(&self) -> watch::Receiver<u64> {
        self.client.connections.reconnects.watch()
    }

    async fn check(&self, partition: Partition) -> Result<(), LogError> {
        heartbeat::send(&self.client, &self.liveness, partition).await
    }

    fn stale_channel(&self, partition: Partition) -> Option<LiveChannel> {
        self.liveness.stale_channel(partition)
    }
}

#[async_trait]
impl Feed for NatsLog {
    async fn publish(&self, tenant: TenantId, target: FeedTarget, item: &FeedItem) -> Result<(), LogError> {
        feed::publish(&self.client, tenant, target, item).await
    }

    async fn subscribe(&self, tenant: TenantId) -> Result<LogStream<(FeedTarget, FeedItem)>, LogError> {
        feed::subscribe(&self.client, Arc::clone(&self.liveness), tenant).await
    }

    async fn check(&self, tenants: &[TenantId]) -> Result<(), LogError> {
        heartbeat::send_to_feeds(&self.client, &self.liveness, tenants).await
    }

    fn is_stale(&self, tenant: TenantId) -> bool {
        self.liveness.feed_is_stale(tenant)
    }
}

#[async_trait]
impl Notices for NatsLog {
    async fn publish(&self, notice: &Notice) -> Result<(), LogError> {
        notices::publish(&self.client, notice).await
    }

    async fn subscribe(&self) -> Result<LogStream<NoticeEvent>, LogError> {
        notices::subscribe(&self.client).await
    }
}

#[async_trait]
impl DeadLetterSink for NatsLog {
    async fn store(&self, dead_letter: &DeadLetter) -> Result<(), LogError> {
        dead_letters::store(&self.client, dead_letter).await
    }
}

#[async_trait]
impl DeadLetterStore for NatsLog {
    async fn list(&self, scope: DeadLetterScope, after: u64, limit: usize) -> Result<Vec<StoredDeadLetter>, LogError> {
        dead_letters::list(&self.client, scope, after, limit).await
    }

    async fn of_conversation(
        &self,
        key: ConversationKey,
        consumer: &str,
        limit: usize,
    ) -> Result<Vec<StoredDeadLetter>, LogError> {
        dead_letters::of_conversation(&self.client, key, consumer, limit).await
    }

    async fn find(&self, scope: DeadLetterScope, id: &DeadLetterId) -> Result<Option<StoredDeadLetter>, LogError> {
        dead_letters::find(&self.client, scope, id).await
    }

    async fn failed_again(&self, dead_letter: &StoredDeadLetter, reason: &str) -> Result<(), LogError> {
        dead_letters::failed_again(&self.client, dead_letter, reason).await
    }

    async fn remove(&self, dead_letter: &StoredDeadLetter) -> Result<(), LogError> {
        dead_letters::remove(&self.client, dead_letter).await
    }

    async fn count(&self) -> Result<u64, LogError> {
        dead_letters::count(&self.client).await
    }
}

#[async_trait]
impl Trim for NatsLog {
    async fn positions(&self) -> Result<Vec<StreamPosition>, LogError> {
        trim::positions(&self.client).await
    }

    async fn trim(&self, stream: &str, up_to_seq: u64) -> Result<(), LogError> {
        trim::trim(&self.client, stream, up_to_seq).await
    }

    async fn trim_inbound(&self) -> Result<u64, LogError> {
        trim::trim_inbound(&self.client).await
    }

    fn retain(&self) -> Duration {
        self.client.options.retain
    }
}

impl From<Unavailable> for LogError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error.0)
    }
}
