//! The subject of a record, parsed once by the adapter that read it.

use std::fmt;

use frontdesk_domain::{ConversationKey, DeadLetterKind, InboxKey, ItemRef, TenantId, participant::KindName};
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
    /// A record that no worker of this program takes, such as an event for other programs. It can become a dead letter.
    Foreign {
        /// Whose record it is.
        tenant: TenantId,
        /// What kind of record it is.
        kind: DeadLetterKind,
        /// What it is about; `None` when its subject does not tell.
        item: Option<ItemRef>,
    },
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

    /// What kind of record lies here.
    #[must_use]
    pub const fn kind(&self) -> DeadLetterKind {
        match self.names {
            Some(SubjectNames::Entry(_)) => DeadLetterKind::Entry,
            Some(SubjectNames::Ack(..)) => DeadLetterKind::Acknowledgement,
            Some(SubjectNames::Inbound(_)) => DeadLetterKind::InboundMessage,
            Some(SubjectNames::Foreign { kind, .. }) => kind,
            None => DeadLetterKind::Other,
        }
    }

    /// Whose record it is; `None` for one that is no tenant's.
    #[must_use]
    pub const fn tenant(&self) -> Option<TenantId> {
        match self.names {
            Some(SubjectNames::Entry(key) | SubjectNames::Ack(key, _)) => Some(key.tenant),
            Some(SubjectNames::Inbound(inbox)) => Some(inbox.tenant),
            Some(SubjectNames::Foreign { tenant, .. }) => Some(tenant),
            None => None,
        }
    }

    /// What the record is about.
    #[must_use]
    pub fn item(&self) -> Option<ItemRef> {
        match self.names? {
            SubjectNames::Entry(key) | SubjectNames::Ack(key, _) => Some(ItemRef::Conversation(key.conversation)),
            SubjectNames::Inbound(key) => Some(ItemRef::Other(KindName::new("inbox").ok()?, key.inbox.0)),
            SubjectNames::Foreign { item, .. } => item,
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
