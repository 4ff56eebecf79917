//! What an agent hears of conversations that no device of its is looking at.

use frontdesk_domain::{
    Assignment, ContactId, Conversation, ConversationId, InboxId, ItemRef, Preview, Status, Tag, Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One change, as published to `desk.feed.<tenant>.<agent>`: a map whose `kind` says what changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeedItem {
    /// A conversation. The version before wrote its items without a `kind`: they are of this one.
    Conversation {
        /// How it stands after the change.
        summary: ConversationSummary,
    },
}

/// A conversation as a row of a list. `last_seq` says which of two rows is newer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConversationSummary {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Through which inbox it came.
    pub inbox: InboxId,
    /// Whose it is.
    pub contact: ContactId,
    /// The contact's name, or empty.
    pub contact_name: String,
    /// Where it stands.
    pub status: Status,
    /// Until when it is hidden, while snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// Who holds it.
    pub assignment: Option<Assignment>,
    /// Its labels.
    pub tags: Vec<Tag>,
    /// The beginning of its last message.
    pub preview: Option<Preview>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When its last entry was decided.
    pub last_at: Timestamp,
    /// Number of its last entry.
    pub last_seq: u64,
}

impl ConversationSummary {
    /// The row for `conversation`, or `None` before it was opened.
    #[must_use]
    pub fn of(id: ConversationId, conversation: &Conversation) -> Option<Self> {
        let opening = conversation.opening.as_ref()?;
        Some(Self {
            conversation: id,
            inbox: opening.inbox,
            contact: opening.contact,
            contact_name: opening.contact_name.clone(),
            status: conversation.status,
            snoozed_until: conversation.snoozed_until,
            assignment: conversation.assignment.clone(),
            tags: conversation.tags.iter().cloned().collect(),
            preview: conversation.preview.clone(),
            opened_at: opening.at,
            last_at: conversation.last_at,
            last_seq: conversation.last_seq,
        })
    }
}

impl FeedItem {
    /// What changed.
    #[must_use]
    pub const fn of(&self) -> ItemRef {
        match self {
            Self::Conversation { summary } => ItemRef::Conversation(summary.conversation),
        }
    }

    /// The row, if a conversation changed.
    #[must_use]
    pub const fn conversation(&self) -> Option<&ConversationSummary> {
        match self {
            Self::Conversation { summary } => Some(summary),
        }
    }

    /// As MessagePack.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        crate::log::to_msgpack(self)
    }

    /// From MessagePack; unknown fields are passed over. `None` for a kind of a newer version.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let Kind { kind } = crate::log::from_msgpack(bytes).ok()?;
        match kind.as_deref() {
            None | Some("conversation") => {
                let OfConversation { summary } = crate::log::from_msgpack(bytes).ok()?;
                Some(Self::Conversation { summary })
            }
            Some(_) => None,
        }
    }
}

#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct OfConversation {
    summary: ConversationSummary,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn summary() -> Value {
        json!({
            "conversation": uuid::Uuid::from_u128(1), "inbox": uuid::Uuid::nil(), "contact": uuid::Uuid::nil(),
            "contact_name": "Kim", "status": "open", "snoozed_until": null, "assignment": null, "tags": [],
            "preview": null, "opened_at": 1, "last_at": 2, "last_seq": 3,
        })
    }

    #[test]
    fn items_have_a_kind_and_those_of_the_version_before_are_conversations() {
        let item = FeedItem::decode(&crate::log::to_msgpack(&json!({ "summary": summary() }))).unwrap();
        assert_eq!(item.of(), ItemRef::Conversation(ConversationId(uuid::Uuid::from_u128(1))));
        let written: Value = crate::log::from_msgpack(&item.encode()).unwrap();
        assert_eq!(written, json!({ "kind": "conversation", "summary": summary() }));
        assert_eq!(FeedItem::decode(&item.encode()), Some(item));
        let ticket = json!({ "kind": "ticket", "summary": summary() });
        assert_eq!(FeedItem::decode(&crate::log::to_msgpack(&ticket)), None, "not taken for a conversation");
    }
}
