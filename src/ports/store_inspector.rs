//! Reading the conversations of the database from end to end, to compare them with the log, and what such comparisons
//! found.

use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Entry, Participant, TenantId, Timestamp, Watermark};

use crate::{
    content_hash::{ContentHash, KnownEntry},
    error::StoreError,
    log::Record,
    log_inspector::TenantFilter,
    store::Snapshot,
};

/// A conversation's row.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredConversation {
    /// The conversation that was read.
    pub key: ConversationKey,
    /// What the row says; `None` when this version cannot read it.
    pub snapshot: Option<Snapshot>,
}

/// An entry's row.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    /// The entry's number.
    pub seq: u64,
    /// What the row says; `None` when this version cannot read it.
    pub entry: Option<Entry>,
    /// The hash that was written with it.
    pub hash: ContentHash,
}

/// How far a conversation has come by the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProgress {
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
pub struct TenantCounts {
    /// How many conversations there are.
    pub conversations: u64,
    /// How many entries they have.
    pub entries: u64,
}

/// Repairs and the last check of a tenant's integrity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntegrityRecord {
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
pub trait StoreInspector: Send + Sync {
    /// Up to `limit` conversations of `scope` above `after` whose last entry is not older than `since`, by ascending
    /// key.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn conversations_after(
        &self,
        scope: TenantFilter,
        after: Option<ConversationKey>,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<StoredConversation>, StoreError>;

    /// Up to `limit` entries of a conversation above number `after`, ascending.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn entries_after(
        &self,
        key: ConversationKey,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, StoreError>;

    /// Every entry that stands under the number or the request of one of `records`, in no order.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn known(&self, records: &[Record]) -> Result<Vec<KnownEntry>, StoreError>;

    /// How far each of these conversations has come, in no order. Receipts are read before numbers, so that none is
    /// above its conversation's only because something came in between.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn progress(&self, keys: &[ConversationKey]) -> Result<Vec<StoredProgress>, StoreError>;

    /// How much there is of a tenant. Reads all of its conversations' rows: not to be asked all the time.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn counts(&self, tenant: TenantId) -> Result<TenantCounts, StoreError>;

    /// Repairs and the last check of a tenant, zero and none before there was any.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn integrity_record(&self, tenant: TenantId) -> Result<IntegrityRecord, StoreError>;

    /// Adds repairs made at `at` to a tenant's record.
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
