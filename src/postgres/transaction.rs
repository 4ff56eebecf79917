//! The transaction port; one file for each aggregate that is written in transactions.

mod agents;
mod audit;
mod definitions;
mod inboxes;
mod logins;
mod outbox;
mod roles;
mod settings;
mod tenants;
mod timers;

use async_trait::async_trait;
use frontdesk_ports::{StoreError, TenantLock, Transaction, Transactions};
use frontdesk_storage::OutboxSignal;
use sqlx::Postgres;

use crate::{PostgresStore, connect::answered, error::store_error};

/// A transaction on a connection of its own. Dropped without a commit, it is rolled back before the connection is used
/// again.
struct PostgresTransaction {
    inner: sqlx::Transaction<'static, Postgres>,
    /// Whether the relay is told when this has committed.
    adds_events: bool,
    outbox: OutboxSignal,
}

#[async_trait]
impl Transactions for PostgresStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let inner = answered(self.begin_transaction()).await?;
        Ok(Box::new(PostgresTransaction { inner, adds_events: false, outbox: self.outbox().clone() }))
    }
}

#[async_trait]
impl Transaction for PostgresTransaction {
    async fn lock(&mut self, lock: TenantLock) -> Result<(), StoreError> {
        let lock = sqlx::query!("select pg_advisory_xact_lock($1)", lock.number());
        answered(async { lock.execute(&mut *self.inner).await.map_err(store_error) }).await?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { inner, adds_events, outbox } = *self;
        let ended = answered(async { inner.commit().await.map_err(store_error) }).await;
        if adds_events {
            outbox.events_added();
        }
        ended
    }
}
