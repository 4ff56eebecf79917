//! Why a step of a worker failed.

use frontdesk_domain::ConversationKey;
use frontdesk_ports::{AppendError, LogError, StoreError};

/// Why a step failed. What it had taken is delivered again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The log is unavailable or refused a request.
    #[error("the log failed")]
    Log(#[from] LogError),
    /// The database is unavailable or refused a request.
    #[error("the database failed")]
    Store(#[from] StoreError),
    /// An event is not known to be in its stream.
    #[error("an event was not published")]
    Event(#[from] AppendError),
    /// Neither the log nor the database has an entry that must have been there.
    #[error("entry {seq} of conversation {key} is in neither the log nor the database")]
    Missing {
        /// Conversation that the entry belongs to.
        key: ConversationKey,
        /// Number of the missing entry in its conversation.
        seq: u64,
    },
}
