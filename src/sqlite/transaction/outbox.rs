use async_trait::async_trait;
use frontdesk_domain::{AggregateEvent, EventDraft};
use frontdesk_ports::{OutboxWrites, StoreError};
use frontdesk_storage::{outbox_row, rows};
use sqlx::SqliteConnection;

use super::SqliteTransaction;
use crate::error::store_error;

#[async_trait]
impl OutboxWrites for SqliteTransaction {
    async fn add_event(&mut self, draft: EventDraft) -> Result<AggregateEvent, StoreError> {
        add(&mut self.inner, draft).await
    }
}

async fn add(connection: &mut SqliteConnection, draft: EventDraft) -> Result<AggregateEvent, StoreError> {
    let data = outbox_row::data_column(&draft)?;
    let aggregate = &draft.aggregate;
    let kind = &*aggregate.kind;
    let number = sqlx::query_scalar!(
        "insert into outbox_numbers (tenant_id, aggregate_kind, aggregate_id, number) values ($1, $2, $3, 1)
         on conflict (tenant_id, aggregate_kind, aggregate_id) do update set number = outbox_numbers.number + 1
         returning number",
        aggregate.tenant.0,
        kind,
        aggregate.id
    );
    let number = number.fetch_one(&mut *connection).await.map_err(store_error)?;
    let (event_kind, actor_kind) = (&*draft.kind, &*draft.actor.kind);
    let insert = sqlx::query!(
        "insert into outbox (event_id, tenant_id, aggregate_kind, aggregate_id, number, kind, at_ms, actor_kind, actor_id,
             data)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        draft.id,
        aggregate.tenant.0,
        kind,
        aggregate.id,
        number,
        event_kind,
        draft.at.0,
        actor_kind,
        draft.actor.id,
        data
    );
    insert.execute(&mut *connection).await.map_err(store_error)?;
    Ok(AggregateEvent { number: rows::number(number)?, draft })
}
