//! What happened in a conversation: the entries of its log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{command::Digest, identity::Answer, newer::Newer, rejection::Rejection};
use crate::{
    ids::{AgentId, ClientId, ContactId, InboxId},
    member::{Audience, Member},
    text::{MessageText, Tag},
    timestamp::Timestamp,
};

/// One entry of a conversation's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Self")]
pub struct Entry {
    /// Its number in the conversation: 1, 2, 3, ... without a hole.
    pub seq: u64,
    /// Number of the last entry before it that contacts may see; 0 for none. For contacts, a gap is
    /// `prev_public > last seen`.
    pub prev_public: u64,
    /// Who may see it. Stands in the entry, so that a version that does not know the event yet still keeps it from
    /// those it is not for.
    pub visibility: Visibility,
    /// When the server decided it (UTC milliseconds), for display only.
    pub at: Timestamp,
    /// Who did it.
    pub author: EntryAuthor,
    /// The author's own name for the request that caused it.
    pub client_id: ClientId,
    /// Digest of that request's content.
    pub digest: Digest,
    /// What happened.
    pub event: Event,
    /// What a newer version logged besides. Whoever reads the log or the database fills it in.
    #[serde(skip)]
    pub newer: Newer,
}

/// Who caused an entry, as others read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryAuthor {
    /// Which contact or agent.
    pub member: Member,
    /// Name at that time; may be empty for a visitor.
    pub name: String,
}

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
    MessageSent {
        /// The text.
        text: MessageText,
    },
    /// A note that only staff read.
    NoteAdded {
        /// The text.
        text: MessageText,
    },
    /// An agent holds the conversation from here on.
    Assigned {
        /// Which agent.
        agent: AgentId,
        /// That agent's name at the time.
        agent_name: String,
        /// Who held it before.
        from: Option<AgentId>,
        /// How it came about.
        how: AssignmentKind,
    },
    /// Nobody holds it any more.
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
        /// Until when.
        until: Timestamp,
    },
    /// A label was put on.
    Tagged {
        /// The label.
        tag: Tag,
    },
    /// A label was taken off.
    Untagged {
        /// The label.
        tag: Tag,
    },
    /// An agent asked for what stood so already. Logged, so that a repeat gets the same answer whatever came in between.
    Unchanged,
    /// A repeated request was refused. Logged, so that an earlier copy of it that is still on its way is refused too.
    Declined {
        /// Why.
        reason: Rejection,
    },
    /// Something that a newer version logged. Kept as it is, shown to nobody who does not know it.
    #[serde(untagged)]
    Unrecognised(serde_json::Map<String, serde_json::Value>),
}

/// How an assignment came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentKind {
    /// The agent took it.
    Claimed,
    /// Somebody gave it.
    Assigned,
    /// The holder handed it over.
    Transferred,
}

/// Who may see an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Contact and staff.
    Public,
    /// Staff only.
    Staff,
}

impl Event {
    /// Who may see it. Contacts learn what concerns them, and nothing of how the desk works inside.
    #[must_use]
    pub const fn visibility(&self) -> Visibility {
        match self {
            Self::Opened { .. }
            | Self::MessageSent { .. }
            | Self::Assigned { .. }
            | Self::Unassigned { .. }
            | Self::Resolved
            | Self::Reopened => Visibility::Public,
            Self::NoteAdded { .. }
            | Self::Pended
            | Self::Snoozed { .. }
            | Self::Tagged { .. }
            | Self::Untagged { .. }
            | Self::Unchanged
            | Self::Declined { .. }
            | Self::Unrecognised(_) => Visibility::Staff,
        }
    }

    /// The name on the wire and in the database, as serde tags it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::MessageSent { .. } => "message_sent",
            Self::NoteAdded { .. } => "note_added",
            Self::Assigned { .. } => "assigned",
            Self::Unassigned { .. } => "unassigned",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::Pended => "pended",
            Self::Snoozed { .. } => "snoozed",
            Self::Tagged { .. } => "tagged",
            Self::Untagged { .. } => "untagged",
            Self::Unchanged => "unchanged",
            Self::Declined { .. } => "declined",
            Self::Unrecognised(_) => "unrecognised",
        }
    }

    /// Whether it only records an answer, and changes nothing that anyone looks at.
    #[must_use]
    pub const fn is_answer_only(&self) -> bool {
        matches!(self, Self::Unchanged | Self::Declined { .. })
    }

    /// The written text, for a message or a note.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::MessageSent { text } | Self::NoteAdded { text } => Some(text.as_str()),
            _ => None,
        }
    }
}

impl Entry {
    /// Whether `audience` may see this entry.
    #[must_use]
    pub fn visible_to(&self, audience: Audience) -> bool {
        audience == Audience::Staff || self.visibility == Visibility::Public
    }

    /// What the sender of the request that caused it is told, now and for ever.
    ///
    /// # Errors
    /// The [`Rejection`] that it records.
    pub fn outcome(&self) -> Result<Answer, Rejection> {
        match &self.event {
            Event::Declined { reason } => Err(reason.clone()),
            _ => Ok(Answer { seq: self.seq, at: self.at }),
        }
    }

    /// Number of the entry before this one that `audience` may see; 0 for none.
    #[must_use]
    pub const fn prev_for(&self, audience: Audience) -> u64 {
        match audience {
            Audience::Staff => self.seq.saturating_sub(1),
            Audience::Contact => self.prev_public,
        }
    }
}
