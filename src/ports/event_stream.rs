//! The stream that other programs read events from.

use async_trait::async_trait;
use frontdesk_domain::{Aggregate, AggregateEvent};
use uuid::Uuid;

use crate::{error::LogError, log::AppendError};

/// An event that was found in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamedEvent {
    /// Its own id; `None` for a record that this version cannot read.
    pub id: Option<Uuid>,
    /// Its sequence in the stream.
    pub stream_seq: u64,
}

/// A stream in which the events of each aggregate have an order.
#[async_trait]
pub trait EventStream: Send + Sync {
    /// Stores an event, if the last one of its aggregate has the sequence `last_seq` (0: there is none), and gives its
    /// sequence.
    ///
    /// # Errors
    /// [`AppendError::Conflict`] when another event is the last, which may be this one; [`AppendError::Unknown`] when
    /// it may be stored or may be later. Publishing again with the same `last_seq` stores it at most once.
    async fn publish_event(&self, event: &AggregateEvent, last_seq: u64) -> Result<u64, AppendError>;

    /// Events of an aggregate with sequences above `after`, in their order, up to `limit`; the newest ones included.
    ///
    /// # Errors
    /// [`LogError`].
    async fn events_after(
        &self,
        aggregate: &Aggregate,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StreamedEvent>, LogError>;

    /// The sequence of the last event of an aggregate; 0 when there is none.
    ///
    /// # Errors
    /// [`LogError`].
    async fn last_event(&self, aggregate: &Aggregate) -> Result<u64, LogError>;
}
