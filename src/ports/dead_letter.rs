//! Records that no worker could process.

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::LogError;

/// A parked record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The stream it lay in.
    pub stream: String,
    /// The consumer that gave it up.
    pub consumer: String,
    /// Its subject.
    pub subject: String,
    /// Its sequence in that stream.
    pub log_seq: u64,
    /// Why it was given up.
    pub reason: String,
    /// Its bytes, as they were.
    pub payload: Bytes,
}

/// Where they are kept for operators.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Parks a record durably. Safe to repeat: the same record is parked once.
    ///
    /// # Errors
    /// [`LogError`]: it is not certain to be parked; do not acknowledge it.
    async fn park(&self, letter: &DeadLetter) -> Result<(), LogError>;
}
