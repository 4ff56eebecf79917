//! The way to a conversation for those who have no socket.

use async_trait::async_trait;
use frontdesk_domain::{Answer, ConversationKey, Durability, Rejection, Request};

/// A request that was logged, now or before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Executed {
    /// The entry that it caused.
    pub answer: Answer,
    /// What it takes to lose that entry.
    pub durability: Durability,
}

/// Why a request has no answer. All but [`ExecuteError::Unknown`] say that nothing was logged, and nothing will be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError {
    /// The rules refuse it.
    #[error("the request was rejected")]
    Rejected(#[from] Rejection),
    /// The desk is busy. The same request may succeed later.
    #[error("the desk is busy")]
    Overloaded {
        /// When to try again.
        retry_after_ms: u64,
    },
    /// The log or the store cannot be reached. The same request may succeed later.
    #[error("the log or the database cannot be reached")]
    Unavailable,
    /// Larger than the log takes.
    #[error("the request is too large for the log")]
    TooLarge,
    /// The log is full. The same request may succeed later.
    #[error("the log is full")]
    LogFull,
    /// No answer in time: it may have been logged, or may still be. Repeat it with the same `client_id`.
    #[error("the outcome is not known yet")]
    Unknown,
}

/// Carries requests to conversations.
#[async_trait]
pub trait Commands: Send + Sync {
    /// Has `request` decided and logged. Repeats with the same `client_id` and content get the same answer.
    ///
    /// The caller has authenticated the author, and checked that an agent that is assigned to exists and is active. Not
    /// cancel safe: a dropped call may still be logged.
    ///
    /// # Errors
    /// [`ExecuteError`]; only `Unknown` leaves open whether it was logged.
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError>;
}
