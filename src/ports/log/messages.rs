//! Entries of conversations in the log.

use std::time::Duration;

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Partition};
use frontdesk_protocol::{Envelope, socket::Durability};

use super::LogStream;
use crate::error::{BoxError, LogError};

/// A logged envelope and where it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its sequence in the log's stream; grows along a conversation, with holes. Not the entry's `seq`.
    pub log_seq: u64,
    /// What was logged.
    pub envelope: Envelope,
}

/// Why nothing is known to have been appended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Another record came first, or this very one is there already: catch up and decide again.
    #[error("the conversation's last record is another one")]
    Conflict,
    /// No answer in time: it may have been appended, or may still be. Catch up; appending the same again is safe.
    #[error("the log did not say whether it appended the record")]
    Unknown(#[source] BoxError),
    /// Nothing was sent: the log cannot be reached.
    #[error("the log cannot be reached")]
    Unavailable(#[source] BoxError),
    /// Refused: larger than the log takes.
    #[error("the record is too large for the log")]
    TooLarge,
    /// Refused: the log is full.
    #[error("the log is full")]
    Full,
}

/// The durable message log: the entries of conversations, in order.
#[async_trait]
pub trait MessageLog: Send + Sync {
    /// Appends `envelope` if the conversation's last record is the one at `expected` (0: it has none).
    ///
    /// Gives the record's `log_seq` once it is as durable as [`MessageLog::durability`] says. Not cancel safe: a
    /// dropped call may still append.
    ///
    /// # Errors
    /// See [`AppendError`]; only `Unknown` leaves open whether it was appended.
    async fn append(&self, envelope: &Envelope, expected: u64) -> Result<u64, AppendError>;

    /// The conversation's last record that the log still holds, as the writer of the log knows it: never stale.
    ///
    /// # Errors
    /// [`LogError`].
    async fn last(&self, key: ConversationKey) -> Result<Option<Record>, LogError>;

    /// Up to `limit` of the conversation's records with a `log_seq` above `after`, in order.
    ///
    /// # Errors
    /// [`LogError`]; a record that cannot be read ends the list before it only if something precedes it.
    async fn read(&self, key: ConversationKey, after: u64, limit: usize) -> Result<Vec<Record>, LogError>;

    /// Every record of `partition` from now on, by any node, each after it was stored.
    ///
    /// May skip records while a connection is down: readers see it by the gap in `seq`.
    ///
    /// # Errors
    /// [`LogError`].
    async fn live(&self, partition: Partition) -> Result<LogStream<Record>, LogError>;

    /// What it takes to lose an appended record.
    fn durability(&self) -> Durability;

    /// How long every record stays at least, after the database holds it. Knowledge of an empty subject that is older
    /// than a quarter of this must not be appended upon: records may have come and been trimmed since.
    fn retention(&self) -> Duration;
}
