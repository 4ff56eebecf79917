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
use sqlx::Sqlite;

use crate::{SqliteStore, error::store_error};

/// A transaction on the connection that writes: no other writer runs until it ends. Dropped without a commit, it is
/// rolled back before the connection is used again.
struct SqliteTransaction {
    inner: sqlx::Transaction<'static, Sqlite>,
    /// Whether the relay is told when this has committed.
    adds_events: bool,
    outbox: OutboxSignal,
}

#[async_trait]
impl Transactions for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let inner = self.write().await?;
        Ok(Box::new(SqliteTransaction { inner, adds_events: false, outbox: self.outbox.clone() }))
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
    /// Nothing is left to wait for: a writing transaction already excludes every other.
    async fn lock(&mut self, _: TenantLock) -> Result<(), StoreError> {
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let ended = self.inner.commit().await.map_err(store_error);
        if self.adds_events {
            self.outbox.events_added();
        }
        ended
    }
}
