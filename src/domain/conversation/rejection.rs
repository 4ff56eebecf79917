//! Why a request was refused. Nothing of what it asked was logged then, and nothing will be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ids::AgentId, timestamp::Timestamp};

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Rejection {
    /// No such conversation, or none that the asker may see: both look the same.
    #[error("no such conversation")]
    NotFound,
    /// The asker's role does not allow it.
    #[error("your role does not allow this")]
    Forbidden,
    /// Another agent holds it.
    #[error("already claimed by {name}")]
    AlreadyClaimed {
        /// The agent who holds it.
        agent: AgentId,
        /// That agent's name, as contacts read it.
        name: String,
        /// When it was claimed.
        at: Timestamp,
        /// Number of the entry that claimed it.
        seq: u64,
    },
    /// No agent holds it; it must be claimed first.
    #[error("claim the conversation first")]
    NotClaimed,
    /// The id was used for something else before.
    #[error("this client_id was used for another request")]
    IdReuse,
    /// It is resolved; reopen it first.
    #[error("the conversation is resolved")]
    Resolved,
    /// A snooze must end in the future, within a year.
    #[error("a snooze must end in the future, within 366 days")]
    SnoozeOutOfRange,
    /// A part of the message is of a kind that this version does not take yet.
    #[error("messages cannot hold a part of the kind {kind} yet")]
    UnsupportedPart {
        /// The kind of the part, as the request named it.
        kind: String,
    },
    /// It is longer than the settings of the inbox allow.
    #[error("messages of this inbox have {max_bytes} bytes at most")]
    MessageTooLong {
        /// The limit that held when it was refused, in bytes of UTF-8.
        max_bytes: u32,
    },
    /// The inbox takes no new conversations.
    #[error("this inbox takes no new conversations")]
    InboxDisabled,
    /// It carries as many tags as it can.
    #[error("a conversation carries {max} tags at most")]
    TooManyTags {
        /// Most tags of a conversation.
        max: usize,
    },
}

impl Rejection {
    /// Whether the same request might be accepted on another state of the conversation, or under other settings.
    #[must_use]
    pub const fn may_change(&self) -> bool {
        match self {
            Self::AlreadyClaimed { .. }
            | Self::NotClaimed
            | Self::Resolved
            | Self::MessageTooLong { .. }
            | Self::TooManyTags { .. } => true,
            Self::NotFound
            | Self::Forbidden
            | Self::IdReuse
            | Self::SnoozeOutOfRange
            | Self::UnsupportedPart { .. }
            | Self::InboxDisabled => false,
        }
    }
}
