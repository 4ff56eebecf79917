//! How far each member has come.

use frontdesk_domain::{ConversationKey, Participant, ReceiptKind, Watermark};
use frontdesk_ports::{ReceiptUpdate, StoreError};
use frontdesk_storage::rows;
use sqlx::PgPool;

use crate::error::store_error;

/// See [`ConversationStore::raise_receipts`](frontdesk_ports::ConversationStore::raise_receipts).
pub(crate) async fn raise(pool: &PgPool, updates: &[ReceiptUpdate]) -> Result<(), StoreError> {
    if updates.is_empty() {
        return Ok(());
    }
    let column = |read: fn(&ReceiptUpdate) -> uuid::Uuid| updates.iter().map(read).collect::<Vec<_>>();
    let (tenants, conversations) = (column(|update| update.key.tenant.0), column(|update| update.key.conversation.0));
    let members = column(|update| update.member.id());
    let kinds: Vec<_> = updates.iter().map(|update| update.member.kind().to_owned()).collect();
    let delivered: Vec<_> = updates.iter().map(|update| rows::column(update.up_to_seq)).collect();
    let read: Vec<_> = updates.iter().map(|update| update.kind == ReceiptKind::Read).collect();
    // One statement may not change a row twice, hence the grouping. Always in the same order, so that two workers never
    // wait for each other.
    let raise = sqlx::query!(
        "insert into receipts (tenant_id, conversation_id, member_kind, member_id, delivered, read)
         select tenant_id, conversation_id, member_kind, member_id, max(up_to), max(case when read then up_to else 0 end)
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::bigint[], $6::boolean[])
             as offered (tenant_id, conversation_id, member_kind, member_id, up_to, read)
         group by tenant_id, conversation_id, member_kind, member_id
         order by tenant_id, conversation_id, member_kind, member_id
         on conflict (tenant_id, conversation_id, member_kind, member_id) do update
         set delivered = greatest(receipts.delivered, excluded.delivered), read = greatest(receipts.read, excluded.read)
         where excluded.delivered > receipts.delivered or excluded.read > receipts.read",
        &tenants,
        &conversations,
        &kinds,
        &members,
        &delivered,
        &read
    );
    raise.execute(pool).await.map_err(store_error)?;
    Ok(())
}

/// See [`ConversationStore::receipts`](frontdesk_ports::ConversationStore::receipts).
pub(crate) async fn of(pool: &PgPool, key: ConversationKey) -> Result<Vec<(Participant, Watermark)>, StoreError> {
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
