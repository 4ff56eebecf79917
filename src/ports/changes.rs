//! What changed in a tenant, in the order in which it was committed, and cursors into that order.

use frontdesk_domain::{ConversationId, ConversationSummary, ItemRef};
use frontdesk_protocol::FeedItem;
use uuid::Uuid;

/// A place in a tenant's order of changes: behind this item at this number.
///
/// A commit gives one number to all that it changes, and takes the one that they had. Numbers become visible in
/// their order, so a reader that has seen everything up to a place misses nothing by going on from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangePosition {
    /// The number of the change.
    pub number: u64,
    /// The last of the items with this number that was seen.
    pub item: ItemRef,
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The place behind it.
    pub position: ChangePosition,
    /// What changed, and how it stands.
    pub item: FeedItem,
}

/// What changed after a place: each item once, at its last change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Ascending by place.
    pub items: Vec<Change>,
    /// Whether there are others after them.
    pub more: bool,
}

/// A place as clients keep it, with the history that it belongs to. Does not name the tenant: that is the requester's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedCursor {
    /// The epoch of the history.
    pub epoch: String,
    /// Everything up to here was read.
    pub position: ChangePosition,
}

impl Change {
    /// A conversation that changed at this number.
    #[must_use]
    pub const fn of_conversation(number: u64, summary: ConversationSummary) -> Self {
        let position = ChangePosition { number, item: ItemRef::Conversation(summary.conversation) };
        Self { position, item: FeedItem::row(summary) }
    }
}

impl ChangePosition {
    /// Before every change.
    pub const START: Self = Self::behind(0);

    /// Behind everything with this number.
    #[must_use]
    pub const fn behind(number: u64) -> Self {
        Self { number, item: ItemRef::Conversation(ConversationId(Uuid::max())) }
    }

    /// The last conversation before this place: what a table of conversations alone has to be asked for. Other kinds
    /// come before all conversations of their number.
    #[must_use]
    pub const fn last_conversation(&self) -> ConversationId {
        match self.item {
            ItemRef::Conversation(id) => id,
            ItemRef::Other(..) => ConversationId(Uuid::nil()),
        }
    }
}

impl FeedCursor {
    /// Reads a cursor; `None` for a text that [`ToString`] of this version did not make.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let (version, number) = (parts.next()?, parts.next()?.parse().ok()?);
        let item = match (version, parts.next()?) {
            (OF_CONVERSATION, id) => ItemRef::Conversation(ConversationId(Uuid::try_parse(id).ok()?)),
            (OF_ANY_KIND, item) => item.parse().ok()?,
            _ => return None,
        };
        let epoch = parts.next()?.to_owned();
        let cursor = Self { epoch, position: ChangePosition { number, item } };
        // One cursor has one spelling.
        (cursor.to_string() == text).then_some(cursor)
    }
}

impl std::fmt::Display for FeedCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (ChangePosition { number, item }, epoch) = (self.position, &self.epoch);
        match item {
            ItemRef::Conversation(id) => write!(f, "{OF_CONVERSATION}.{number}.{}.{epoch}", id.0.as_simple()),
            ItemRef::Other(..) => write!(f, "{OF_ANY_KIND}.{number}.{item}.{epoch}"),
        }
    }
}

/// The form of a cursor behind a conversation, which every version reads. A client that comes with an unknown one
/// begins anew.
const OF_CONVERSATION: &str = "1";

/// The form of a cursor behind an item of any other kind, which it names.
const OF_ANY_KIND: &str = "2";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cursor(number: u64, conversation: u128, epoch: &str) -> FeedCursor {
        let conversation = ConversationId(Uuid::from_u128(conversation));
        FeedCursor {
            epoch: epoch.to_owned(),
            position: ChangePosition { number, item: ItemRef::Conversation(conversation) },
        }
    }

    #[test]
    fn the_text_of_a_cursor_is_pinned() {
        let text = cursor(7, 9, "6f9619ff-8b86-d011-b42d-00c04fc964ff").to_string();
        assert_eq!(text, "1.7.00000000000000000000000000000009.6f9619ff-8b86-d011-b42d-00c04fc964ff");
    }

    #[test]
    fn a_cursor_behind_another_kind_names_it() {
        let item = "ticket-00000000-0000-0000-0000-000000000009".parse().unwrap();
        let cursor = FeedCursor { epoch: "e".to_owned(), position: ChangePosition { number: 7, item } };
        assert_eq!(cursor.to_string(), "2.7.ticket-00000000-0000-0000-0000-000000000009.e");
        assert_eq!(FeedCursor::parse(&cursor.to_string()), Some(cursor.clone()));
        let hidden = "2.7.conversation-00000000-0000-0000-0000-000000000009.e";
        assert_eq!(FeedCursor::parse(hidden), None, "conversations have one spelling");
        assert!(cursor.position < ChangePosition::behind(7) && cursor.position > ChangePosition::behind(6));
        assert_eq!(cursor.position.last_conversation().0, Uuid::nil());
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
