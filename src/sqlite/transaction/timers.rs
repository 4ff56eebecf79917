use async_trait::async_trait;
use frontdesk_domain::Timer;
use frontdesk_ports::{StoreError, TimerWrites};
use frontdesk_storage::rows;

use super::SqliteTransaction;
use crate::error::store_error;

#[async_trait]
impl TimerWrites for SqliteTransaction {
    async fn set_timer(&mut self, timer: &Timer) -> Result<(), StoreError> {
        let Timer { key, due_at, payload, .. } = timer;
        let generation = rows::column(timer.generation);
        let set = sqlx::query_file!(
            "../storage/statements/timers/set.sql",
            key.tenant.0,
            key.kind,
            key.id,
            due_at.0,
            generation,
            payload
        );
        set.execute(&mut *self.inner).await.map_err(store_error)?;
        Ok(())
    }
}
