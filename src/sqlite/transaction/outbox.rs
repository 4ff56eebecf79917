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
        self.adds_events = true;
        add(&mut self.inner, draft).await
    }
}

async fn add(connection: &mut SqliteConnection, draft: EventDraft) -> Result<AggregateEvent, StoreError> {
    let data = outbox_row::data_column(&draft)?;
    let aggregate = &draft.aggregate;
    let kind = &*aggregate.kind;
    let number = sqlx::query_file_scalar!(
        "../storage/statements/outbox/next_number.sql",
        aggregate.tenant.0,
        kind,
        aggregate.id
    );
    let number = number.fetch_one(&mut *connection).await.map_err(store_error)?;
    let (event_kind, actor_kind) = (&*draft.kind, &*draft.actor.kind);
    let insert = sqlx::query_file!(
        "../storage/statements/outbox/insert.sql",
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
