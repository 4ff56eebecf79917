//! The outbox, as relays see it.

use async_trait::async_trait;
use frontdesk_domain::Timestamp;
use frontdesk_ports::{Outbox, OutboxDepth, PublishedEvent, RelayId, RelayLease, StoreError, WaitingEvent};
use frontdesk_storage::{
    outbox_row::{self, OutboxRow},
    rows,
};

use crate::{PostgresStore, connect::answered, error::store_error};

#[async_trait]
impl Outbox for PostgresStore {
    async fn renew_lease(&self, relay: RelayId) -> Result<RelayLease, StoreError> {
        answered(renew(self, relay)).await
    }

    async fn take_over_lease(&self, relay: RelayId, seen: RelayLease) -> Result<bool, StoreError> {
        answered(take_over(self, relay, seen)).await
    }

    async fn release_lease(&self, relay: RelayId) -> Result<(), StoreError> {
        answered(release(self, relay)).await
    }

    async fn waiting_events(&self, limit: usize) -> Result<Vec<WaitingEvent>, StoreError> {
        answered(waiting(self, limit)).await
    }

    async fn mark_published(&self, events: &[PublishedEvent], at: Timestamp) -> Result<(), StoreError> {
        answered(mark(self, events, at)).await
    }

    async fn event_added(&self) {
        self.outbox().wait().await;
    }

    async fn outbox_depth(&self) -> Result<OutboxDepth, StoreError> {
        answered(depth(self)).await
    }

    async fn remove_published(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
        answered(remove(self, before, limit)).await
    }
}

async fn renew(store: &PostgresStore, relay: RelayId) -> Result<RelayLease, StoreError> {
    let renew = sqlx::query_file!("../storage/statements/outbox/renew_lease.sql", relay.0);
    if let Some(row) = renew.fetch_optional(store.pool()).await.map_err(store_error)? {
        return Ok(RelayLease { holder: Some(relay), renewals: rows::number(row.renewals)? });
    }
    let row = sqlx::query_file!("../storage/statements/outbox/lease.sql").fetch_one(store.pool()).await;
    let row = row.map_err(store_error)?;
    Ok(RelayLease { holder: row.holder.map(RelayId), renewals: rows::number(row.renewals)? })
}

async fn take_over(store: &PostgresStore, relay: RelayId, seen: RelayLease) -> Result<bool, StoreError> {
    let take = sqlx::query_file!(
        "../storage/statements/outbox/take_over_lease.sql",
        relay.0,
        rows::column(seen.renewals),
        seen.holder.map(|holder| holder.0)
    );
    Ok(take.execute(store.pool()).await.map_err(store_error)?.rows_affected() > 0)
}

async fn release(store: &PostgresStore, relay: RelayId) -> Result<(), StoreError> {
    let release = sqlx::query_file!("../storage/statements/outbox/release_lease.sql", relay.0);
    release.execute(store.pool()).await.map_err(store_error)?;
    Ok(())
}

async fn waiting(store: &PostgresStore, limit: usize) -> Result<Vec<WaitingEvent>, StoreError> {
    let find = sqlx::query_file_as!(OutboxRow, "../storage/statements/outbox/waiting.sql", rows::column(limit as u64));
    find.fetch_all(store.pool()).await.map_err(store_error)?.into_iter().map(OutboxRow::into_waiting).collect()
}

async fn mark(store: &PostgresStore, events: &[PublishedEvent], at: Timestamp) -> Result<(), StoreError> {
    let positions: Vec<_> = events.iter().map(|event| rows::column(event.position)).collect();
    let last = outbox_row::last_of_each(events);
    let tenants: Vec<_> = last.iter().map(|event| event.aggregate.tenant.0).collect();
    let kinds: Vec<_> = last.iter().map(|event| event.aggregate.kind.to_string()).collect();
    let ids: Vec<_> = last.iter().map(|event| event.aggregate.id).collect();
    let numbers: Vec<_> = last.iter().map(|event| rows::column(event.number)).collect();
    let seqs: Vec<_> = last.iter().map(|event| rows::column(event.stream_seq)).collect();
    let mut transaction = store.begin_transaction().await?;
    let mark = sqlx::query!(
        "update outbox set published_at_ms = $2 where position = any($1) and published_at_ms is null",
        &positions,
        at.0
    );
    mark.execute(&mut *transaction).await.map_err(store_error)?;
    let advance = sqlx::query!(
        "insert into outbox_progress (tenant_id, aggregate_kind, aggregate_id, number, stream_seq)
         select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[])
         on conflict (tenant_id, aggregate_kind, aggregate_id) do update
         set number = excluded.number, stream_seq = excluded.stream_seq
         where outbox_progress.number < excluded.number",
        &tenants,
        &kinds,
        &ids,
        &numbers,
        &seqs
    );
    advance.execute(&mut *transaction).await.map_err(store_error)?;
    transaction.commit().await.map_err(store_error)
}

async fn depth(store: &PostgresStore) -> Result<OutboxDepth, StoreError> {
    let count = sqlx::query_file!("../storage/statements/outbox/depth.sql");
    let row = count.fetch_one(store.pool()).await.map_err(store_error)?;
    Ok(OutboxDepth { waiting: rows::number(row.waiting)?, oldest: row.oldest.map(Timestamp) })
}

async fn remove(store: &PostgresStore, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
    let remove =
        sqlx::query_file!("../storage/statements/outbox/remove_published.sql", before.0, rows::column(limit as u64));
    Ok(remove.execute(store.pool()).await.map_err(store_error)?.rows_affected())
}
