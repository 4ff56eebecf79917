//! Reads all conversations and entries, to compare them with the log.

mod integrity_record;
mod progress;

use async_trait::async_trait;
use frontdesk_domain::{ConversationId, ConversationKey, TenantId, Timestamp};
use frontdesk_ports::{
    IntegrityRecord, KnownEntry, Record, StoreError, StoreInspector, StoredConversation, StoredEntry, StoredProgress,
    TenantCounts, TenantFilter,
};
use frontdesk_storage::rows::{self, EntryRow};
use uuid::Uuid;

use crate::{SqliteStore, error::store_error, persist::held};

#[async_trait]
impl StoreInspector for SqliteStore {
    async fn conversations_after(
        &self,
        scope: TenantFilter,
        after: Option<ConversationKey>,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<StoredConversation>, StoreError> {
        // No bytes at all come before every id.
        let bytes = |tenant: TenantId| tenant.0.as_bytes().to_vec();
        let tenant = after.map(|key| key.tenant).or(scope).map_or_else(Vec::new, bytes);
        let last_tenant = bytes(scope.unwrap_or(TenantId(Uuid::max())));
        let conversation = after.map_or_else(Vec::new, |key| key.conversation.0.as_bytes().to_vec());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = sqlx::query!(
            r#"select tenant_id as "tenant_id: Uuid", conversation_id as "conversation_id: Uuid", state, log_seq
               from conversations where (tenant_id, conversation_id) > (?, ?) and tenant_id <= ?
                   and last_at_ms >= ?
               order by tenant_id, conversation_id limit ?"#,
            tenant,
            conversation,
            last_tenant,
            since.0,
            limit
        );
        let found = found.fetch_all(self.readers()).await.map_err(store_error)?.into_iter();
        Ok(found
            .map(|row| StoredConversation {
                key: ConversationKey {
                    tenant: TenantId(row.tenant_id),
                    conversation: ConversationId(row.conversation_id),
                },
                snapshot: rows::snapshot(&row.state, row.log_seq).ok(),
            })
            .collect())
    }

    async fn entries_after(
        &self,
        key: ConversationKey,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let (after, limit) = (rows::column(after), i64::try_from(limit).unwrap_or(i64::MAX));
        let found = sqlx::query_file!(
            "../storage/statements/entries/after.sql",
            key.tenant.0,
            key.conversation.0,
            after,
            limit
        );
        let found = found.fetch_all(self.readers()).await.map_err(store_error)?.into_iter().map(|row| {
            let hash = row.content_hash.try_into().map_err(|_| rows::corrupt("a content hash has 32 bytes"))?;
            let entry = EntryRow {
                seq: row.seq,
                prev_public: row.prev_public,
                public: row.public,
                at_ms: row.at_ms,
                sender_kind: row.sender_kind,
                sender_id: row.sender_id,
                author_name: row.author_name,
                client_id: row.client_id,
                digest: row.digest,
                kind: row.kind,
                event: row.event,
                newer: row.newer,
            };
            Ok(StoredEntry { seq: rows::number(row.seq)?, entry: entry.into_entry().ok(), hash })
        });
        found.collect()
    }

    async fn known(&self, records: &[Record]) -> Result<Vec<KnownEntry>, StoreError> {
        let wanted: Vec<_> = records.iter().map(|record| (record.envelope.key(), &record.envelope.entry)).collect();
        let mut connection = self.readers().acquire().await.map_err(store_error)?;
        held::known(&mut connection, &wanted).await
    }
    async fn progress(&self, keys: &[ConversationKey]) -> Result<Vec<StoredProgress>, StoreError> {
        progress::of(self.readers(), keys).await
    }

    async fn counts(&self, tenant: TenantId) -> Result<TenantCounts, StoreError> {
        progress::counts(self.readers(), tenant).await
    }

    async fn integrity_record(&self, tenant: TenantId) -> Result<IntegrityRecord, StoreError> {
        integrity_record::of(self.readers(), tenant).await
    }

    async fn add_repairs(
        &self,
        tenant: TenantId,
        entries: u64,
        acknowledgements: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        integrity_record::add_repairs(self, tenant, entries, acknowledgements, at).await
    }

    async fn put_check(&self, tenant: TenantId, found: &str) -> Result<(), StoreError> {
        integrity_record::put_check(self, tenant, found).await
    }
}
