//! Reading the history.

use frontdesk_domain::{Audience, ClientId, ConversationKey, Entry, Participant};
use frontdesk_ports::{EntryRange, RequestRecord, StoreError};
use frontdesk_storage::rows::{self, EntryRow};
use sqlx::SqlitePool;

use crate::error::store_error;

/// The entries of conversation (1, 2) that meet `$condition`, if contacts may see them or (3) is set.
macro_rules! entry_rows {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            EntryRow,
            r#"select seq, prev_public, public as "public: bool", at_ms, sender_kind, sender_id as "sender_id: uuid::Uuid",
                   author_name, client_id as "client_id: uuid::Uuid", digest as "digest: uuid::Uuid", kind, event, newer
               from entries
               where tenant_id = ? and conversation_id = ? and (public = 1 or ?) and "# + $condition,
            $($argument),+
        )
    };
}

/// See [`ConversationStore::entries`](frontdesk_ports::ConversationStore::entries).
pub(crate) async fn range(
    pool: &SqlitePool,
    key: ConversationKey,
    range: EntryRange,
    audience: Audience,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let (tenant, conversation) = (key.tenant.0, key.conversation.0);
    let (staff, limit) = (audience == Audience::Staff, i64::try_from(limit).unwrap_or(i64::MAX));
    let found = match range {
        EntryRange::After(seq) => {
            let seq = rows::column(seq);
            entry_rows!("seq > ? order by seq limit ?", tenant, conversation, staff, seq, limit).fetch_all(pool).await
        }
        EntryRange::Before(seq) => {
            let seq = rows::column(seq);
            let last = entry_rows!("seq < ? order by seq desc limit ?", tenant, conversation, staff, seq, limit);
            last.fetch_all(pool).await.map(|mut last| {
                last.reverse();
                last
            })
        }
    };
    found.map_err(store_error)?.into_iter().map(EntryRow::into_entry).collect()
}

/// See [`ConversationStore::find_request`](frontdesk_ports::ConversationStore::find_request).
pub(crate) async fn find_request(
    pool: &SqlitePool,
    key: ConversationKey,
    sender: Participant,
    client_id: ClientId,
) -> Result<Option<RequestRecord>, StoreError> {
    let (tenant, conversation) = (key.tenant.0, key.conversation.0);
    let (sender_kind, sender_id) = (sender.kind(), sender.id());
    let (all, client_id) = (true, client_id.0);
    let found = entry_rows!(
        "sender_kind = ? and sender_id = ? and client_id = ?",
        tenant,
        conversation,
        all,
        sender_kind,
        sender_id,
        client_id
    );
    let Some(row) = found.fetch_optional(pool).await.map_err(store_error)? else { return Ok(None) };
    let entry = row.into_entry()?;
    Ok(Some(RequestRecord { outcome: entry.outcome(), digest: entry.digest }))
}
