//! Reading everything there is, to compare log and database: nothing here writes.

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_domain::{ConversationKey, Entry, Timestamp};

use crate::{
    error::{LogError, StoreError},
    log::Record,
    persist_plan::{ContentHash, KnownEntry},
    store::Snapshot,
    work::StreamPosition,
};

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

/// The streams of messages, from end to end.
#[async_trait]
pub trait LogLedger: Send + Sync {
    /// The streams of messages, by name.
    fn stream_names(&self) -> Vec<String>;

    /// How far the queue for the database has come in one of them: a single small question, fit to be asked often.
    ///
    /// # Errors
    /// [`LogError`].
    async fn backlog(&self, stream: &str) -> Result<Backlog, LogError>;

    /// Where every stream of messages stands. `processed_seq` is how far the queue for the database has come, and only that.
    ///
    /// # Errors
    /// [`LogError`].
    async fn streams(&self) -> Result<Vec<StreamPosition>, LogError>;

    /// Records of `stream` from sequence `from` on, ascending: at most `limit`, and none only when there are none.
    ///
    /// # Errors
    /// [`LogError`].
    async fn scan(&self, stream: &str, from: u64, limit: usize) -> Result<Vec<LoggedRecord>, LogError>;
}

/// A conversation's row.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldConversation {
    /// Which one.
    pub key: ConversationKey,
    /// What the row says; `None` when this version cannot read it.
    pub snapshot: Option<Snapshot>,
}

/// An entry's row.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldEntry {
    /// Its number.
    pub seq: u64,
    /// What the row says; `None` when this version cannot read it.
    pub entry: Option<Entry>,
    /// The hash that was written with it.
    pub hash: ContentHash,
}

/// The database's conversations, from end to end, of all tenants.
#[async_trait]
pub trait StoreLedger: Send + Sync {
    /// Up to `limit` conversations above `after` whose last entry is not older than `since`, by ascending key.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn conversations_after(
        &self,
        after: Option<ConversationKey>,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<HeldConversation>, StoreError>;

    /// Up to `limit` entries of a conversation above number `after`, ascending.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn entries_after(&self, key: ConversationKey, after: u64, limit: usize)
    -> Result<Vec<HeldEntry>, StoreError>;

    /// Every entry that stands under the number or the request of one of `records`, in no order.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn known(&self, records: &[Record]) -> Result<Vec<KnownEntry>, StoreError>;
}
