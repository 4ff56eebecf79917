//! Permissions, scopes and grants.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that can be allowed or not. Each operation names the one it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Read conversations within the scope and the contacts of these; at any scope also agents, inboxes, teams, skills,
    /// calendars and settings. Searching all contacts needs it for the tenant.
    Read,
    /// Reply, note, claim, tag, resolve, snooze and hand over one's own conversations.
    Converse,
    /// Give a conversation to any agent, or take it from one.
    AssignOthers,
    /// See what concerns the whole tenant and not one conversation in particular, such as its ledger.
    Oversee,
    /// See records that no worker could process, and have them processed again.
    HandleDeadLetters,
    /// Change inboxes and agents, and drop dead letters.
    Administer,
    /// Read the audit trail.
    ReadAudit,
}

/// How far a grant reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Conversations that the agent holds.
    Own,
    /// Conversations that an agent of one of the agent's teams holds, the agent's own included.
    Team,
    /// Conversations of the inboxes of the agent's teams, whichever agent holds them, and those that the agent holds.
    Inbox,
    /// Everything of the tenant.
    Tenant,
}

/// A permission at a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// What is allowed.
    pub permission: Permission,
    /// On which objects it is granted.
    pub scope: Scope,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Read,
        Self::Converse,
        Self::AssignOthers,
        Self::Oversee,
        Self::HandleDeadLetters,
        Self::Administer,
        Self::ReadAudit,
    ];

    /// Whether it is granted for the tenant as a whole only.
    #[must_use]
    pub const fn is_of_tenant(self) -> bool {
        matches!(self, Self::Oversee | Self::HandleDeadLetters | Self::Administer | Self::ReadAudit)
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Converse => "converse",
            Self::AssignOthers => "assign_others",
            Self::Oversee => "oversee",
            Self::HandleDeadLetters => "handle_dead_letters",
            Self::Administer => "administer",
            Self::ReadAudit => "read_audit",
        }
    }
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Own, Self::Team, Self::Inbox, Self::Tenant];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Team => "team",
            Self::Inbox => "inbox",
            Self::Tenant => "tenant",
        }
    }
}

impl Grant {
    /// `permission` on everything of the tenant.
    #[must_use]
    pub const fn everywhere(permission: Permission) -> Self {
        Self { permission, scope: Scope::Tenant }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_are_written() {
        let grant = Grant { permission: Permission::HandleDeadLetters, scope: Scope::Inbox };
        let written = serde_json::to_value(grant).unwrap();
        assert_eq!(written["permission"], grant.permission.as_str());
        assert_eq!(written["scope"], grant.scope.as_str());
    }
}
