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
use sqlx::PgPool;

use crate::{PostgresStore, changes, connect::answered, entries, error::store_error, list, persist, receipts};

#[async_trait]
impl ConversationStore for PostgresStore {
    async fn load(&self, key: ConversationKey) -> Result<Option<Snapshot>, StoreError> {
        answered(load(self.pool(), key)).await
    }

    async fn persist(&self, records: &[Record]) -> Result<BTreeMap<ConversationKey, Persisted>, StoreError> {
        answered(persist::persist(self, records)).await
    }

    async fn entries(
        &self,
        key: ConversationKey,
        range: EntryRange,
        audience: Audience,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        answered(entries::range(self.pool(), key, range, audience, limit)).await
    }

    async fn find_request(
        &self,
        key: ConversationKey,
        sender: Participant,
        client_id: ClientId,
    ) -> Result<Option<RequestRecord>, StoreError> {
        answered(entries::find_request(self.pool(), key, sender, client_id)).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationSummary>, StoreError> {
        answered(list::list(self.pool(), tenant, filter, page)).await
    }

    async fn newest_change(&self, tenant: TenantId) -> Result<ChangePosition, StoreError> {
        answered(changes::newest(self.pool(), tenant)).await
    }

    async fn changed_since(
        &self,
        tenant: TenantId,
        after: ChangePosition,
        limit: usize,
        most: usize,
    ) -> Result<Option<Changes>, StoreError> {
        answered(changes::since(self.pool(), tenant, after, limit, most)).await
    }

    async fn latest_of_contact(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Option<ConversationId>, StoreError> {
        answered(list::latest_of_contact(self.pool(), tenant, contact)).await
    }

    async fn raise_receipts(&self, updates: &[ReceiptUpdate]) -> Result<(), StoreError> {
        answered(receipts::raise(self.pool(), updates)).await
    }

    async fn receipts(&self, key: ConversationKey) -> Result<Vec<(Participant, Watermark)>, StoreError> {
        answered(receipts::of(self.pool(), key)).await
    }
}

async fn load(pool: &PgPool, key: ConversationKey) -> Result<Option<Snapshot>, StoreError> {
    let found = sqlx::query!(
        "select state, log_seq from conversations where tenant_id = $1 and conversation_id = $2 and last_seq > 0",
        key.tenant.0,
        key.conversation.0
    );
    let found = found.fetch_optional(pool).await.map_err(store_error)?;
    found.map(|row| rows::snapshot(&row.state, row.log_seq)).transpose()
}
