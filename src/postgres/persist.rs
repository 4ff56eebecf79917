//! Writing a batch, in a handful of statements whatever its size: rows travel as one array per column.

mod columns;
pub(crate) mod held;
mod snoozes;

use std::collections::BTreeMap;

use frontdesk_domain::ConversationKey;
use frontdesk_ports::{Persisted, Record, StoreError};
use frontdesk_storage::{PersistBatch, Planned};
use sqlx::PgConnection;
use uuid::Uuid;

use self::columns::{ConversationColumns, EntryColumns};
use crate::{PostgresStore, error::store_error};

/// What every plan is made of.
type Plans<'a> = BTreeMap<ConversationKey, Planned<'a>>;

/// See [`ConversationStore::persist`](frontdesk_ports::ConversationStore::persist).
pub(crate) async fn persist(
    store: &PostgresStore,
    records: &[Record],
) -> Result<BTreeMap<ConversationKey, Persisted>, StoreError> {
    let batch = PersistBatch::of(records);
    if batch.keys().len() == 0 {
        return Ok(BTreeMap::new());
    }
    let mut transaction = store.begin_transaction().await?;
    let snapshots = held::lock(&mut transaction, batch.keys()).await?;
    let known = held::known(&mut transaction, &batch.doubtful(&snapshots)).await?;
    let plans = batch.plan(snapshots, &known);
    if plans.values().any(|planned| !planned.write.is_empty()) {
        insert_entries(&mut transaction, &plans).await?;
        snoozes::follow(&mut transaction, &plans).await?;
        update_conversations(&mut transaction, &plans).await?;
        transaction.commit().await.map_err(store_error)?;
    }
    Ok(plans.into_iter().map(|(key, planned)| (key, planned.persisted)).collect())
}

/// A plain insert: the plan has ruled out every conflict, and if it was wrong, nothing may hide that.
async fn insert_entries(connection: &mut PgConnection, plans: &Plans<'_>) -> Result<(), StoreError> {
    let columns = EntryColumns::of(plans);
    let insert = sqlx::query!(
        "insert into entries (tenant_id, conversation_id, seq, prev_public, public, at_ms, sender_kind, sender_id,
             author_name, client_id, digest, kind, event, newer, content_hash)
         select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bigint[], $7::text[],
             $8::uuid[], $9::text[], $10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::text[], $15::bytea[])",
        &columns.tenant_id,
        &columns.conversation_id,
        &columns.seq,
        &columns.prev_public,
        &columns.public,
        &columns.at_ms,
        &columns.sender_kind,
        &columns.sender_id,
        &columns.author_name,
        &columns.client_id,
        &columns.digest,
        &columns.kind,
        &columns.event,
        &columns.newer as &[Option<String>],
        &columns.content_hash
    );
    insert.execute(connection).await.map_err(store_error)?;
    Ok(())
}

/// The rows are there: locking made them. The last statement before the commit, and so short: each tenant's number,
/// which it raises, is held until then, and gives the commits of all workers their order. Held in the order of the
/// tenants, and with nothing left to wait for.
async fn update_conversations(connection: &mut PgConnection, plans: &Plans<'_>) -> Result<(), StoreError> {
    let columns = ConversationColumns::of(plans);
    let update = sqlx::query!(
        "with numbered as (
             insert into changes (tenant_id, number)
             select tenant_id, 1 from (select distinct unnest($1::uuid[])) as changed (tenant_id) order by tenant_id
             on conflict (tenant_id) do update set number = changes.number + 1
             returning tenant_id, number
         )
         update conversations
         set state = new.state, log_seq = new.log_seq, last_seq = new.last_seq, last_at_ms = new.last_at_ms,
             status = new.status, assignee_id = new.assignee_id, inbox_id = new.inbox_id, contact_id = new.contact_id,
             opened_at_ms = new.opened_at_ms, changed = numbered.number
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::uuid[],
             $9::uuid[], $10::uuid[], $11::bigint[])
             as new (tenant_id, conversation_id, state, log_seq, last_seq, last_at_ms, status, assignee_id, inbox_id,
                 contact_id, opened_at_ms)
             join numbered using (tenant_id)
         where conversations.tenant_id = new.tenant_id and conversations.conversation_id = new.conversation_id",
        &columns.tenant_id,
        &columns.conversation_id,
        &columns.state,
        &columns.log_seq,
        &columns.last_seq,
        &columns.last_at_ms,
        &columns.status,
        &columns.assignee_id as &[Option<Uuid>],
        &columns.inbox_id as &[Option<Uuid>],
        &columns.contact_id as &[Option<Uuid>],
        &columns.opened_at_ms as &[Option<i64>]
    );
    update.execute(connection).await.map_err(store_error)?;
    Ok(())
}
