//! How far conversations and their members have come.

use std::collections::BTreeMap;

use frontdesk_domain::{ConversationId, ConversationKey, Participant, TenantId, Timestamp, Watermark};
use frontdesk_ports::{StoreError, StoredProgress, TenantCounts};
use frontdesk_storage::rows;
use sqlx::SqlitePool;
use uuid::Uuid;

use crate::error::store_error;

/// See [`StoreInspector::progress`](frontdesk_ports::StoreInspector::progress).
pub(super) async fn of(pool: &SqlitePool, keys: &[ConversationKey]) -> Result<Vec<StoredProgress>, StoreError> {
    let wanted: Vec<_> = keys.iter().map(|key| (key.tenant.0.simple(), key.conversation.0.simple())).collect();
    let wanted = rows::to_json(&wanted);
    let found = sqlx::query!(
        r#"select tenant_id as "tenant_id: Uuid", conversation_id as "conversation_id: Uuid", member_kind,
               member_id as "member_id: Uuid", delivered, read
           from json_each(?) wanted cross join receipts
           where tenant_id = unhex(wanted.value ->> 0) and conversation_id = unhex(wanted.value ->> 1)"#,
        wanted
    );
    let mut receipts = BTreeMap::<_, Vec<(Participant, Watermark)>>::new();
    for row in found.fetch_all(pool).await.map_err(store_error)? {
        let mark = Watermark { delivered: rows::number(row.delivered)?, read: rows::number(row.read)? };
        let member = rows::participant(&row.member_kind, row.member_id)?;
        receipts.entry(key(row.tenant_id, row.conversation_id)).or_default().push((member, mark));
    }
    let found = sqlx::query!(
        r#"select tenant_id as "tenant_id: Uuid", conversation_id as "conversation_id: Uuid", last_seq, last_at_ms
           from json_each(?) wanted cross join conversations
           where tenant_id = unhex(wanted.value ->> 0) and conversation_id = unhex(wanted.value ->> 1)"#,
        wanted
    );
    let mut reached = BTreeMap::new();
    for row in found.fetch_all(pool).await.map_err(store_error)? {
        let reach = (rows::number(row.last_seq)?, Timestamp(row.last_at_ms));
        reached.insert(key(row.tenant_id, row.conversation_id), reach);
    }
    let states = keys.iter().map(|key| {
        let (last_seq, last_at) = reached.get(key).copied().unwrap_or((0, Timestamp(0)));
        StoredProgress { key: *key, last_seq, last_at, receipts: receipts.remove(key).unwrap_or_default() }
    });
    Ok(states.collect())
}

/// See [`StoreInspector::counts`](frontdesk_ports::StoreInspector::counts).
pub(super) async fn counts(pool: &SqlitePool, tenant: TenantId) -> Result<TenantCounts, StoreError> {
    let found = sqlx::query!(
        r#"select count(*) as "conversations!: i64", coalesce(sum(last_seq), 0) as "entries!: i64"
           from conversations where tenant_id = ?"#,
        tenant.0
    );
    let found = found.fetch_one(pool).await.map_err(store_error)?;
    Ok(TenantCounts { conversations: rows::number(found.conversations)?, entries: rows::number(found.entries)? })
}

const fn key(tenant: Uuid, conversation: Uuid) -> ConversationKey {
    ConversationKey { tenant: TenantId(tenant), conversation: ConversationId(conversation) }
}
