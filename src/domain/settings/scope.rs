//! For what a document of settings holds.

use std::fmt;

use uuid::Uuid;

use crate::ids::{InboxId, TenantId};

/// For what a document of settings holds, within a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SettingsScope {
    /// The whole tenant.
    Tenant,
    /// Settings of one inbox.
    Inbox(InboxId),
    /// Settings of one team.
    Team(Uuid),
}

/// The kind of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScopeKind {
    /// The whole tenant.
    Tenant,
    /// Settings of one inbox.
    Inbox,
    /// Settings of one team.
    Team,
}

impl SettingsScope {
    /// Whether it is the tenant, an inbox or a team.
    #[must_use]
    pub const fn kind(self) -> ScopeKind {
        match self {
            Self::Tenant => ScopeKind::Tenant,
            Self::Inbox(_) => ScopeKind::Inbox,
            Self::Team(_) => ScopeKind::Team,
        }
    }

    /// The id of the inbox or team; for the whole tenant, that of `tenant`.
    #[must_use]
    pub const fn id(self, tenant: TenantId) -> Uuid {
        match self {
            Self::Tenant => tenant.0,
            Self::Inbox(inbox) => inbox.0,
            Self::Team(team) => team,
        }
    }
}

impl ScopeKind {
    /// Its name, in addresses and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Inbox => "inbox",
            Self::Team => "team",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Tenant, Self::Inbox, Self::Team].into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for ScopeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
