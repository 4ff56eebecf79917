//! Fields of a conversation that agents set by hand. A new one is a variant of [`FieldChange`] and a member of
//! [`ConversationFields`]: command, event, log, sockets and REST carry every variant alike.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The value of each field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ConversationFields {
    /// How urgent it is; `null` until an agent sets it.
    pub priority: Option<Priority>,
}

/// The new value of one field; `null` clears it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum FieldChange {
    /// How urgent it is.
    Priority(Option<Priority>),
}

/// How urgent a conversation is, the least urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// After all others.
    Low,
    /// As usual.
    Normal,
    /// Before usual ones.
    High,
    /// At once.
    Urgent,
}

impl ConversationFields {
    /// Whether no field is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The fields after `change`.
    #[must_use]
    pub fn with(&self, change: &FieldChange) -> Self {
        let mut fields = self.clone();
        match change {
            FieldChange::Priority(priority) => fields.priority = *priority,
        }
        fields
    }
}

impl FieldChange {
    /// Bytes that are equal for equal changes, for [`Command::digest`](super::Command::digest): its JSON.
    pub(super) fn canonical(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}
