use async_trait::async_trait;
use frontdesk_domain::{AggregateEvent, EventDraft};
use frontdesk_ports::{OutboxWrites, StoreError};
use frontdesk_storage::{outbox_row, rows};
use sqlx::PgConnection;

use super::PostgresTransaction;
use crate::{connect::answered, error::store_error};

#[async_trait]
impl OutboxWrites for PostgresTransaction {
    async fn add_event(&mut self, draft: EventDraft) -> Result<AggregateEvent, StoreError> {
        self.adds_events = true;
        answered(add(&mut self.inner, draft)).await
    }
}

/// First the aggregate's number, whose lock is held until the transaction ends: the row's position is drawn under it,
/// so within an aggregate positions grow with numbers.
async fn add(connection: &mut PgConnection, draft: EventDraft) -> Result<AggregateEvent, StoreError> {
    let data = outbox_row::data_column(&draft)?;
    let aggregate = &draft.aggregate;
    let number = sqlx::query_file_scalar!(
        "../storage/statements/outbox/next_number.sql",
        aggregate.tenant.0,
        &*aggregate.kind,
        aggregate.id
    );
    let number = number.fetch_one(&mut *connection).await.map_err(store_error)?;
    let insert = sqlx::query_file!(
        "../storage/statements/outbox/insert.sql",
        draft.id,
        aggregate.tenant.0,
        &*aggregate.kind,
        aggregate.id,
        number,
        &*draft.kind,
        draft.at.0,
        &*draft.actor.kind,
        draft.actor.id,
        data
    );
    insert.execute(&mut *connection).await.map_err(store_error)?;
    Ok(AggregateEvent { number: rows::number(number)?, draft })
}
