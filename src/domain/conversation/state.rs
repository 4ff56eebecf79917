//! The state of a conversation, as folded from its entries.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::field::ConversationFields;
use crate::{
    ids::{AgentId, ClientId, ContactId, InboxId},
    participant::Participant,
    policy::{self, Permission, Resource},
    principal::Principal,
    text::Tag,
    timestamp::Timestamp,
    visibility::Audience,
};

/// A conversation after its first `last_seq` entries. The default is one that is not opened yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conversation {
    /// Number of the last entry folded in; 0 before the opening.
    pub last_seq: u64,
    /// Number of the last entry that contacts may see.
    pub last_public_seq: u64,
    /// How it began; `None` before the opening.
    pub opening: Option<Opening>,
    /// Where it stands.
    pub status: Status,
    /// Until when it is hidden, while snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// Who holds it.
    pub assignment: Option<Assignment>,
    /// The labels that agents put on.
    pub tags: BTreeSet<Tag>,
    /// What agents set by hand.
    pub fields: ConversationFields,
    /// The beginning of its last message, for lists.
    pub preview: Option<Preview>,
    /// When its last entry was decided.
    pub last_at: Timestamp,
    /// The highest request id of each sender so far. See [`RecentRequests`](super::RecentRequests).
    pub highest_ids: Vec<(Participant, ClientId)>,
}

/// How a conversation began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Through which inbox.
    pub inbox: InboxId,
    /// Whose conversation it is.
    pub contact: ContactId,
    /// The contact's name at that time, or empty.
    pub contact_name: String,
    /// When it was opened.
    pub at: Timestamp,
}

/// Where a conversation stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// An agent is expected to act.
    #[default]
    Open,
    /// Waiting for something outside.
    Pending,
    /// Hidden until a moment.
    Snoozed,
    /// Nothing is left to do.
    Resolved,
}

impl Status {
    /// Each status there is.
    pub const ALL: [Self; 4] = [Self::Open, Self::Pending, Self::Snoozed, Self::Resolved];
}

/// Who holds a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// The agent who holds it.
    pub agent: AgentId,
    /// Under which name.
    pub name: String,
    /// When it was assigned.
    pub at: Timestamp,
    /// By which entry.
    pub seq: u64,
}

/// The beginning of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Preview {
    /// At most [`Preview::MAX_CHARS`] characters of it.
    pub text: String,
    /// Who wrote it.
    pub member: Participant,
    /// When it was written.
    pub at: Timestamp,
}

impl Preview {
    /// Longest preview, in characters.
    pub const MAX_CHARS: usize = 120;
}

impl Conversation {
    /// Most tags that a conversation carries.
    pub const MAX_TAGS: usize = 32;

    /// Whether `principal` may know that this conversation exists.
    #[must_use]
    pub fn admits(&self, principal: &Principal) -> bool {
        self.resource().is_some_and(|resource| policy::allows(principal, Permission::Read, &resource))
    }

    /// What permissions for it are asked for; `None` before it was opened.
    #[must_use]
    pub fn resource(&self) -> Option<Resource> {
        let Opening { contact, inbox, .. } = *self.opening.as_ref()?;
        Some(Resource::Conversation { contact, inbox, assignee: self.assignee() })
    }

    /// The agent that holds it.
    #[must_use]
    pub fn assignee(&self) -> Option<AgentId> {
        self.assignment.as_ref().map(|assignment| assignment.agent)
    }

    /// Number of the last entry that `audience` may see; 0 for none.
    #[must_use]
    pub const fn last_seq_for(&self, audience: Audience) -> u64 {
        match audience {
            Audience::Staff => self.last_seq,
            Audience::Contact => self.last_public_seq,
        }
    }
}

impl Status {
    /// The name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
        }
    }

    /// The status named `name`, as [`Self::as_str`] names them.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Pending, Self::Snoozed, Self::Resolved].into_iter().find(|status| status.as_str() == name)
    }
}
