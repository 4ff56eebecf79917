//! Writing a batch, in a handful of statements whatever its size: keys travel as one JSON array, rows as parameters,
//! which takes a third less time than reading them out of JSON.

pub(crate) mod held;
mod snoozes;

use std::collections::{BTreeMap, BTreeSet};

use frontdesk_domain::{ConversationKey, TenantId};
use frontdesk_ports::{Persisted, Record, StoreError};
use frontdesk_storage::{
    PersistBatch, Planned,
    persist_plan::Offered,
    rows::{self, ConversationRow, EntryRow},
};
use serde::Serialize;
use sqlx::{QueryBuilder, SqliteConnection};
use uuid::Uuid;

use crate::{SqliteStore, error::store_error};

/// Rows in one statement. SQLite takes 32,766 parameters; a row has 15 at most.
const ROWS_AT_ONCE: usize = 2_000;

/// What every plan is made of.
type Plans<'a> = BTreeMap<ConversationKey, Planned<'a>>;

/// See [`ConversationStore::persist`](frontdesk_ports::ConversationStore::persist).
pub(crate) async fn persist(
    store: &SqliteStore,
    records: &[Record],
) -> Result<BTreeMap<ConversationKey, Persisted>, StoreError> {
    let batch = PersistBatch::of(records);
    if batch.keys().len() == 0 {
        return Ok(BTreeMap::new());
    }
    // No other writer runs from here on, so what is read stays true until the commit.
    let mut transaction = store.write().await?;
    let snapshots = held::snapshots(&mut transaction, batch.keys()).await?;
    let known = held::known(&mut transaction, &batch.doubtful(&snapshots)).await?;
    let plans = batch.plan(snapshots, &known);
    if plans.values().any(|planned| !planned.write.is_empty()) {
        insert_entries(&mut transaction, &plans).await?;
        snoozes::follow(&mut transaction, &plans).await?;
        put_conversations(&mut transaction, &plans).await?;
        transaction.commit().await.map_err(store_error)?;
        store.written.count();
    }
    Ok(plans.into_iter().map(|(key, planned)| (key, planned.persisted)).collect())
}

/// A plain insert: the plan has ruled out every conflict, and if it was wrong, nothing may hide that. `or rollback`,
/// because the transaction ends with the error anyway, and SQLite need not copy each page that one statement of many
/// touches.
async fn insert_entries(connection: &mut SqliteConnection, plans: &Plans<'_>) -> Result<(), StoreError> {
    let written = plans.iter().flat_map(|(key, planned)| planned.write.iter().map(|offered| (*key, offered)));
    let written: Vec<_> = written.collect();
    for some in written.chunks(ROWS_AT_ONCE) {
        insert_some(connection, some).await?;
    }
    Ok(())
}

async fn insert_some(
    connection: &mut SqliteConnection,
    written: &[(ConversationKey, &Offered<'_>)],
) -> Result<(), StoreError> {
    let mut insert = QueryBuilder::new(
        "insert or rollback into entries (tenant_id, conversation_id, seq, prev_public, public, at_ms, sender_kind,
             sender_id, author_name, client_id, digest, kind, event, newer, content_hash) ",
    );
    insert.push_values(written, |mut values, (key, offered)| {
        let row = EntryRow::of(offered.entry());
        values
            .push_bind(key.tenant.0)
            .push_bind(key.conversation.0)
            .push_bind(row.seq)
            .push_bind(row.prev_public)
            .push_bind(row.public)
            .push_bind(row.at_ms)
            .push_bind(row.sender_kind)
            .push_bind(row.sender_id)
            .push_bind(row.author_name)
            .push_bind(row.client_id)
            .push_bind(row.digest)
            .push_bind(row.kind)
            .push_bind(row.event)
            .push_bind(row.newer)
            .push_bind(offered.hash.to_vec());
    });
    // Batches have many sizes, so their statements are not worth keeping.
    insert.build().persistent(false).execute(connection).await.map_err(store_error)?;
    Ok(())
}

async fn put_conversations(connection: &mut SqliteConnection, plans: &Plans<'_>) -> Result<(), StoreError> {
    let changed: Vec<_> = plans.iter().filter(|(_, planned)| !planned.write.is_empty()).collect();
    let numbers = number_change(connection, changed.iter().map(|(key, _)| key.tenant)).await?;
    for some in changed.chunks(ROWS_AT_ONCE) {
        put_some(connection, some, &numbers).await?;
    }
    Ok(())
}

async fn put_some(
    connection: &mut SqliteConnection,
    changed: &[(&ConversationKey, &Planned<'_>)],
    numbers: &BTreeMap<TenantId, i64>,
) -> Result<(), StoreError> {
    let mut put = QueryBuilder::new(
        "insert or rollback into conversations (tenant_id, conversation_id, state, log_seq, last_seq, last_at_ms, status,
             assignee_id, inbox_id, contact_id, opened_at_ms, changed) ",
    );
    put.push_values(changed, |mut values, (key, planned)| {
        let row = ConversationRow::of(&planned.snapshot);
        values
            .push_bind(key.tenant.0)
            .push_bind(key.conversation.0)
            .push_bind(row.state)
            .push_bind(row.log_seq)
            .push_bind(row.last_seq)
            .push_bind(row.last_at_ms)
            .push_bind(row.status)
            .push_bind(row.assignee_id)
            .push_bind(row.inbox_id)
            .push_bind(row.contact_id)
            .push_bind(row.opened_at_ms)
            .push_bind(numbers.get(&key.tenant).copied());
    });
    // What the first entry said of the opening never changes.
    put.push(
        " on conflict (tenant_id, conversation_id) do update
         set state = excluded.state, log_seq = excluded.log_seq, last_seq = excluded.last_seq,
             last_at_ms = excluded.last_at_ms, status = excluded.status, assignee_id = excluded.assignee_id,
             changed = excluded.changed",
    );
    put.build().persistent(false).execute(connection).await.map_err(store_error)?;
    Ok(())
}

/// Gives each tenant its next number.
async fn number_change(
    connection: &mut SqliteConnection,
    tenants: impl Iterator<Item = TenantId>,
) -> Result<BTreeMap<TenantId, i64>, StoreError> {
    let tenants: BTreeSet<_> = tenants.collect();
    let tenants = json_rows(tenants.iter().map(|tenant| tenant.0.simple()));
    let raise = sqlx::query!(
        r#"insert into changes (tenant_id, number) select unhex(value), 1 from json_each(?) where true
           on conflict (tenant_id) do update set number = number + 1
           returning tenant_id as "tenant_id: Uuid", number"#,
        tenants
    );
    let raised = raise.fetch_all(connection).await.map_err(store_error)?;
    Ok(raised.into_iter().map(|row| (TenantId(row.tenant_id), row.number)).collect())
}

/// Rows as one parameter for `json_each`; ids in them as `unhex` reads them.
fn json_rows(rows: impl Iterator<Item = impl Serialize>) -> String {
    rows::to_json(&rows.collect::<Vec<_>>())
}
