//! What is asked of a conversation.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{content::Content, field::ConversationField};
use crate::{
    ids::{AgentId, ClientId, InboxId},
    principal::Principal,
    text::{MessageText, Tag},
    timestamp::Timestamp,
};

/// One request to a conversation: who asks what, under which name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The sender's name for this request; repeats carry the same.
    pub client_id: ClientId,
    /// Who asks, from a verified token.
    pub principal: Principal,
    /// The author's name as others will read it.
    pub author_name: String,
    /// What is asked.
    pub command: Command,
    /// Whether it may have been sent before: by its sender's word, or because an earlier attempt is in doubt. A refusal
    /// is logged then, so that no earlier copy can still succeed.
    pub repeat: bool,
}

/// What can be asked of a conversation. Imperative; the matching [`Event`](super::Event) is past tense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Begin the conversation. Contacts only.
    Open {
        /// Through which inbox.
        inbox: InboxId,
        /// Whether the inbox takes new conversations. The caller has looked it up; it does not count in the digest.
        active: bool,
    },
    /// Say something that both sides read.
    Say {
        /// What is said.
        content: Content,
    },
    /// Write a note that only staff read.
    Note {
        /// What is written.
        content: Content,
    },
    /// Take an unassigned conversation. One of many wins.
    Claim,
    /// Give the conversation to an agent, whether or not it is assigned.
    Assign {
        /// To whom. The caller has checked that this agent exists in the tenant and is active.
        agent: AgentId,
        /// The agent's name as others will read it.
        name: String,
    },
    /// Hand one's own conversation over.
    Transfer {
        /// To whom. The caller has checked that this agent exists in the tenant and is active.
        agent: AgentId,
        /// The agent's name as others will read it.
        name: String,
    },
    /// Put the conversation back into the queue.
    Unassign,
    /// Say that it is done. A later message of the contact opens it again.
    Resolve,
    /// Open it again.
    Reopen,
    /// Wait for something outside; a message of the contact opens it again.
    Pend,
    /// Hide it until a moment; a message of the contact opens it again.
    Snooze {
        /// The moment at which the snooze ends.
        until: Timestamp,
    },
    /// End the snooze that lasts until this moment. By timers only; another snooze that was set meanwhile stays.
    EndSnooze {
        /// The moment until which it was snoozed.
        until: Timestamp,
    },
    /// Put the conversation back into the queue if this agent still holds it. By parts of the server only, when the
    /// agent may not work on it any more; another holder keeps it.
    Release {
        /// The agent from whom it is taken.
        holder: AgentId,
    },
    /// Put a label on.
    Tag {
        /// The label to put on.
        tag: Tag,
    },
    /// Take a label off.
    Untag {
        /// The label to take off.
        tag: Tag,
    },
    /// Give a field a new value.
    SetField {
        /// Which field, and its new value.
        change: ConversationField,
    },
}

/// First 16 bytes of the SHA-256 of a command's content: tells a repeat from a reuse of the same id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Digest(pub uuid::Uuid);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.0.as_simple())
    }
}

impl Command {
    /// Begins a conversation through an inbox that takes new ones.
    #[must_use]
    pub const fn open(inbox: InboxId) -> Self {
        Self::Open { inbox, active: true }
    }

    /// Says a text.
    #[must_use]
    pub fn say(text: MessageText) -> Self {
        Self::Say { content: Content::from(text) }
    }

    /// Writes a text as a note.
    #[must_use]
    pub fn note(text: MessageText) -> Self {
        Self::Note { content: Content::from(text) }
    }

    /// The digest of what is asked. Names that the server fills in do not count: they may change between two tries.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hash = Sha256::new();
        match self {
            Self::Open { inbox, .. } => hash.update([&b"open\0"[..], inbox.0.as_bytes()].concat()),
            Self::Say { content } => hash.update([&b"say\0"[..], &content.canonical()].concat()),
            Self::Note { content } => hash.update([&b"note\0"[..], &content.canonical()].concat()),
            Self::Claim => hash.update(b"claim"),
            Self::Assign { agent, .. } => hash.update([&b"assign\0"[..], agent.0.as_bytes()].concat()),
            Self::Transfer { agent, .. } => hash.update([&b"transfer\0"[..], agent.0.as_bytes()].concat()),
            Self::Unassign => hash.update(b"unassign"),
            Self::Resolve => hash.update(b"resolve"),
            Self::Reopen => hash.update(b"reopen"),
            Self::Pend => hash.update(b"pend"),
            Self::Snooze { until } => hash.update([&b"snooze\0"[..], &until.0.to_be_bytes()].concat()),
            Self::EndSnooze { until } => hash.update([&b"end_snooze\0"[..], &until.0.to_be_bytes()].concat()),
            Self::Release { holder } => hash.update([&b"release\0"[..], holder.0.as_bytes()].concat()),
            Self::Tag { tag } => hash.update([b"tag\0", tag.as_str().as_bytes()].concat()),
            Self::SetField { change } => hash.update([&b"set_field\0"[..], &change.canonical()].concat()),
            Self::Untag { tag } => hash.update([b"untag\0", tag.as_str().as_bytes()].concat()),
        }
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        Digest(uuid::Uuid::from_bytes(bytes))
    }
}
