//! Writing a batch, in a handful of statements whatever its size: rows travel as one JSON array per statement.

pub(crate) mod held;

use std::collections::{BTreeMap, BTreeSet};

use frontdesk_domain::{ConversationKey, TenantId};
use frontdesk_ports::{
    PersistBatch, Persisted, Planned, Record, Snapshot, StoreError,
    persist_plan::Offered,
    rows::{self, ConversationRow, EntryRow},
};
use serde::Serialize;
use sqlx::SqliteConnection;

use crate::{SqliteStore, error::store_error};

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
    // Nobody else writes from here on, so what is read stays true until the commit.
    let mut transaction = store.write().await?;
    let snapshots = held::snapshots(&mut transaction, batch.keys()).await?;
    let known = held::known(&mut transaction, &batch.doubtful(&snapshots)).await?;
    let plans = batch.plan(snapshots, &known);
    if plans.values().any(|planned| !planned.write.is_empty()) {
        insert_entries(&mut transaction, &plans).await?;
        put_conversations(&mut transaction, &plans).await?;
        transaction.commit().await.map_err(store_error)?;
    }
    Ok(plans.into_iter().map(|(key, planned)| (key, planned.persisted)).collect())
}

/// A plain insert: the plan has ruled out every conflict, and if it was wrong, nothing may hide that.
///
/// `limit -1` makes SQLite write out each row's array once and not for every column.
async fn insert_entries(connection: &mut SqliteConnection, plans: &Plans<'_>) -> Result<(), StoreError> {
    let written = plans.iter().flat_map(|(key, planned)| planned.write.iter().map(|offered| (*key, offered)));
    let entries = json_rows(written.map(|(key, offered)| entry_columns(key, offered)));
    let insert = sqlx::query!(
        "insert into entries (tenant_id, conversation_id, seq, prev_public, public, at_ms, sender_kind, sender_id,
             author_name, client_id, digest, kind, event, newer, content_hash)
         select unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
             unhex(value ->> 7), value ->> 8, unhex(value ->> 9), unhex(value ->> 10), value ->> 11, value ->> 12,
             value ->> 13, unhex(value ->> 14)
         from (select value from json_each(?) limit -1)",
        entries
    );
    insert.execute(connection).await.map_err(store_error)?;
    Ok(())
}

fn entry_columns(key: ConversationKey, offered: &Offered<'_>) -> impl Serialize {
    let row = EntryRow::of(offered.entry());
    (
        key.tenant.0.simple(),
        key.conversation.0.simple(),
        row.seq,
        row.prev_public,
        row.public,
        row.at_ms,
        row.sender_kind,
        row.sender_id.simple(),
        row.author_name,
        row.client_id.simple(),
        row.digest.simple(),
        row.kind,
        row.event,
        row.newer,
        hex(&offered.hash),
    )
}

async fn put_conversations(connection: &mut SqliteConnection, plans: &Plans<'_>) -> Result<(), StoreError> {
    let changed = plans.iter().filter(|(_, planned)| !planned.write.is_empty());
    let conversations = json_rows(changed.clone().map(|(key, planned)| conversation_columns(*key, &planned.snapshot)));
    number_change(connection, changed.map(|(key, _)| key.tenant)).await?;
    // What the first entry said of the opening never changes. `where true` tells SQLite that the `on` which follows belongs
    // to no join.
    let put = sqlx::query!(
        "insert into conversations (tenant_id, conversation_id, state, log_seq, last_seq, last_at_ms, status, assignee_id,
             inbox_id, contact_id, opened_at_ms, changed)
         select unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
             unhex(value ->> 7), unhex(value ->> 8), unhex(value ->> 9), value ->> 10,
             (select number from changes where tenant_id = unhex(value ->> 0))
         from (select value from json_each(?) limit -1) where true
         on conflict (tenant_id, conversation_id) do update
         set state = excluded.state, log_seq = excluded.log_seq, last_seq = excluded.last_seq,
             last_at_ms = excluded.last_at_ms, status = excluded.status, assignee_id = excluded.assignee_id,
             changed = excluded.changed",
        conversations
    );
    put.execute(connection).await.map_err(store_error)?;
    Ok(())
}

/// Gives each tenant its next number.
async fn number_change(
    connection: &mut SqliteConnection,
    tenants: impl Iterator<Item = TenantId>,
) -> Result<(), StoreError> {
    let tenants: BTreeSet<_> = tenants.collect();
    let tenants = json_rows(tenants.iter().map(|tenant| tenant.0.simple()));
    let raise = sqlx::query!(
        "insert into changes (tenant_id, number) select unhex(value), 1 from json_each(?) where true
         on conflict (tenant_id) do update set number = number + 1",
        tenants
    );
    raise.execute(connection).await.map_err(store_error)?;
    Ok(())
}

fn conversation_columns(key: ConversationKey, snapshot: &Snapshot) -> impl Serialize {
    let row = ConversationRow::of(snapshot);
    (
        key.tenant.0.simple(),
        key.conversation.0.simple(),
        row.state,
        row.log_seq,
        row.last_seq,
        row.last_at_ms,
        row.status,
        row.assignee_id.map(uuid::Uuid::simple),
        row.inbox_id.map(uuid::Uuid::simple),
        row.contact_id.map(uuid::Uuid::simple),
        row.opened_at_ms,
    )
}

/// Rows as one parameter for `json_each`; ids and hashes in them as `unhex` reads them.
fn json_rows(rows: impl Iterator<Item = impl Serialize>) -> String {
    rows::to_json(&rows.collect::<Vec<_>>())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[usize::from(digit)]).collect()
}
