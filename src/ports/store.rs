//! Conversations in the database: what persist workers write and everyone reads.

use std::collections::BTreeMap;

use async_trait::async_trait;
use frontdesk_domain::{
    AgentId, Answer, Audience, ClientId, ContactId, Conversation, ConversationId, ConversationKey, ConversationSummary,
    Digest, Entry, InboxId, Participant, Reach, ReceiptKind, Rejection, Status, TenantId, Watermark,
};

use crate::{
    changes::{ChangePosition, Changes},
    error::StoreError,
    log::Record,
    page::{Page, PageRequest},
};

/// A conversation as the database holds it. The default is one that it does not hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// Folded from every persisted entry.
    pub conversation: Conversation,
    /// The log sequence of the last persisted entry.
    pub log_seq: u64,
}

/// How far a conversation is persisted after a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Persisted {
    /// Every entry up to here is in the database; 0 for none.
    pub up_to_seq: u64,
    /// The log sequence of that entry; 0 for none.
    pub log_seq: u64,
    /// How many entries of the batch were written; the others were there already, wait, or contradict.
    pub written: u64,
    /// Entries of the batch that were not written, because entries before them are missing: they must be offered again
    /// together with those.
    pub waiting: Vec<u64>,
    /// Entries whose number the database holds with *other* content. They were not written: an alarm.
    pub contradicting: Vec<u64>,
}

/// A request that was logged once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// What its sender was told.
    pub outcome: Result<Answer, Rejection>,
    /// What was asked.
    pub digest: Digest,
}

/// Which entries of a conversation are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryRange {
    /// The first `limit` entries above a number, ascending.
    After(u64),
    /// The last `limit` entries below a number, ascending.
    Before(u64),
}

/// Which conversations of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationFilter {
    /// Only those that stand there.
    pub status: Option<Status>,
    /// Only those held so.
    pub assignee: AssigneeFilter,
    /// Only those that came through there.
    pub inbox: Option<InboxId>,
    /// Only those of this contact.
    pub contact: Option<ContactId>,
    /// Only those that the reader may see.
    pub within: Reach,
}

impl ConversationFilter {
    /// All that the reader may see.
    #[must_use]
    pub const fn within(within: Reach) -> Self {
        Self { status: None, assignee: AssigneeFilter::Any, inbox: None, contact: None, within }
    }
}

/// Who holds them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// Any assignee, or none.
    #[default]
    Any,
    /// Only conversations without an assignee.
    Unassigned,
    /// Only conversations that this agent holds.
    Agent(AgentId),
}

impl ConversationFilter {
    /// The holders and the inboxes whose newest conversations make up the list, when no contact and no agent is chosen:
    /// those within reach, of which a chosen inbox leaves only itself; no holders where unassigned ones are chosen.
    #[must_use]
    pub fn parts(&self) -> (Vec<AgentId>, Vec<InboxId>) {
        match &self.within {
            Reach::Everything => (Vec::new(), self.inbox.into_iter().collect()),
            Reach::Within { holders, inboxes } => {
                let holders = holders.iter().copied().filter(|_| self.assignee != AssigneeFilter::Unassigned);
                let inboxes = inboxes.iter().copied().filter(|inbox| self.inbox.is_none_or(|wanted| wanted == *inbox));
                (holders.collect(), inboxes.collect())
            }
        }
    }

    /// The same choice, with the reader's own conversations asked for by their holder where nothing else is within
    /// reach; `None` when no conversation can be chosen. Adapters list by it, so that an index serves such a reader.
    #[must_use]
    pub fn narrowed(&self) -> Option<Self> {
        let Reach::Within { holders, inboxes } = &self.within else { return Some(self.clone()) };
        let mut holders_left = holders.iter();
        match (holders_left.next(), holders_left.next(), inboxes.is_empty(), self.assignee) {
            (None, _, true, _) => None,
            (Some(only), None, true, AssigneeFilter::Any) => {
                Some(Self { assignee: AssigneeFilter::Agent(*only), within: Reach::Everything, ..self.clone() })
            }
            (_, _, true, AssigneeFilter::Unassigned) => None,
            (_, _, true, AssigneeFilter::Agent(wanted)) => {
                holders.contains(&wanted).then(|| Self { within: Reach::Everything, ..self.clone() })
            }
            _ => Some(self.clone()),
        }
    }
}

/// A receipt to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptUpdate {
    /// Of which conversation.
    pub key: ConversationKey,
    /// The participant whose receipt it is.
    pub member: Participant,
    /// Of which kind.
    pub kind: ReceiptKind,
    /// Number of the last entry that it covers.
    pub up_to_seq: u64,
}

/// Conversations in the database.
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// The conversation as persisted, or `None`.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn load(&self, key: ConversationKey) -> Result<Option<Snapshot>, StoreError>;

    /// Writes a batch of records, of any conversations, in any order, in one transaction: entries, folded state, list
    /// row and the number of the change.
    ///
    /// Of each conversation the entries that continue what is there without a hole are written; those there already are
    /// compared; the rest is told in [`Persisted`]. Safe to repeat and to run from several workers at once. The answer
    /// has one item for each conversation of the batch.
    ///
    /// # Errors
    /// [`StoreError`]: nothing of the batch was written.
    async fn persist(&self, records: &[Record]) -> Result<BTreeMap<ConversationKey, Persisted>, StoreError>;

    /// Up to `limit` persisted entries that `audience` may see.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn entries(
        &self,
        key: ConversationKey,
        range: EntryRange,
        audience: Audience,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError>;

    /// The persisted entry that `sender`'s request `client_id` caused in this conversation.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn find_request(
        &self,
        key: ConversationKey,
        sender: Participant,
        client_id: ClientId,
    ) -> Result<Option<RequestRecord>, StoreError>;

    /// A tenant's conversations, the one with the newest entry first (`last_at`, then id, both descending). A page that
    /// has another after it is full: what the reader may not see takes no place and is not counted.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn list(
        &self,
        tenant: TenantId,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationSummary>, StoreError>;

    /// The place behind every change of a tenant's conversations so far.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn newest_change(&self, tenant: TenantId) -> Result<ChangePosition, StoreError>;

    /// The first `limit` of a tenant's conversations that changed after a place, as they stood at one moment.
    ///
    /// What is committed later has a later place than anything seen: [`Self::persist`] gives each batch that writes
    /// something the tenant's next number, in the order of commits. A conversation that changes again moves to its new
    /// place.
    ///
    /// `None` when more than `most` conversations changed, or when there is no such place: begin anew.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn changed_since(
        &self,
        tenant: TenantId,
        after: ChangePosition,
        limit: usize,
        most: usize,
    ) -> Result<Option<Changes>, StoreError>;

    /// The conversation that this contact opened last.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn latest_of_contact(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Option<ConversationId>, StoreError>;

    /// Raises receipts; never lowers one. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`]: none was raised.
    async fn raise_receipts(&self, updates: &[ReceiptUpdate]) -> Result<(), StoreError>;

    /// How far each member of a conversation has come.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn receipts(&self, key: ConversationKey) -> Result<Vec<(Participant, Watermark)>, StoreError>;
}
