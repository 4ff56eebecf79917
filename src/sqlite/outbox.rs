//! The outbox, as relays see it. What is marked travels as one JSON array; see `persist.rs`.

use async_trait::async_trait;
use frontdesk_domain::Timestamp;
use frontdesk_ports::{Outbox, OutboxDepth, PublishedEvent, RelayId, RelayLease, StoreError, WaitingEvent};
use frontdesk_storage::{
    outbox_row::{self, OutboxRow},
    rows,
};

use crate::{SqliteStore, error::store_error};

#[async_trait]
impl Outbox for SqliteStore {
    async fn renew_lease(&self, relay: RelayId) -> Result<RelayLease, StoreError> {
        let renew = sqlx::query_file!("../storage/statements/outbox/renew_lease.sql", relay.0);
        if let Some(row) = renew.fetch_optional(self.writer()).await.map_err(store_error)? {
            return Ok(RelayLease { holder: Some(relay), renewals: rows::number(row.renewals)? });
        }
        let find = sqlx::query_file!("../storage/statements/outbox/lease.sql");
        let row = find.fetch_one(self.readers()).await.map_err(store_error)?;
        Ok(RelayLease { holder: row.holder.map(RelayId), renewals: rows::number(row.renewals)? })
    }

    async fn take_over_lease(&self, relay: RelayId, seen: RelayLease) -> Result<bool, StoreError> {
        let (renewals, holder) = (rows::column(seen.renewals), seen.holder.map(|holder| holder.0));
        let take = sqlx::query_file!("../storage/statements/outbox/take_over_lease.sql", relay.0, renewals, holder);
        Ok(take.execute(self.writer()).await.map_err(store_error)?.rows_affected() > 0)
    }

    async fn release_lease(&self, relay: RelayId) -> Result<(), StoreError> {
        let release = sqlx::query_file!("../storage/statements/outbox/release_lease.sql", relay.0);
        release.execute(self.writer()).await.map_err(store_error)?;
        Ok(())
    }

    async fn waiting_events(&self, limit: usize) -> Result<Vec<WaitingEvent>, StoreError> {
        let limit = rows::column(limit as u64);
        let find = sqlx::query_file_as!(OutboxRow, "../storage/statements/outbox/waiting.sql", limit);
        find.fetch_all(self.readers()).await.map_err(store_error)?.into_iter().map(OutboxRow::into_waiting).collect()
    }

    async fn mark_published(&self, events: &[PublishedEvent], at: Timestamp) -> Result<(), StoreError> {
        let positions: Vec<_> = events.iter().map(|event| event.position).collect();
        let positions = rows::to_json(&positions);
        let mut transaction = self.write().await?;
        let mark = sqlx::query!(
            "update outbox set published_at_ms = $2
             where position in (select value from json_each($1)) and published_at_ms is null",
            positions,
            at.0
        );
        mark.execute(&mut *transaction).await.map_err(store_error)?;
        for event in outbox_row::last_of_each(events) {
            let kind = &*event.aggregate.kind;
            let (number, stream_seq) = (rows::column(event.number), rows::column(event.stream_seq));
            let advance = sqlx::query!(
                "insert into outbox_progress (tenant_id, aggregate_kind, aggregate_id, number, stream_seq)
                 values ($1, $2, $3, $4, $5)
                 on conflict (tenant_id, aggregate_kind, aggregate_id) do update
                 set number = excluded.number, stream_seq = excluded.stream_seq
                 where outbox_progress.number < excluded.number",
                event.aggregate.tenant.0,
                kind,
                event.aggregate.id,
                number,
                stream_seq
            );
            advance.execute(&mut *transaction).await.map_err(store_error)?;
        }
        transaction.commit().await.map_err(store_error)
    }

    async fn event_added(&self) {
        self.outbox.wait().await;
    }

    async fn outbox_depth(&self) -> Result<OutboxDepth, StoreError> {
        let count = sqlx::query_file!("../storage/statements/outbox/depth.sql");
        let row = count.fetch_one(self.readers()).await.map_err(store_error)?;
        Ok(OutboxDepth { waiting: rows::number(row.waiting)?, oldest: row.oldest.map(Timestamp) })
    }

    async fn remove_published(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
        let limit = rows::column(limit as u64);
        let remove = sqlx::query_file!("../storage/statements/outbox/remove_published.sql", before.0, limit);
        Ok(remove.execute(self.writer()).await.map_err(store_error)?.rows_affected())
    }
}
