//! An agent: the human who answers, and the role it has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{AgentId, TenantId},
    policy::grant::{Grant, Permission},
    timestamp::Timestamp,
};

/// A human who answers contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// For whom it works.
    pub tenant: TenantId,
    /// Log-in name: a lower-case e-mail address, unique in the whole desk.
    pub email: String,
    /// Name that contacts see.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Whether it may log in.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What an agent may do, from most to least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Owner,
    /// May do everything but remove owners.
    Admin,
    /// Leads agents: sees all conversations and assigns them.
    Supervisor,
    /// Answers contacts.
    Agent,
}

impl Role {
    /// What this role may do, and how far.
    #[must_use]
    pub const fn grants(self) -> &'static [Grant] {
        // Each role may do what the ones after it may.
        match self {
            Self::Owner | Self::Admin => &GRANTS,
            Self::Supervisor => GRANTS.split_at(5).0,
            Self::Agent => GRANTS.split_at(2).0,
        }
    }

    /// The name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Supervisor => "supervisor",
            Self::Agent => "agent",
        }
    }

    /// The role named `name`, as [`Self::as_str`] names them.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Supervisor, Self::Agent].into_iter().find(|role| role.as_str() == name)
    }
}

/// All permissions, those of the role that may do least first.
const GRANTS: [Grant; 6] = [
    Grant::everywhere(Permission::Read),
    Grant::everywhere(Permission::Converse),
    Grant::everywhere(Permission::AssignOthers),
    Grant::everywhere(Permission::Oversee),
    Grant::everywhere(Permission::HandleDeadLetters),
    Grant::everywhere(Permission::Administer),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_role() {
        for role in [Role::Owner, Role::Admin, Role::Supervisor, Role::Agent] {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
    }
}
