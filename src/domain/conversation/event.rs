//! What happened in a conversation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{content::Content, field::ConversationField, rejection::Rejection};
use crate::{
    ids::{AgentId, ContactId, InboxId},
    text::{MessageText, Tag},
    timestamp::Timestamp,
    visibility::Visibility,
};

/// What happened. Past tense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The conversation began.
    Opened {
        /// Through which inbox.
        inbox: InboxId,
        /// Whose conversation it is.
        contact: ContactId,
    },
    /// A message that both sides read; incoming from the contact, outgoing from an agent.
    MessageSent(Content),
    /// A note that only staff read.
    NoteAdded(Content),
    /// An agent holds the conversation from here on.
    Assigned {
        /// The agent who holds it from here on.
        agent: AgentId,
        /// That agent's name at the time.
        agent_name: String,
        /// Who held it before.
        from: Option<AgentId>,
        /// How it came about.
        how: AssignmentKind,
    },
    /// It is unassigned from here on.
    Unassigned {
        /// Who held it before.
        from: AgentId,
    },
    /// It is done.
    Resolved,
    /// It is open again.
    Reopened,
    /// It waits for something outside.
    Pended,
    /// It is hidden until a moment.
    Snoozed {
        /// The moment at which the snooze ends.
        until: Timestamp,
    },
    /// A label was put on.
    Tagged {
        /// The label that was put on.
        tag: Tag,
    },
    /// A label was taken off.
    Untagged {
        /// The label that was taken off.
        tag: Tag,
    },
    /// A field got a new value. One that only a newer version knows is read as [`Self::Unknown`].
    FieldSet(ConversationField),
    /// An agent asked for what stood so already. Logged, so that a repeat gets the same answer whatever came in
    /// between.
    Unchanged,
    /// A repeated request was refused. Logged, so that an earlier copy of it that is still on its way is refused too.
    Declined {
        /// Why it was refused.
        reason: Rejection,
    },
    /// An event of a kind that only a newer version knows. Kept as it was logged, shown to staff only.
    #[serde(untagged)]
    Unknown(serde_json::Map<String, serde_json::Value>),
}

/// How an assignment came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentKind {
    /// The agent took it.
    Claimed,
    /// Another agent assigned it.
    Assigned,
    /// The holder handed it over.
    Transferred,
}

impl Event {
    /// Who may see it. Contacts learn what concerns them, and nothing of how the desk works inside.
    #[must_use]
    pub const fn visibility(&self) -> Visibility {
        match self {
            Self::Opened { .. }
            | Self::MessageSent(_)
            | Self::Assigned { .. }
            | Self::Unassigned { .. }
            | Self::Resolved
            | Self::Reopened => Visibility::Public,
            Self::NoteAdded(_)
            | Self::Pended
            | Self::Snoozed { .. }
            | Self::Tagged { .. }
            | Self::Untagged { .. }
            | Self::FieldSet(_)
            | Self::Unchanged
            | Self::Declined { .. }
            | Self::Unknown(_) => Visibility::Staff,
        }
    }

    /// The name on the wire and in the database, as serde tags it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::MessageSent(_) => "message_sent",
            Self::NoteAdded(_) => "note_added",
            Self::Assigned { .. } => "assigned",
            Self::Unassigned { .. } => "unassigned",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::Pended => "pended",
            Self::Snoozed { .. } => "snoozed",
            Self::Tagged { .. } => "tagged",
            Self::Untagged { .. } => "untagged",
            Self::FieldSet(_) => "field_set",
            Self::Unchanged => "unchanged",
            Self::Declined { .. } => "declined",
            Self::Unknown(_) => "unrecognised",
        }
    }

    /// Whether it only records an answer, and changes nothing that anyone looks at.
    #[must_use]
    pub const fn is_answer_only(&self) -> bool {
        matches!(self, Self::Unchanged | Self::Declined { .. })
    }

    /// A message of a text.
    #[must_use]
    pub fn message(text: MessageText) -> Self {
        Self::MessageSent(Content::from(text))
    }

    /// A note of a text.
    #[must_use]
    pub fn note(text: MessageText) -> Self {
        Self::NoteAdded(Content::from(text))
    }

    /// What was written, for a message or a note.
    #[must_use]
    pub const fn content(&self) -> Option<&Content> {
        match self {
            Self::MessageSent(content) | Self::NoteAdded(content) => Some(content),
            _ => None,
        }
    }

    /// The written text, for a message or a note.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::MessageSent(content) | Self::NoteAdded(content) => Some(content.text.as_str()),
            _ => None,
        }
    }
}
