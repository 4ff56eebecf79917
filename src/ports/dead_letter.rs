//! Records that no worker could process.

use std::{fmt, str::FromStr};

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_domain::{ConversationKey, DeadLetterKind, ItemRef, TenantId, Timestamp};

use crate::{error::LogError, subject::Subject};

/// A record that cannot be processed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The stream it lay in.
    pub stream: String,
    /// The queue whose worker could not process it, or could no more.
    pub consumer: String,
    /// Its subject, parsed.
    pub subject: Subject,
    /// Its sequence in that stream.
    pub log_seq: u64,
    /// Why it could not be processed.
    pub reason: String,
    /// Its bytes, as they were.
    pub payload: Bytes,
}

/// The name of a dead letter: which record of which queue. Written `<stream>.<consumer>.<log_seq>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeadLetterId {
    /// The stream the record lay in.
    pub stream: String,
    /// The queue whose worker could not process it, or could no more.
    pub consumer: String,
    /// The record's sequence in that stream.
    pub log_seq: u64,
}

/// A text that names no dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a dead letter, such as MESSAGES-0.persist.42")]
pub struct DeadLetterIdError;

/// A dead letter as the broker keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDeadLetter {
    /// The record, and why it failed the last time.
    pub record: DeadLetter,
    /// What kind of record it is.
    pub kind: DeadLetterKind,
    /// Whose it is; `None` for a record that is no tenant's.
    pub tenant: Option<TenantId>,
    /// What it is about, such as a conversation; `None` when that cannot be told.
    pub item: Option<ItemRef>,
    /// When it became a dead letter (UTC milliseconds).
    pub dead_lettered_at: Timestamp,
    /// When it failed the last time (UTC milliseconds).
    pub tried_at: Timestamp,
    /// How often it was redelivered in vain.
    pub redeliveries: u32,
    /// Its place in the list; grows.
    pub place: u64,
}

/// Whose dead letters. A tenant's are never those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadLetterScope {
    /// All of the installation, those of no tenant included: for its operators only.
    Installation,
    /// The dead letters of one tenant.
    Tenant(TenantId),
}

/// Takes the records that workers cannot process.
#[async_trait]
pub trait DeadLetterSink: Send + Sync {
    /// Stores a record durably. Safe to repeat: the same record is stored once for each queue.
    ///
    /// # Errors
    /// [`LogError`]: it is not certain to be stored; do not acknowledge it.
    async fn store(&self, dead_letter: &DeadLetter) -> Result<(), LogError>;
}

/// Stored dead letters, kept for operators until they are redelivered or dropped.
#[async_trait]
pub trait DeadLetterStore: Send + Sync {
    /// Up to `limit` dead letters of `scope` after the position `after`, the oldest first.
    ///
    /// # Errors
    /// [`LogError`].
    async fn list(&self, scope: DeadLetterScope, after: u64, limit: usize) -> Result<Vec<StoredDeadLetter>, LogError>;

    /// Up to `limit` dead letters of one conversation of the queue `consumer`, by ascending log sequence.
    ///
    /// # Errors
    /// [`LogError`].
    async fn of_conversation(
        &self,
        key: ConversationKey,
        consumer: &str,
        limit: usize,
    ) -> Result<Vec<StoredDeadLetter>, LogError>;

    /// One dead letter; `None` when there is none in `scope`.
    ///
    /// # Errors
    /// [`LogError`].
    async fn find(&self, scope: DeadLetterScope, id: &DeadLetterId) -> Result<Option<StoredDeadLetter>, LogError>;

    /// Notes that `dead_letter` was redelivered in vain, for this reason. Nothing happens to one that is gone.
    ///
    /// # Errors
    /// [`LogError`]: it may or may not be noted.
    async fn failed_again(&self, dead_letter: &StoredDeadLetter, reason: &str) -> Result<(), LogError>;

    /// Removes a dead letter for good: it was redelivered, or an operator discards it.
    ///
    /// # Errors
    /// [`LogError`]: it may still be there. Removing it again is safe.
    async fn remove(&self, dead_letter: &StoredDeadLetter) -> Result<(), LogError>;

    /// How many there are.
    ///
    /// # Errors
    /// [`LogError`].
    async fn count(&self) -> Result<u64, LogError>;
}

impl DeadLetter {
    /// The id under which it is stored and listed.
    #[must_use]
    pub fn id(&self) -> DeadLetterId {
        DeadLetterId { stream: self.stream.clone(), consumer: self.consumer.clone(), log_seq: self.log_seq }
    }
}

impl StoredDeadLetter {
    /// A record that becomes a dead letter now. What it is about is read from its subject.
    #[must_use]
    pub fn new(record: DeadLetter, now: Timestamp) -> Self {
        let subject = &record.subject;
        let (kind, tenant, item) = (subject.kind(), subject.tenant(), subject.item());
        Self { record, kind, tenant, item, dead_lettered_at: now, tried_at: now, redeliveries: 0, place: 0 }
    }

    /// The conversation that it is about, if it is about one.
    #[must_use]
    pub fn conversation(&self) -> Option<ConversationKey> {
        Some(ConversationKey { tenant: self.tenant?, conversation: self.item?.conversation()? })
    }
}

impl DeadLetterScope {
    /// Whether a dead letter of `tenant` belongs to it.
    #[must_use]
    pub fn holds(self, tenant: Option<TenantId>) -> bool {
        match self {
            Self::Installation => true,
            Self::Tenant(wanted) => tenant == Some(wanted),
        }
    }
}

impl fmt::Display for DeadLetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.stream, self.consumer, self.log_seq)
    }
}

impl FromStr for DeadLetterId {
    type Err = DeadLetterIdError;

    fn from_str(text: &str) -> Result<Self, DeadLetterIdError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let token = |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(allowed);
        let mut tokens = text.split('.');
        let (Some(stream), Some(consumer), Some(log_seq), None) =
            (tokens.next(), tokens.next(), tokens.next(), tokens.next())
        else {
            return Err(DeadLetterIdError);
        };
        if !token(stream) || !token(consumer) {
            return Err(DeadLetterIdError);
        }
        let number = log_seq.parse().map_err(|_| DeadLetterIdError)?;
        let id = Self { stream: stream.to_owned(), consumer: consumer.to_owned(), log_seq: number };
        // One dead letter has one name.
        (id.to_string() == text).then_some(id).ok_or(DeadLetterIdError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_its_text_and_nothing_else_is_one() {
        let id = DeadLetterId { stream: "MESSAGES-3".to_owned(), consumer: "persist".to_owned(), log_seq: 42 };
        assert_eq!(id.to_string(), "MESSAGES-3.persist.42");
        assert_eq!("MESSAGES-3.persist.42".parse(), Ok(id));
        for text in ["", "a.b", "a.b.c", "a.b.1.2", "a.*.1", "a.>.1", ".b.1", "a.b.01", "a.b.+1", "a.b.-1", "a b.c.1"] {
            assert_eq!(text.parse::<DeadLetterId>(), Err(DeadLetterIdError), "{text:?}");
        }
    }
}
