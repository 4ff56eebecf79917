//! What an agent hears of conversations that no device of its is looking at.

use std::collections::BTreeSet;

use frontdesk_domain::{AgentId, ConversationSummary, ItemRef};
use serde::{Deserialize, Serialize};

/// One change, as published to `desk.feed.<tenant>.<agent>`: a map whose `kind` says what changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeedItem {
    /// A conversation. The version before wrote its items without a `kind`: they are of this one.
    Conversation {
        /// How it stands after the change.
        summary: ConversationSummary,
        /// Agents who held it before and do not hold it now: those who saw it because of them may not see it any more.
        #[serde(skip_serializing_if = "BTreeSet::is_empty")]
        former_holders: BTreeSet<AgentId>,
    },
}

impl FeedItem {
    /// A conversation whose holder did not change.
    #[must_use]
    pub const fn row(summary: ConversationSummary) -> Self {
        Self::Conversation { summary, former_holders: BTreeSet::new() }
    }

    /// The conversation or other item that changed.
    #[must_use]
    pub const fn of(&self) -> ItemRef {
        match self {
            Self::Conversation { summary, .. } => ItemRef::Conversation(summary.conversation),
        }
    }

    /// The row, if a conversation changed.
    #[must_use]
    pub const fn conversation(&self) -> Option<&ConversationSummary> {
        match self {
            Self::Conversation { summary, .. } => Some(summary),
        }
    }

    /// Encodes it as MessagePack.
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
                let OfConversation { summary, former_holders } = crate::log::from_msgpack(bytes).ok()?;
                Some(Self::Conversation { summary, former_holders })
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
    #[serde(default)]
    former_holders: BTreeSet<AgentId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use frontdesk_domain::ConversationId;
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
        assert_eq!(FeedItem::decode(&item.encode()).as_ref(), Some(&item));
        let FeedItem::Conversation { summary: row, .. } = item;
        let handed_over = FeedItem::Conversation { summary: row, former_holders: [AgentId(uuid::Uuid::nil())].into() };
        assert_eq!(FeedItem::decode(&handed_over.encode()), Some(handed_over));
        let ticket = json!({ "kind": "ticket", "summary": summary() });
        assert_eq!(FeedItem::decode(&crate::log::to_msgpack(&ticket)), None, "not taken for a conversation");
    }
}
