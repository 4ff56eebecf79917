//! Reading all of it.

use async_trait::async_trait;
use frontdesk_domain::{ConversationId, ConversationKey, TenantId, Timestamp};
use frontdesk_ports::{
    HeldConversation, HeldEntry, KnownEntry, Record, StoreError, StoreLedger,
    rows::{self, EntryRow},
};
use uuid::Uuid;

use crate::{SqliteStore, error::store_error, persist::held};

#[async_trait]
impl StoreLedger for SqliteStore {
    async fn conversations_after(
        &self,
        after: Option<ConversationKey>,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<HeldConversation>, StoreError> {
        // No bytes at all come before every id.
        let tenant = after.map_or_else(Vec::new, |key| key.tenant.0.as_bytes().to_vec());
        let conversation = after.map_or_else(Vec::new, |key| key.conversation.0.as_bytes().to_vec());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = sqlx::query!(
            r#"select tenant_id as "tenant_id: Uuid", conversation_id as "conversation_id: Uuid", state, log_seq
               from conversations where (tenant_id, conversation_id) > (?, ?) and last_at_ms >= ?
               order by tenant_id, conversation_id limit ?"#,
            tenant,
            conversation,
            since.0,
            limit
        );
        let found = found.fetch_all(self.readers()).await.map_err(store_error)?.into_iter();
        Ok(found
            .map(|row| HeldConversation {
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
    ) -> Result<Vec<HeldEntry>, StoreError> {
        let (after, limit) = (rows::column(after), i64::try_from(limit).unwrap_or(i64::MAX));
        let found = sqlx::query!(
            r#"select seq, prev_public, public as "public: bool", at_ms, sender_kind, sender_id as "sender_id: Uuid",
                   author_name, client_id as "client_id: Uuid", digest as "digest: Uuid", kind, event, content_hash
               from entries where tenant_id = ? and conversation_id = ? and seq > ? order by seq limit ?"#,
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
            };
            Ok(HeldEntry { seq: rows::number(row.seq)?, entry: entry.into_entry().ok(), hash })
        });
        found.collect()
    }

    async fn known(&self, records: &[Record]) -> Result<Vec<KnownEntry>, StoreError> {
        let wanted: Vec<_> = records.iter().map(|record| (record.envelope.key(), &record.envelope.entry)).collect();
        let mut connection = self.readers().acquire().await.map_err(store_error)?;
        held::known(&mut connection, &wanted).await
    }
}
