//! What kind of record a dead letter is.

use std::fmt;

use crate::participant::KindName;

/// The kind of record that a dead letter is, by the stream that it comes from. Stored and shown by its name.
///
/// A new source of records (a ticket, a queue) is a new kind here. A dead letter whose kind only a newer version knows
/// is kept as it is stored, and shown as [`Self::Unknown`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadLetterKind {
    /// An entry of a conversation.
    Entry,
    /// An acknowledgement of a conversation: `persisted`, `delivered`, `read` or `failed`.
    Acknowledgement,
    /// A message that a bridge brought for an inbox.
    InboundMessage,
    /// A message that a bridge takes out of an inbox.
    OutboundMessage,
    /// An event of what the database keeps, such as an agent, a role or an inbox.
    Event,
    /// An event of a ticket.
    TicketEvent,
    /// A record whose subject names nothing that is known here.
    Other,
    /// A kind that only a newer version knows.
    Unknown(KindName),
}

impl DeadLetterKind {
    /// Its name as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Unknown(name) => name.as_str(),
            known => KNOWN.iter().find(|(kind, _)| kind == known).map_or("other", |(_, name)| name),
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: KindName) -> Self {
        KNOWN.iter().find(|(_, known)| *known == name.as_str()).map_or(Self::Unknown(name), |(kind, _)| *kind)
    }
}

impl fmt::Display for DeadLetterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Every kind of this version with its name.
const KNOWN: [(DeadLetterKind, &str); 7] = [
    (DeadLetterKind::Entry, "entry"),
    (DeadLetterKind::Acknowledgement, "acknowledgement"),
    (DeadLetterKind::InboundMessage, "inbound_message"),
    (DeadLetterKind::OutboundMessage, "outbound_message"),
    (DeadLetterKind::Event, "event"),
    (DeadLetterKind::TicketEvent, "ticket_event"),
    (DeadLetterKind::Other, "other"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_name_and_a_newer_one_keeps_its_own() {
        let newer = DeadLetterKind::Unknown(KindName::new("queue").unwrap());
        for kind in KNOWN.map(|(kind, _)| kind).into_iter().chain([newer]) {
            assert_eq!(DeadLetterKind::named(KindName::new(kind.as_str()).unwrap()), kind);
        }
        assert_eq!(newer.to_string(), "queue");
    }
}
