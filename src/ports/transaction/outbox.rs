use async_trait::async_trait;
use frontdesk_domain::{AggregateEvent, EventDraft};

use crate::error::StoreError;

/// The outbox within a transaction.
#[async_trait]
pub trait OutboxWrites {
    /// Adds an event, which is published once this transaction has committed, and gives it the next number of its
    /// aggregate. Other transactions that add events of the same aggregate wait until this one ends, so a number that
    /// is seen has none missing below.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], or another [`StoreError`].
    async fn add_event(&mut self, draft: EventDraft) -> Result<AggregateEvent, StoreError>;
}
