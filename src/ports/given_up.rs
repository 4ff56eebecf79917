//! Records that the broker itself hands out no more.

use std::time::Duration;

use async_trait::async_trait;

use crate::{dead_letter::DeadLetter, error::LogError, work::DeliveryHandle};

/// A record that was handed out as often as its consumer allows, or whose consumer refused it. The broker does not deliver it again.
pub struct GivenUp {
    /// The record, ready to be parked. Its payload is empty when its stream does not hold it any more.
    pub letter: DeadLetter,
    /// To say that it is parked; until then it is told of again.
    pub handle: Box<dyn DeliveryHandle>,
}

/// The broker's own notices of such records, kept until they are acknowledged.
#[async_trait]
pub trait GivenUpRecords: Send + Sync {
    /// Takes up to `max` of them; waits up to `wait` for the first.
    ///
    /// # Errors
    /// [`LogError`].
    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<GivenUp>, LogError>;

    /// How many wait.
    ///
    /// # Errors
    /// [`LogError`].
    async fn pending(&self) -> Result<u64, LogError>;
}
