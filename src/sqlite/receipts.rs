//! How far each member has come.

use frontdesk_domain::{ConversationKey, Participant, ReceiptKind, Watermark};
use frontdesk_ports::{ReceiptUpdate, StoreError};
use frontdesk_storage::rows;
use serde::Serialize;
use sqlx::SqlitePool;

use crate::{SqliteStore, error::store_error};

/// See [`ConversationStore::raise_receipts`](frontdesk_ports::ConversationStore::raise_receipts).
pub(crate) async fn raise(store: &SqliteStore, updates: &[ReceiptUpdate]) -> Result<(), StoreError> {
    if updates.is_empty() {
        return Ok(());
    }
    let updates = rows::to_json(&updates.iter().map(columns).collect::<Vec<_>>());
    let mut transaction = store.write().await?;
    // `where true` tells SQLite that the `on` which follows belongs to no join.
    let raise = sqlx::query!(
        "insert into receipts (tenant_id, conversation_id, member_kind, member_id, delivered, read)
         select unhex(value ->> 0), unhex(value ->> 1), value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5
         from json_each(?) where true
         on conflict (tenant_id, conversation_id, member_kind, member_id) do update
         set delivered = max(delivered, excluded.delivered), read = max(read, excluded.read)
         where excluded.delivered > delivered or excluded.read > read",
        updates
    );
    raise.execute(&mut *transaction).await.map_err(store_error)?;
    transaction.commit().await.map_err(store_error)
}

fn columns(update: &ReceiptUpdate) -> impl Serialize {
    let (kind, id) = (update.member.kind(), update.member.id());
    let up_to = rows::column(update.up_to_seq);
    let read = if update.kind == ReceiptKind::Read { up_to } else { 0 };
    (update.key.tenant.0.simple(), update.key.conversation.0.simple(), kind, id.simple(), up_to, read)
}

/// See [`ConversationStore::receipts`](frontdesk_ports::ConversationStore::receipts).
pub(crate) async fn of(pool: &SqlitePool, key: ConversationKey) -> Result<Vec<(Participant, Watermark)>, StoreError> {
    let found =
        sqlx::query_file!("../storage/statements/receipts/of_conversation.sql", key.tenant.0, key.conversation.0);
    let found = found.fetch_all(pool).await.map_err(store_error)?.into_iter().map(|row| {
        let mark = Watermark { delivered: rows::number(row.delivered)?, read: rows::number(row.read)? };
        Ok((rows::participant(&row.member_kind, row.member_id)?, mark))
    });
    let mut marks = found.collect::<Result<Vec<_>, StoreError>>()?;
    marks.sort_unstable_by_key(|(member, _)| *member);
    Ok(marks)
}
