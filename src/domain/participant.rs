//! Who takes part in a conversation.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, ContactId, IdError};

/// A side of a conversation that receives and reads: what receipts are kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Participant {
    /// The customer.
    Contact(ContactId),
    /// One agent.
    Agent(AgentId),
}

impl fmt::Display for Participant {
    /// `c-<id>` or `a-<id>`: safe as a subject token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contact(id) => write!(f, "c-{id}"),
            Self::Agent(id) => write!(f, "a-{id}"),
        }
    }
}

impl std::str::FromStr for Participant {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_at_checked(2) {
            Some(("c-", id)) => id.parse().map(Self::Contact),
            Some(("a-", id)) => id.parse().map(Self::Agent),
            _ => Err(IdError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_survive_the_way_through_a_subject_token() {
        let id = uuid::Uuid::from_bytes([7; 16]);
        for member in [Participant::Contact(ContactId(id)), Participant::Agent(AgentId(id))] {
            assert_eq!(member.to_string().parse(), Ok(member));
        }
        assert!("x-0".parse::<Participant>().is_err() && "é".parse::<Participant>().is_err());
    }
}
