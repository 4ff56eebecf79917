//! A database that answers when it is told to.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use frontdesk_domain::{
    Audience, ClientId, ContactId, ConversationId, ConversationKey, Entry, Participant, TenantId, Watermark,
};
use frontdesk_memory::MemoryStore;
use frontdesk_ports::{
    ChangePosition, Changes, ConversationFilter, ConversationStore, EntryRange, Page, PageRequest, Persisted,
    ReceiptUpdate, Record, RequestRecord, Snapshot, StoreError,
};
use frontdesk_protocol::ConversationSummary;
use tokio::sync::watch;

/// A [`MemoryStore`] whose answers can be held back. What it answers is what it knew when asked.
pub(crate) struct SlowStore {
    inner: Arc<MemoryStore>,
    held: watch::Sender<bool>,
}

impl SlowStore {
    pub(crate) fn new(inner: Arc<MemoryStore>) -> Self {
        Self { inner, held: watch::Sender::new(false) }
    }

    /// While `true`, questions are looked up, and not answered.
    pub(crate) fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    async fn later<T>(&self, answer: T) -> T {
        let mut held = self.held.subscribe();
        held.wait_for(|held| !held).await.unwrap();
        answer
    }
}

#[async_trait]
impl ConversationStore for SlowStore {
    async fn load(&self, key: ConversationKey) -> Result<Option<Snapshot>, StoreError> {
        self.later(self.inner.load(key).await).await
    }

    async fn persist(&self, records: &[Record]) -> Result<BTreeMap<ConversationKey, Persisted>, StoreError> {
        self.inner.persist(records).await
    }

    async fn entries(
        &self,
        key: ConversationKey,
        range: EntryRange,
        audience: Audience,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.later(self.inner.entries(key, range, audience, limit).await).await
    }

    async fn find_request(
        &self,
        key: ConversationKey,
        sender: Participant,
        client_id: ClientId,
    ) -> Result<Option<RequestRecord>, StoreError> {
        self.later(self.inner.find_request(key, sender, client_id).await).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationSummary>, StoreError> {
        self.inner.list(tenant, filter, page).await
    }

    async fn newest_change(&self, tenant: TenantId) -> Result<ChangePosition, StoreError> {
        self.later(self.inner.newest_change(tenant).await).await
    }

    async fn changed_since(
        &self,
        tenant: TenantId,
        after: ChangePosition,
        limit: usize,
        most: usize,
    ) -> Result<Option<Changes>, StoreError> {
        self.later(self.inner.changed_since(tenant, after, limit, most).await).await
    }

    async fn latest_of_contact(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Option<ConversationId>, StoreError> {
        self.inner.latest_of_contact(tenant, contact).await
    }

    async fn raise_receipts(&self, updates: &[ReceiptUpdate]) -> Result<(), StoreError> {
        self.inner.raise_receipts(updates).await
    }

    async fn receipts(&self, key: ConversationKey) -> Result<Vec<(Participant, Watermark)>, StoreError> {
        self.inner.receipts(key).await
    }
}
