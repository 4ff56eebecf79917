//! Writing a batch, in a handful of statements whatever its size: rows travel as one JSON array per statement.

use std::collections::BTreeMap;

use frontdesk_domain::{ClientId, ConversationId, ConversationKey, Entry, TenantId};
use frontdesk_ports::{
    KnownEntry, PersistBatch, Persisted, Planned, Record, Snapshot, StoreError,
    persist_plan::Offered,
    rows::{self, ConversationRow, EntryRow},
};
use serde_json::{Value, json};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::{SqliteStore, error::store_error};

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
    let snapshots = snapshots(&mut transaction, batch.keys()).await?;
    let known = known(&mut transaction, &batch.doubtful(&snapshots)).await?;
    let planned = batch.plan(snapshots, &known);
    if planned.values().any(|planned| !planned.write.is_empty()) {
        insert_entries(&mut transaction, &planned).await?;
        put_conversations(&mut transaction, &planned).await?;
        transaction.commit().await.map_err(store_error)?;
    }
    Ok(planned.into_iter().map(|(key, planned)| (key, planned.persisted)).collect())
}

async fn snapshots(
    connection: &mut SqliteConnection,
    keys: impl Iterator<Item = ConversationKey>,
) -> Result<BTreeMap<ConversationKey, Snapshot>, StoreError> {
    let keys = json_rows(keys.map(|key| json!([hex(key.tenant.0), hex(key.conversation.0)])));
    // `cross join` keeps SQLite from turning the loops around.
    let found = sqlx::query!(
        r#"select tenant_id as "tenant_id: Uuid", conversation_id as "conversation_id: Uuid", state, log_seq
           from json_each(?) wanted cross join conversations
           where tenant_id = unhex(wanted.value ->> 0) and conversation_id = unhex(wanted.value ->> 1)"#,
        keys
    );
    let found = found.fetch_all(connection).await.map_err(store_error)?.into_iter();
    found.map(|row| Ok((key(row.tenant_id, row.conversation_id), rows::snapshot(&row.state, row.log_seq)?))).collect()
}

/// The entries that stand under a number or a request of `doubtful`.
async fn known(
    connection: &mut SqliteConnection,
    doubtful: &[(ConversationKey, &Entry)],
) -> Result<Vec<KnownEntry>, StoreError> {
    if doubtful.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = json_rows(doubtful.iter().map(|(key, entry)| {
        let (kind, id) = rows::member_columns(entry.author.member);
        let request = [hex(id), hex(entry.client_id.0)];
        json!([hex(key.tenant.0), hex(key.conversation.0), rows::column(entry.seq), kind, request[0], request[1]])
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
            sender: rows::member(&row.sender_kind, row.sender_id)?,
            client_id: ClientId(row.client_id),
        })
    });
    found.collect()
}

/// A plain insert: the plan has ruled out every conflict, and if it was wrong, nothing may hide that.
async fn insert_entries(
    connection: &mut SqliteConnection,
    planned: &BTreeMap<ConversationKey, Planned<'_>>,
) -> Result<(), StoreError> {
    let of_conversation = |(key, planned): (&ConversationKey, _)| {
        let Planned { write, .. }: &Planned<'_> = planned;
        let key = *key;
        write.iter().map(move |offered| entry_columns(key, offered)).collect::<Vec<_>>()
    };
    let entries = json_rows(planned.iter().flat_map(of_conversation));
    let insert = sqlx::query!(
        "insert into entries (tenant_id, conversation_id, seq, prev_public, public, at_ms, sender_kind, sender_id,
             author_name, client_id, digest, kind, event, content_hash)
         select unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
             unhex(value ->> 7), value ->> 8, unhex(value ->> 9), unhex(value ->> 10), value ->> 11, value ->> 12,
             unhex(value ->> 13)
         from json_each(?)",
        entries
    );
    insert.execute(connection).await.map_err(store_error)?;
    Ok(())
}

fn entry_columns(key: ConversationKey, offered: &Offered<'_>) -> Value {
    let row = EntryRow::of(offered.entry());
    let hash = offered.hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    json!([
        hex(key.tenant.0),
        hex(key.conversation.0),
        row.seq,
        row.prev_public,
        row.public,
        row.at_ms,
        row.sender_kind,
        hex(row.sender_id),
        row.author_name,
        hex(row.client_id),
        hex(row.digest),
        row.kind,
        row.event,
        hash
    ])
}

async fn put_conversations(
    connection: &mut SqliteConnection,
    planned: &BTreeMap<ConversationKey, Planned<'_>>,
) -> Result<(), StoreError> {
    let changed = planned.iter().filter(|(_, planned)| !planned.write.is_empty());
    let conversations = json_rows(changed.map(|(key, planned)| conversation_columns(*key, &planned.snapshot)));
    // `where true` tells SQLite that the `on` which follows belongs to no join.
    let put = sqlx::query!(
        "insert into conversations (tenant_id, conversation_id, state, log_seq, last_seq, last_at_ms, status, assignee_id,
             inbox_id, contact_id, opened_at_ms)
         select unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
             unhex(value ->> 7), unhex(value ->> 8), unhex(value ->> 9), value ->> 10
         from json_each(?) where true
         on conflict (tenant_id, conversation_id) do update
         set state = excluded.state, log_seq = excluded.log_seq, last_seq = excluded.last_seq,
             last_at_ms = excluded.last_at_ms, status = excluded.status, assignee_id = excluded.assignee_id,
             inbox_id = excluded.inbox_id, contact_id = excluded.contact_id, opened_at_ms = excluded.opened_at_ms",
        conversations
    );
    put.execute(connection).await.map_err(store_error)?;
    Ok(())
}

fn conversation_columns(key: ConversationKey, snapshot: &Snapshot) -> Value {
    let row = ConversationRow::of(snapshot);
    json!([
        hex(key.tenant.0),
        hex(key.conversation.0),
        row.state,
        row.log_seq,
        row.last_seq,
        row.last_at_ms,
        row.status,
        row.assignee_id.map(hex),
        row.inbox_id.map(hex),
        row.contact_id.map(hex),
        row.opened_at_ms
    ])
}

const fn key(tenant: Uuid, conversation: Uuid) -> ConversationKey {
    ConversationKey { tenant: TenantId(tenant), conversation: ConversationId(conversation) }
}

fn json_rows(rows: impl Iterator<Item = Value>) -> String {
    Value::Array(rows.collect()).to_string()
}

/// As `unhex` reads it.
fn hex(id: Uuid) -> String {
    id.as_simple().to_string()
}
