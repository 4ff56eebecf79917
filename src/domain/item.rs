//! What feeds, cursors and dead letters are about: one thing of a tenant, named by its kind and its id.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::{
    ids::{ConversationId, IdError},
    participant::KindName,
};

/// One thing of a tenant. Written `<kind>-<id>`.
///
/// Ordered by kind, then by id, and conversations come last: the place behind every conversation of a change is then
/// also behind everything else of that change. A new kind goes before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ItemRef {
    /// Another kind, such as an inbox or a ticket; also one that only a newer version knows.
    Other(KindName, Uuid),
    /// A conversation with this id.
    Conversation(ConversationId),
}

impl ItemRef {
    /// The name of its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Other(kind, _) => kind.as_str(),
            Self::Conversation(_) => "conversation",
        }
    }

    /// Its id, whatever its kind.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        match *self {
            Self::Other(_, id) | Self::Conversation(ConversationId(id)) => id,
        }
    }

    /// The conversation, if it is one.
    #[must_use]
    pub const fn conversation(&self) -> Option<ConversationId> {
        match *self {
            Self::Conversation(id) => Some(id),
            Self::Other(..) => None,
        }
    }
}

impl fmt::Display for ItemRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind(), self.id().as_hyphenated())
    }
}

impl FromStr for ItemRef {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (kind, id) = text.split_once('-').ok_or(IdError)?;
        let id: ConversationId = id.parse()?;
        Ok(if kind == "conversation" { Self::Conversation(id) } else { Self::Other(KindName::new(kind)?, id.0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_survive_their_text_and_conversations_come_last() {
        let conversation = ItemRef::Conversation(ConversationId(Uuid::nil()));
        let ticket = ItemRef::Other(KindName::new("ticket").unwrap(), Uuid::max());
        for item in [conversation, ticket] {
            assert_eq!(item.to_string().parse(), Ok(item));
        }
        assert!(ticket < conversation);
        assert_eq!((conversation.kind(), ticket.kind()), ("conversation", "ticket"));
        assert!("ticket".parse::<ItemRef>().is_err() && "Ticket-1".parse::<ItemRef>().is_err());
    }
}
