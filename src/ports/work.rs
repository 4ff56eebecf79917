//! Work that stateless workers take from the log.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{error::LogError, subject::Subject};

/// One record handed to a worker, until it says what became of it.
pub struct Delivery {
    /// The stream it lies in.
    pub stream: String,
    /// Its sequence in that stream.
    pub log_seq: u64,
    /// Its subject, parsed.
    pub subject: Subject,
    /// Its bytes, decompressed.
    pub payload: Bytes,
    /// How often it was handed out, this time included.
    pub attempt: u64,
    /// To say what became of it.
    pub handle: Box<dyn DeliveryHandle>,
}

/// Says what became of a delivery. One that is dropped without a word comes again after the acknowledgement wait.
#[async_trait]
pub trait DeliveryHandle: Send + Sync {
    /// Done.
    ///
    /// # Errors
    /// [`LogError`]: it will come again.
    async fn ack(&self) -> Result<(), LogError>;
    /// Not done: hand it out again after `delay`.
    ///
    /// # Errors
    /// [`LogError`]: it will come again anyway.
    async fn retry(&self, delay: Duration) -> Result<(), LogError>;
    /// Still at it: do not hand it to another yet.
    ///
    /// # Errors
    /// [`LogError`]: it may be handed to another.
    async fn progress(&self) -> Result<(), LogError>;
}

/// A durable queue of records, shared by any number of workers. Records of one conversation are at one of them, but for
/// the time in which one takes over from another.
#[async_trait]
pub trait WorkSource: Send + Sync {
    /// Name of the consumer, for metrics and dead letters.
    fn name(&self) -> &str;

    /// Takes what is ready, at least one and at most `max`; waits up to `wait` for the first, and gives nothing when
    /// there is none by then.
    ///
    /// Records of one conversation come in order unless one is handed out again. Cancel safe: what was taken and not
    /// returned comes again.
    ///
    /// # Errors
    /// [`LogError`].
    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>, LogError>;

    /// How many records wait for any worker, not counting those handed out.
    ///
    /// # Errors
    /// [`LogError`].
    async fn pending(&self) -> Result<u64, LogError>;

    /// Every record of a queue over one stream up to here was dealt with. What lies above may be in another worker's
    /// hands, or have been put back, and come later than what follows it.
    ///
    /// # Errors
    /// [`LogError`].
    async fn floor(&self) -> Result<u64, LogError> {
        // A queue with one consumer has nothing in flight elsewhere.
        Ok(u64::MAX)
    }
}

/// Where a stream of the log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamPosition {
    /// Name of the stream.
    pub stream: String,
    /// Sequence of the first record it still holds (last + 1 when it holds none).
    pub first_seq: u64,
    /// Sequence of the last record ever appended; 0 for none.
    pub last_seq: u64,
    /// Every record up to here was processed by every consumer that must see it, and none of them is dead-lettered
    /// although the database should have it.
    pub processed_seq: u64,
    /// Whether it is so full that room must be made for new records.
    pub crowded: bool,
}

/// Removing what is not needed any more.
#[async_trait]
pub trait Trim: Send + Sync {
    /// Where every stream of messages stands.
    ///
    /// # Errors
    /// [`LogError`].
    async fn positions(&self) -> Result<Vec<StreamPosition>, LogError>;

    /// Removes every record of `stream` up to and including `up_to_seq`, which must not exceed
    /// [`StreamPosition::processed_seq`].
    ///
    /// # Errors
    /// [`LogError`].
    async fn trim(&self, stream: &str, up_to_seq: u64) -> Result<(), LogError>;

    /// Removes what bridges brought in and has been dealt with: it is filed, or dead-lettered. Gives how many records
    /// went.
    ///
    /// # Errors
    /// [`LogError`].
    async fn trim_inbound(&self) -> Result<u64, LogError>;

    /// How long what is processed stays in a stream that is not crowded: not shorter than what the log promises,
    /// [`MessageLog::retention`](crate::MessageLog::retention), which is how long it stays in one that is.
    fn retain(&self) -> Duration;
}
