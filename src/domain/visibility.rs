//! Which entries of a conversation each side may see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may see an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Contact and staff.
    Public,
    /// Only agents and programs see it.
    Staff,
}

/// One side of a conversation. Contacts see public entries only; staff see all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The contact of the conversation.
    Contact,
    /// Agents, and all that works for the tenant.
    Staff,
}

impl Visibility {
    /// Whether `audience` may see what has this visibility.
    #[must_use]
    pub fn admits(self, audience: Audience) -> bool {
        audience == Audience::Staff || self == Self::Public
    }
}
