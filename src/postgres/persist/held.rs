//! What the database holds of a batch's conversations, and keeping it so until the commit.

use std::collections::BTreeMap;

use frontdesk_domain::{ClientId, ConversationId, ConversationKey, Entry, TenantId};
use frontdesk_ports::{KnownEntry, Snapshot, StoreError};
use frontdesk_storage::rows;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::store_error;

/// Locks the rows of these conversations, making those that are missing.
///
/// First all missing rows are made, then all rows are locked, both in the order of the keys, by every worker alike: so
/// none can hold what another waits for while it waits for that one. (A row that was just made cannot be met by the
/// second step of another worker, since that worker's first step has waited for it.)
pub(super) async fn lock(
    connection: &mut PgConnection,
    keys: impl Iterator<Item = ConversationKey>,
) -> Result<BTreeMap<ConversationKey, Snapshot>, StoreError> {
    let (tenants, conversations): (Vec<_>, Vec<_>) = keys.map(|key| (key.tenant.0, key.conversation.0)).unzip();
    let make = sqlx::query!(
        "insert into conversations (tenant_id, conversation_id, state, log_seq, last_seq, last_at_ms, status)
         select tenant_id, conversation_id, '{}', 0, 0, 0, ''
         from unnest($1::uuid[], $2::uuid[]) as wanted (tenant_id, conversation_id)
         order by tenant_id, conversation_id
         on conflict (tenant_id, conversation_id) do nothing",
        &tenants,
        &conversations
    );
    make.execute(&mut *connection).await.map_err(store_error)?;
    let lock = sqlx::query!(
        "select tenant_id, conversation_id, state, log_seq
         from conversations join unnest($1::uuid[], $2::uuid[]) as wanted (tenant_id, conversation_id)
             using (tenant_id, conversation_id)
         order by tenant_id, conversation_id
         for update of conversations",
        &tenants,
        &conversations
    );
    let held = lock.fetch_all(connection).await.map_err(store_error)?.into_iter();
    held.map(|row| Ok((key(row.tenant_id, row.conversation_id), rows::snapshot(&row.state, row.log_seq)?))).collect()
}

/// The entries that stand under a number or a request of `doubtful`.
pub(crate) async fn known(
    connection: &mut PgConnection,
    doubtful: &[(ConversationKey, &Entry)],
) -> Result<Vec<KnownEntry>, StoreError> {
    if doubtful.is_empty() {
        return Ok(Vec::new());
    }
    let ids = |read: fn(&(ConversationKey, &Entry)) -> Uuid| doubtful.iter().map(read).collect::<Vec<_>>();
    let (tenants, conversations) = (ids(|(key, _)| key.tenant.0), ids(|(key, _)| key.conversation.0));
    let senders = ids(|(_, entry)| entry.author.member.id());
    let requests = ids(|(_, entry)| entry.client_id.0);
    let seqs: Vec<_> = doubtful.iter().map(|(_, entry)| rows::column(entry.seq)).collect();
    let kinds = doubtful.iter().map(|(_, entry)| entry.author.member.kind().to_owned());
    let kinds: Vec<_> = kinds.collect();
    let found = sqlx::query!(
        r#"with wanted as (
             select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::uuid[], $6::uuid[])
                 as wanted (tenant_id, conversation_id, seq, sender_kind, sender_id, client_id)
         )
         select entries.tenant_id as "tenant_id!", entries.conversation_id as "conversation_id!", entries.seq as "seq!",
             entries.content_hash as "content_hash!", entries.sender_kind as "sender_kind!",
             entries.sender_id as "sender_id!", entries.client_id as "client_id!"
         from wanted join entries using (tenant_id, conversation_id, seq)
         union
         select entries.tenant_id, entries.conversation_id, entries.seq, entries.content_hash, entries.sender_kind,
             entries.sender_id, entries.client_id
         from wanted join entries using (tenant_id, conversation_id, sender_kind, sender_id, client_id)"#,
        &tenants,
        &conversations,
        &seqs,
        &kinds,
        &senders,
        &requests
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
