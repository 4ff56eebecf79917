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

use async_trait::async_trait;
use frontdesk_ports::{StoreError, TenantLock, Transaction, Transactions};
use sqlx::Postgres;

use crate::{PostgresStore, connect::answered, error::store_error};

/// A transaction on a connection of its own. Dropped without a commit, it is rolled back before the connection is used
/// again.
struct PostgresTransaction {
    inner: sqlx::Transaction<'static, Postgres>,
}

#[async_trait]
impl Transactions for PostgresStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let inner = answered(self.begin_transaction()).await?;
        Ok(Box::new(PostgresTransaction { inner }))
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
        answered(async { self.inner.commit().await.map_err(store_error) }).await
    }
}
