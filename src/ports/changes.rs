//! What changed in a tenant's conversations, in the order in which it was committed, and cursors into that order.

use frontdesk_domain::ConversationId;
use frontdesk_protocol::ConversationSummary;
use uuid::Uuid;

/// A place in a tenant's order of changes: behind this conversation at this number.
///
/// A commit gives one number to all conversations that it changes, and takes the one that they had. Numbers become visible in
/// their order, so whoever has seen everything up to a place misses nothing by going on from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangePosition {
    /// The number of the change.
    pub number: u64,
    /// The last of the conversations with this number that was seen.
    pub conversation: ConversationId,
}

/// A conversation that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The place behind it.
    pub position: ChangePosition,
    /// How the conversation stands.
    pub summary: ConversationSummary,
}

/// What changed after a place: each conversation once, at its last change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Ascending by place.
    pub items: Vec<Change>,
    /// Whether there are others after them.
    pub more: bool,
}

/// A place as clients keep it, with the history that it belongs to. Says nothing of the tenant: that is whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedCursor {
    /// The epoch of the history.
    pub epoch: String,
    /// The place.
    pub position: ChangePosition,
}

impl ChangePosition {
    /// Before every change.
    pub const START: Self = Self::behind(0);

    /// Behind every conversation with this number.
    #[must_use]
    pub const fn behind(number: u64) -> Self {
        Self { number, conversation: ConversationId(Uuid::max()) }
    }
}

impl FeedCursor {
    /// Reads a cursor; `None` for a text that [`ToString`] of this version did not make.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        if parts.next()? != VERSION {
            return None;
        }
        let number = parts.next()?.parse().ok()?;
        let conversation = ConversationId(Uuid::try_parse(parts.next()?).ok()?);
        let epoch = parts.next()?.to_owned();
        let cursor = Self { epoch, position: ChangePosition { number, conversation } };
        // One cursor has one spelling.
        (cursor.to_string() == text).then_some(cursor)
    }
}

impl std::fmt::Display for FeedCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ChangePosition { number, conversation } = self.position;
        write!(f, "{VERSION}.{number}.{}.{}", conversation.0.as_simple(), self.epoch)
    }
}

/// Of the form of a cursor. A client that comes with another one begins anew.
const VERSION: &str = "1";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cursor(number: u64, conversation: u128, epoch: &str) -> FeedCursor {
        let conversation = ConversationId(Uuid::from_u128(conversation));
        FeedCursor { epoch: epoch.to_owned(), position: ChangePosition { number, conversation } }
    }

    #[test]
    fn the_text_of_a_cursor_is_pinned() {
        let text = cursor(7, 9, "6f9619ff-8b86-d011-b42d-00c04fc964ff").to_string();
        assert_eq!(text, "1.7.00000000000000000000000000000009.6f9619ff-8b86-d011-b42d-00c04fc964ff");
    }

    proptest! {
        #[test]
        fn a_cursor_survives_the_way_through_its_text(number: u64, conversation: u128, epoch in ".{0,40}") {
            let cursor = cursor(number, conversation, &epoch);
            prop_assert_eq!(FeedCursor::parse(&cursor.to_string()), Some(cursor));
        }

        #[test]
        fn any_text_is_a_cursor_in_its_only_spelling_or_none(text in "[0-9a-f+. -]{0,60}|.{0,60}") {
            if let Some(cursor) = FeedCursor::parse(&text) {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }

        #[test]
        fn a_damaged_cursor_is_another_one_or_none(number: u64, conversation: u128, at in 0_usize..60, byte in b' '..b'~') {
            let sound = cursor(number, conversation, "epoch");
            let mut bytes = sound.to_string().into_bytes();
            let at = at % bytes.len();
            prop_assume!(bytes[at] != byte);
            bytes[at] = byte;
            prop_assert_ne!(FeedCursor::parse(&String::from_utf8(bytes).unwrap()), Some(sound));
        }

        #[test]
        fn places_are_ordered_by_number_and_then_by_conversation(a: (u64, u128), b: (u64, u128)) {
            let (one, other) = (cursor(a.0, a.1, "").position, cursor(b.0, b.1, "").position);
            prop_assert_eq!(one.cmp(&other), a.cmp(&b));
            prop_assert!(one <= ChangePosition::behind(a.0) && ChangePosition::START < ChangePosition::behind(1));
        }
    }
}
