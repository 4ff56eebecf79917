use async_trait::async_trait;
use frontdesk_domain::Timer;

use crate::error::StoreError;

/// Timers within a transaction.
#[async_trait]
pub trait TimerWrites {
    /// Sets the timer of this name, unless the same or a later generation of it is there. A claim on the earlier one
    /// ends.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn set_timer(&mut self, timer: &Timer) -> Result<(), StoreError>;
}
