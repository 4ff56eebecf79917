//! Handing dead letters to their workers once more.

use async_trait::async_trait;
use frontdesk_domain::DeadLetterKind;

use crate::{
    dead_letter::{DeadLetterId, DeadLetterScope},
    error::{LogError, StoreError},
};

/// What became of a dead letter that was redelivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redelivered {
    /// It had its effect and is no dead letter any more; nor are so many others that had only waited for it.
    Settled {
        /// How many others.
        others: u64,
    },
    /// It failed again and stays, with this reason.
    FailedAgain {
        /// Why it was not delivered again.
        reason: String,
    },
}

/// What became of a dead letter that was to be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// It is gone.
    Gone,
    /// It stays: it is an accepted entry that the database does not hold, and what follows it in its conversation could
    /// never be persisted. Only by force.
    LeavesHole {
        /// The entry's number; `None` if this version cannot read the record, which may then be such an entry.
        seq: Option<u64>,
    },
}

/// Why it is not known what became of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedeliveryError {
    /// There is no such dead letter in that scope.
    #[error("there is no such dead letter")]
    NotFound,
    /// No worker of this process takes records of that queue.
    #[error("a dead letter of the queue {0:?} can only be looked at and dropped")]
    NotOurs(String),
    /// Only a newer version knows what kind of record it is.
    #[error("only a newer version can redeliver a dead letter of the kind {0}")]
    UnknownKind(DeadLetterKind),
    /// Log or database were away, or busy for too long. The dead letter stays as it was.
    #[error("the log or the database cannot be reached")]
    NotNow,
    /// The log did not do what was asked.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The database did not do what was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Redelivers and drops dead letters.
#[async_trait]
pub trait Redelivery: Send + Sync {
    /// Has the dead letter's worker process it again, now, from its bytes; nothing is appended to the log. Dead letters
    /// of the same conversation are tried along with it, in their order. Safe to repeat.
    ///
    /// # Errors
    /// [`RedeliveryError`].
    async fn redeliver(&self, scope: DeadLetterScope, id: &DeadLetterId) -> Result<Redelivered, RedeliveryError>;

    /// Removes the dead letter for good; by force even an accepted entry that the database does not hold.
    ///
    /// # Errors
    /// [`RedeliveryError`].
    async fn discard(&self, scope: DeadLetterScope, id: &DeadLetterId, force: bool)
    -> Result<Dropped, RedeliveryError>;
}
