//! The entries of a conversation's log.

mod whole;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::whole::WholeEvent;
use super::{command::Digest, event::Event, rejection::Rejection, unknown_fields::UnknownFields};
use crate::{
    ids::ClientId,
    participant::Participant,
    timestamp::Timestamp,
    visibility::{Audience, Visibility},
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
    /// What happened in the conversation.
    pub event: Event,
    /// Fields that a newer version logged besides. Filled in by what reads the log or the database.
    #[serde(skip)]
    pub unknown: UnknownFields,
}

/// Who caused an entry, as others read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryAuthor {
    /// The participant who caused the entry.
    pub member: Participant,
    /// Name at that time; may be empty for a visitor.
    pub name: String,
}

/// What a sender is told about an entry of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The entry's number.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
}

impl Entry {
    /// Whether `audience` may see this entry.
    #[must_use]
    pub fn visible_to(&self, audience: Audience) -> bool {
        self.visibility.admits(audience)
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
