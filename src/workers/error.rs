//! Why a step of a worker failed.

use frontdesk_domain::ConversationKey;
use frontdesk_ports::{LogError, StoreError};

/// Why a step failed. What it had taken comes again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The log did not do what was asked.
    #[error("a worker could not go on")]
    Log(#[from] LogError),
    /// The database did not do what was asked.
    #[error("a worker could not go on")]
    Store(#[from] StoreError),
    /// Neither the log nor the database has an entry that must have been there.
    #[error("entry {seq} of conversation {key} is in neither the log nor the database")]
    Missing {
        /// Of which conversation.
        key: ConversationKey,
        /// Its number.
        seq: u64,
    },
}
