use async_trait::async_trait;
use frontdesk_domain::Timer;
use frontdesk_ports::{StoreError, TimerWrites};

use super::SqliteTransaction;
use crate::timers;

#[async_trait]
impl TimerWrites for SqliteTransaction {
    async fn set_timer(&mut self, timer: &Timer) -> Result<(), StoreError> {
        timers::set(&mut *self.inner, timer).await.map(drop)
    }
}
