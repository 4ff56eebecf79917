//! Records that the broker itself does not deliver any more.

use std::time::Duration;

use async_trait::async_trait;

use crate::{dead_letter::DeadLetter, error::LogError, work::DeliveryHandle};

/// A record that was handed out as often as its consumer allows, or whose consumer refused it. The broker does not
/// deliver it again.
pub struct ExhaustedDelivery {
    /// The record, ready to be stored as a dead letter. Its payload is empty when its stream does not hold it any more.
    pub dead_letter: DeadLetter,
    /// Acknowledges the notice once the record is stored; until then the notice is delivered again.
    pub handle: Box<dyn DeliveryHandle>,
}

/// The broker's own notices of such records, kept until they are acknowledged.
#[async_trait]
pub trait MaxDeliveryNotices: Send + Sync {
    /// Takes up to `max` of them; waits up to `wait` for the first.
    ///
    /// # Errors
    /// [`LogError`].
    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<ExhaustedDelivery>, LogError>;

    /// How many wait.
    ///
    /// # Errors
    /// [`LogError`].
    async fn pending(&self) -> Result<u64, LogError>;
}
