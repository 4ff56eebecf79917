use async_trait::async_trait;
use frontdesk_domain::Timer;
use frontdesk_ports::{StoreError, TimerWrites};

use super::PostgresTransaction;
use crate::{connect::answered, timers};

#[async_trait]
impl TimerWrites for PostgresTransaction {
    async fn set_timer(&mut self, timer: &Timer) -> Result<(), StoreError> {
        answered(timers::set(&mut *self.inner, timer)).await.map(drop)
    }
}
