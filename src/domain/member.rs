//! Who takes part in a conversation, and who may see what.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    agent::Role,
    ids::{AgentId, ContactId},
};

/// A side of a conversation that receives and reads: what receipts are kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Member {
    /// The customer.
    Contact(ContactId),
    /// One agent.
    Agent(AgentId),
}

impl fmt::Display for Member {
    /// `c-<id>` or `a-<id>`: safe as a subject token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contact(id) => write!(f, "c-{id}"),
            Self::Agent(id) => write!(f, "a-{id}"),
        }
    }
}

impl std::str::FromStr for Member {
    type Err = crate::ids::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_at_checked(2) {
            Some(("c-", id)) => id.parse().map(Self::Contact),
            Some(("a-", id)) => id.parse().map(Self::Agent),
            _ => Err(crate::ids::IdError),
        }
    }
}

/// Who issued a command. Made by the server from a verified token, never taken from a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The customer.
    Contact(ContactId),
    /// An agent, with the role it holds now.
    Agent(AgentId, Role),
}

impl Author {
    /// The author as a member of the conversation.
    #[must_use]
    pub const fn member(self) -> Member {
        match self {
            Self::Contact(id) => Member::Contact(id),
            Self::Agent(id, _) => Member::Agent(id),
        }
    }

    /// What this author may see.
    #[must_use]
    pub const fn audience(self) -> Audience {
        match self {
            Self::Contact(_) => Audience::Contact,
            Self::Agent(..) => Audience::Staff,
        }
    }
}

/// Who is looking. Contacts see public entries only; staff see all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The customer.
    Contact,
    /// Agents and everyone above.
    Staff,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_survive_the_way_through_a_subject_token() {
        let id = uuid::Uuid::from_bytes([7; 16]);
        for member in [Member::Contact(ContactId(id)), Member::Agent(AgentId(id))] {
            assert_eq!(member.to_string().parse(), Ok(member));
        }
        assert!("x-0".parse::<Member>().is_err() && "é".parse::<Member>().is_err());
    }
}
