//! Fields of a conversation that agents set by hand. A new one is a variant of [`ConversationField`] and a member of
//! [`ConversationFields`]: command, event, log, sockets and REST carry every variant alike.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// The value of each field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ConversationFields {
    /// How urgent it is; `null` until an agent sets it.
    pub priority: Option<Priority>,
}

/// One field with its new value; `null` clears it. A new variant needs `deserialize_with` too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum ConversationField {
    /// How urgent it is.
    #[serde(deserialize_with = "given")]
    Priority(Option<Priority>),
}

/// How urgent a conversation is, the least urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// After all others.
    Low,
    /// In the usual order.
    Normal,
    /// Before usual ones.
    High,
    /// Ahead of everything else.
    Urgent,
}

/// A value that has to be there: without this, a field whose `value` is missing or misspelt would read as cleared.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(value)
}

impl ConversationFields {
    /// Whether no field is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The fields after `change`.
    #[must_use]
    pub fn with(&self, change: &ConversationField) -> Self {
        let mut fields = self.clone();
        match change {
            ConversationField::Priority(priority) => fields.priority = *priority,
        }
        fields
    }
}

impl ConversationField {
    /// Bytes that are equal for equal changes, for [`Command::digest`](super::Command::digest): its JSON.
    pub(super) fn canonical(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
