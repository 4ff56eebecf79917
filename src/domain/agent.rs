//! An agent: the human who answers, and what each role may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{AgentId, TenantId},
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

/// One thing that can be allowed or not. Each operation names the one it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Read conversations, contacts, inboxes and the list of agents.
    Read,
    /// Reply, note, claim, tag, resolve, snooze and hand over one's own conversations.
    Converse,
    /// Give a conversation to any agent, or take it from one.
    AssignOthers,
    /// See what concerns the whole tenant and nobody's conversation in particular, such as its ledger.
    Oversee,
    /// Change inboxes and agents.
    Administer,
}

impl Role {
    /// Whether this role may do `permission`.
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::Read | Permission::Converse => true,
            Permission::AssignOthers | Permission::Oversee => {
                matches!(self, Self::Owner | Self::Admin | Self::Supervisor)
            }
            Permission::Administer => matches!(self, Self::Owner | Self::Admin),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_agents_neither_assign_others_nor_administer() {
        assert!(Role::Agent.allows(Permission::Converse));
        assert!(!Role::Agent.allows(Permission::AssignOthers));
        assert!(!Role::Agent.allows(Permission::Oversee) && Role::Supervisor.allows(Permission::Oversee));
        assert!(!Role::Supervisor.allows(Permission::Administer));
        assert!(Role::Owner.allows(Permission::Administer));
    }

    #[test]
    fn names_lead_back_to_their_role() {
        for role in [Role::Owner, Role::Admin, Role::Supervisor, Role::Agent] {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
    }
}
