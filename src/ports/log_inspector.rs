//! Reading the streams of the log from end to end, to compare them with the database.

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_domain::{ConversationKey, TenantId};

use crate::{error::LogError, log::AckRecord, work::StreamPosition};

/// A record as it lies in a stream of messages, whether it can be read or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRecord {
    /// Its sequence in the stream.
    pub log_seq: u64,
    /// Whose it is by its subject; `None` for a subject that is no conversation's.
    pub key: Option<ConversationKey>,
    /// Its bytes, decompressed.
    pub payload: Bytes,
}

/// How far the queue for the database has come in a stream of messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Sequence of the last record appended; 0 for none.
    pub last_seq: u64,
    /// Every record up to here was acknowledged by a worker.
    pub processed_seq: u64,
    /// Records that were not: some may lie before others that were.
    pub unprocessed: u64,
}

/// An acknowledgement as it stands in the ack stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedAck {
    /// Its sequence in the stream.
    pub log_seq: u64,
    /// What it says.
    pub record: AckRecord,
}

/// Whose records are read: those of one tenant, or of all.
pub type TenantFilter = Option<TenantId>;

/// The streams of messages and of acknowledgements, from end to end.
#[async_trait]
pub trait LogInspector: Send + Sync {
    /// The streams of messages, by name.
    fn stream_names(&self) -> Vec<String>;

    /// How far the queue for the database has come in one of them: a single small question, fit to be asked often.
    ///
    /// # Errors
    /// [`LogError`].
    async fn backlog(&self, stream: &str) -> Result<Backlog, LogError>;

    /// Where every stream of messages stands. `processed_seq` is how far the queue for the database has come, and only
    /// that.
    ///
    /// # Errors
    /// [`LogError`].
    async fn streams(&self) -> Result<Vec<StreamPosition>, LogError>;

    /// Records of `scope` in `stream` from sequence `from` on, ascending: at most `limit`, and none only when there are
    /// none.
    ///
    /// # Errors
    /// [`LogError`].
    async fn scan(
        &self,
        stream: &str,
        scope: TenantFilter,
        from: u64,
        limit: usize,
    ) -> Result<Vec<LoggedRecord>, LogError>;

    /// The number of the last entry of a conversation that the log still holds; 0 for none.
    ///
    /// # Errors
    /// [`LogError`].
    async fn last_logged(&self, key: ConversationKey) -> Result<u64, LogError>;

    /// How far a conversation is persisted by the ack stream; 0 for nothing.
    ///
    /// # Errors
    /// [`LogError`].
    async fn acknowledged(&self, key: ConversationKey) -> Result<u64, LogError>;

    /// Where the ack stream stands; `processed_seq` is how far its receipts are in the database.
    ///
    /// # Errors
    /// [`LogError`].
    async fn acknowledgement_position(&self) -> Result<StreamPosition, LogError>;

    /// Acknowledgements of `scope` from sequence `from` on, ascending: at most `limit`, and none only when there are
    /// none. Those that this version cannot read are left out.
    ///
    /// # Errors
    /// [`LogError`].
    async fn acknowledgements(&self, scope: TenantFilter, from: u64, limit: usize) -> Result<Vec<LoggedAck>, LogError>;
}
