//! Conversations: the store port, and how one is loaded.

use std::collections::BTreeMap;

use async_trait::async_trait;
use frontdesk_domain::{
    Audience, ClientId, ContactId, ConversationId, ConversationKey, ConversationSummary, Entry, Participant, TenantId,
    Watermark,
};
use frontdesk_ports::{
    ChangePosition, Changes, ConversationFilter, ConversationStore, EntryRange, Page, PageRequest, Persisted,
    ReceiptUpdate, Record, RequestRecord, Snapshot, StoreError,
};
use frontdesk_storage::rows;

use crate::{SqliteStore, changes, entries, error::store_error, list, persist, receipts};

#[async_trait]
impl ConversationStore for SqliteStore {
    async fn load(&self, key: ConversationKey) -> Result<Option<Snapshot>, StoreError> {
        let (tenant, conversation) = (key.tenant.0, key.conversation.0);
        let found = sqlx::query!(
            "select state, log_seq from conversations where tenant_id = ? and conversation_id = ?",
            tenant,
            conversation
        );
        let found = found.fetch_optional(self.readers()).await.map_err(store_error)?;
        found.map(|row| rows::snapshot(&row.state, row.log_seq)).transpose()
    }

    async fn persist(&self, records: &[Record]) -> Result<BTreeMap<ConversationKey, Persisted>, StoreError> {
        persist::persist(self, records).await
    }

    async fn entries(
        &self,
        key: ConversationKey,
        range: EntryRange,
        audience: Audience,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        entries::range(self.readers(), key, range, audience, limit).await
    }

    async fn find_request(
        &self,
        key: ConversationKey,
        sender: Participant,
        client_id: ClientId,
    ) -> Result<Option<RequestRecord>, StoreError> {
        entries::find_request(self.readers(), key, sender, client_id).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationSummary>, StoreError> {
        list::list(self.readers(), tenant, filter, page).await
    }

    async fn newest_change(&self, tenant: TenantId) -> Result<ChangePosition, StoreError> {
        changes::newest(self.readers(), tenant).await
    }

    async fn changed_since(
        &self,
        tenant: TenantId,
        after: ChangePosition,
        limit: usize,
        most: usize,
    ) -> Result<Option<Changes>, StoreError> {
        changes::since(self.readers(), tenant, after, limit, most).await
    }

    async fn latest_of_contact(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Option<ConversationId>, StoreError> {
        list::latest_of_contact(self.readers(), tenant, contact).await
    }

    async fn raise_receipts(&self, updates: &[ReceiptUpdate]) -> Result<(), StoreError> {
        receipts::raise(self, updates).await
    }

    async fn receipts(&self, key: ConversationKey) -> Result<Vec<(Participant, Watermark)>, StoreError> {
        receipts::of(self.readers(), key).await
    }
}
