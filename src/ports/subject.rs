//! The subject of a record, parsed once by the adapter that read it.

use std::fmt;

use frontdesk_domain::{ConversationKey, InboxKey};
use frontdesk_protocol::AckKind;

/// The address at which a record lies, and what it names.
///
/// Only adapters know how subjects are written: they parse each when they read a record, and workers take the typed
/// names. The text is kept for dead letters, which store it unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    text: String,
    names: Option<SubjectNames>,
}

/// What a subject names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectNames {
    /// An entry of a conversation.
    Entry(ConversationKey),
    /// An acknowledgement of a conversation.
    Ack(ConversationKey, AckKind),
    /// A message that a bridge brought for an inbox.
    Inbound(InboxKey),
}

/// A subject that does not name what a worker expects of its queue: the record becomes a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the subject names no {expected}")]
pub struct WrongSubject {
    expected: &'static str,
}

impl Subject {
    /// A subject as an adapter read it; `names` is `None` for one that it cannot parse, or that names something else.
    #[must_use]
    pub const fn new(text: String, names: Option<SubjectNames>) -> Self {
        Self { text, names }
    }

    /// A subject that names nothing that workers know.
    #[must_use]
    pub fn unknown(text: impl Into<String>) -> Self {
        Self::new(text.into(), None)
    }

    /// The subject as it is written at the broker.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it names.
    #[must_use]
    pub const fn names(&self) -> Option<SubjectNames> {
        self.names
    }

    /// The conversation of an entry or an acknowledgement.
    #[must_use]
    pub const fn conversation(&self) -> Option<ConversationKey> {
        match self.names {
            Some(SubjectNames::Entry(key) | SubjectNames::Ack(key, _)) => Some(key),
            _ => None,
        }
    }

    /// The acknowledgement that it names.
    ///
    /// # Errors
    /// [`WrongSubject`] for every other subject.
    pub const fn ack(&self) -> Result<(ConversationKey, AckKind), WrongSubject> {
        match self.names {
            Some(SubjectNames::Ack(key, kind)) => Ok((key, kind)),
            _ => Err(WrongSubject { expected: "acknowledgement" }),
        }
    }

    /// The inbox that it names.
    ///
    /// # Errors
    /// [`WrongSubject`] for every other subject.
    pub const fn inbox(&self) -> Result<InboxKey, WrongSubject> {
        match self.names {
            Some(SubjectNames::Inbound(inbox)) => Ok(inbox),
            _ => Err(WrongSubject { expected: "inbox" }),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
