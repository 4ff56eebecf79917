//! Reading everything there is, to compare log and database: nothing here writes.

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_domain::{ConversationKey, Entry, Participant, TenantId, Timestamp, Watermark};

use crate::{
    content_hash::{ContentHash, KnownEntry},
    error::{LogError, StoreError},
    log::{AckRecord, Record},
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

/// An acknowledgement as it stands on channel 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedAck {
    /// Its sequence in the stream.
    pub log_seq: u64,
    /// What it says.
    pub record: AckRecord,
}

/// Whose records are read: one tenant's, or everybody's.
pub type Scope = Option<TenantId>;

/// The streams of messages and of acknowledgements, from end to end.
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

    /// Records of `scope` in `stream` from sequence `from` on, ascending: at most `limit`, and none only when there are none.
    ///
    /// # Errors
    /// [`LogError`].
    async fn scan(&self, stream: &str, scope: Scope, from: u64, limit: usize) -> Result<Vec<LoggedRecord>, LogError>;

    /// The number of the last entry of a conversation that the log still holds; 0 for none.
    ///
    /// # Errors
    /// [`LogError`].
    async fn last_logged(&self, key: ConversationKey) -> Result<u64, LogError>;

    /// What channel 2 says now of how far a conversation is in the database; 0 for nothing.
    ///
    /// # Errors
    /// [`LogError`].
    async fn acknowledged(&self, key: ConversationKey) -> Result<u64, LogError>;

    /// Where channel 2 stands; `processed_seq` is how far its receipts are in the database.
    ///
    /// # Errors
    /// [`LogError`].
    async fn acknowledgement_position(&self) -> Result<StreamPosition, LogError>;

    /// Acknowledgements of `scope` from sequence `from` on, ascending: at most `limit`, and none only when there are none. Those
    /// that this version cannot read are left out.
    ///
    /// # Errors
    /// [`LogError`].
    async fn acknowledgements(&self, scope: Scope, from: u64, limit: usize) -> Result<Vec<LoggedAck>, LogError>;
}

/// A conversation's row.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldConversation {
    /// The conversation that was read.
    pub key: ConversationKey,
    /// What the row says; `None` when this version cannot read it.
    pub snapshot: Option<Snapshot>,
}

/// An entry's row.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldEntry {
    /// The entry's number.
    pub seq: u64,
    /// What the row says; `None` when this version cannot read it.
    pub entry: Option<Entry>,
    /// The hash that was written with it.
    pub hash: ContentHash,
}

/// How far a conversation has come by the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldStates {
    /// The conversation that was read.
    pub key: ConversationKey,
    /// Number of its last entry; 0 when there is none.
    pub last_seq: u64,
    /// When that came.
    pub last_at: Timestamp,
    /// How far each member has come; never newer than `last_seq`.
    pub receipts: Vec<(Participant, Watermark)>,
}

/// How much the database holds of a tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many conversations there are.
    pub conversations: u64,
    /// How many entries they have.
    pub entries: u64,
}

/// What is kept of a tenant's ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerBook {
    /// Entries that were left behind on their way to the database, and written by a reconciler.
    pub repaired_entries: u64,
    /// Conversations whose senders were not told in time that something was persisted, and were told by a reconciler.
    pub repaired_acknowledgements: u64,
    /// When the last repair was.
    pub repaired_at: Option<Timestamp>,
    /// What the last check found, as the worker that checked stored it.
    pub last_check: Option<String>,
}

/// The database's conversations, from end to end.
#[async_trait]
pub trait StoreLedger: Send + Sync {
    /// Up to `limit` conversations of `scope` above `after` whose last entry is not older than `since`, by ascending key.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn conversations_after(
        &self,
        scope: Scope,
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

    /// How far each of these conversations has come, in no order. Receipts are read before numbers, so that none is above its
    /// conversation's only because something came in between.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn states(&self, keys: &[ConversationKey]) -> Result<Vec<HeldStates>, StoreError>;

    /// How much there is of a tenant. Reads all of its conversations' rows: not to be asked all the time.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn tally(&self, tenant: TenantId) -> Result<Tally, StoreError>;

    /// What is kept of a tenant's ledger.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn book(&self, tenant: TenantId) -> Result<LedgerBook, StoreError>;

    /// Adds repairs made at `at` to a tenant's ledger.
    ///
    /// # Errors
    /// [`StoreError`]: they are not added.
    async fn add_repairs(
        &self,
        tenant: TenantId,
        entries: u64,
        acknowledgements: u64,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Keeps what a check of a tenant found, in place of what the one before found.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn put_check(&self, tenant: TenantId, found: &str) -> Result<(), StoreError>;
}
