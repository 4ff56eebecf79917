//! What the database holds of a batch's conversations.

use std::collections::BTreeMap;

use frontdesk_domain::{ClientId, Conversation, ConversationId, ConversationKey, Entry, TenantId};
use frontdesk_ports::{KnownEntry, Snapshot, StoreError};
use frontdesk_storage::rows;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::json_rows;
use crate::error::store_error;

pub(super) async fn snapshots(
    connection: &mut SqliteConnection,
    keys: impl Iterator<Item = ConversationKey>,
) -> Result<BTreeMap<ConversationKey, Snapshot>, StoreError> {
    let keys = json_rows(keys.map(|key| (key.tenant.0.simple(), key.conversation.0.simple())));
    // One row for all, because each row crosses threads. `cross join` keeps SQLite from turning the loops around.
    let found = sqlx::query_scalar!(
        r#"select json_group_array(json_array(hex(tenant_id), hex(conversation_id), log_seq, json(state))) as "rows!: String"
           from json_each(?) wanted cross join conversations
           where tenant_id = unhex(wanted.value ->> 0) and conversation_id = unhex(wanted.value ->> 1)"#,
        keys
    );
    let found = found.fetch_one(connection).await.map_err(store_error)?;
    let found: Vec<(Uuid, Uuid, u64, Conversation)> = rows::from_json(&found)?;
    let held = found.into_iter().map(|(tenant, conversation_id, log_seq, conversation)| {
        (key(tenant, conversation_id), Snapshot { conversation, log_seq })
    });
    Ok(held.collect())
}

/// The entries that stand under a number or a request of `doubtful`.
pub(crate) async fn known(
    connection: &mut SqliteConnection,
    doubtful: &[(ConversationKey, &Entry)],
) -> Result<Vec<KnownEntry>, StoreError> {
    if doubtful.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = json_rows(doubtful.iter().map(|(key, entry)| {
        let (kind, id) = (entry.author.member.kind(), entry.author.member.id());
        let (tenant, conversation) = (key.tenant.0.simple(), key.conversation.0.simple());
        (tenant, conversation, rows::column(entry.seq), kind, id.simple(), entry.client_id.0.simple())
    }));
    let found = sqlx::query!(
        r#"select tenant_id as "tenant_id: Uuid", conversation_id as "conversation_id: Uuid", seq as "seq!", content_hash,
               sender_kind, sender_id as "sender_id: Uuid", client_id as "client_id: Uuid"
           from json_each(?1) wanted cross join entries
           where tenant_id = unhex(wanted.value ->> 0) and conversation_id = unhex(wanted.value ->> 1)
               and seq = wanted.value ->> 2
           union
           select tenant_id, conversation_id, seq, content_hash, sender_kind, sender_id, client_id
           from json_each(?1) wanted cross join entries
           where tenant_id = unhex(wanted.value ->> 0) and conversation_id = unhex(wanted.value ->> 1)
               and sender_kind = wanted.value ->> 3 and sender_id = unhex(wanted.value ->> 4)
               and client_id = unhex(wanted.value ->> 5)"#,
        wanted
    );
    let found = found.fetch_all(connection).await.map_err(store_error)?.into_iter().map(|row| {
        Ok(KnownEntry {
            key: key(row.tenant_id, row.conversation_id),
            seq: rows::number(row.seq)?,
            hash: row.content_hash.try_into().map_err(|_| rows::corrupt("a content hash has 32 bytes"))?,
            sender: rows::participant(&row.sender_kind, row.sender_id)?,
            client_id: ClientId(row.client_id),
        })
    });
    found.collect()
}

const fn key(tenant: Uuid, conversation: Uuid) -> ConversationKey {
    ConversationKey { tenant: TenantId(tenant), conversation: ConversationId(conversation) }
}
