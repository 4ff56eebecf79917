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
use sqlx::Sqlite;

use crate::{SqliteStore, error::store_error};

/// A transaction on the connection that writes: no other writer runs until it ends. Dropped without a commit, it is
/// rolled back before the connection is used again.
struct SqliteTransaction {
    inner: sqlx::Transaction<'static, Sqlite>,
}

#[async_trait]
impl Transactions for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        Ok(Box::new(SqliteTransaction { inner: self.write().await? }))
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    /// Nothing is left to wait for: a writing transaction already excludes every other.
    async fn lock(&mut self, _: TenantLock) -> Result<(), StoreError> {
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.inner.commit().await.map_err(store_error)
    }
}
