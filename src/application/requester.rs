use frontdesk_domain::{
    AgentId, Permission, Role, RoleId, TenantId,
    audit::Actor,
    policy::{self, Grants},
};

use crate::ActError;

/// Who asks for an act, and for which tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requester {
    /// An agent, with the role that it holds now.
    Agent {
        /// The requester's tenant.
        tenant: TenantId,
        /// The requester's id.
        agent: AgentId,
        /// The requester's role.
        role: Role,
    },
    /// The person who runs the installation, by a command. May do everything.
    Operator {
        /// The tenant that the act concerns.
        tenant: TenantId,
        /// The command, such as `setup`.
        command: &'static str,
    },
}

impl Requester {
    /// The tenant that the act concerns.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        match self {
            Self::Agent { tenant, .. } | Self::Operator { tenant, .. } => *tenant,
        }
    }

    /// The requester in the audit trail.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Agent { agent, .. } => Actor::agent(*agent),
            Self::Operator { command, .. } => Actor::operator(command),
        }
    }

    /// Refuses unless the requester may do what needs `permission` and concerns no conversation.
    ///
    /// # Errors
    /// [`ActError::Forbidden`].
    pub fn require(&self, permission: Permission) -> Result<(), ActError> {
        match *self {
            Self::Agent { role, .. } if !policy::grants_some(role, permission) => {
                Err(ActError::Forbidden("your role does not allow this"))
            }
            _ => Ok(()),
        }
    }

    /// Refuses unless the requester may do everything that `grants` allow.
    ///
    /// # Errors
    /// [`ActError::Forbidden`].
    pub(crate) fn require_grants(&self, grants: Grants) -> Result<(), ActError> {
        match self {
            Self::Agent { role, .. } if !role.grants().covers(grants) => {
                Err(ActError::Forbidden("you can grant only what you may do yourself"))
            }
            _ => Ok(()),
        }
    }

    /// Whether this is an agent with this role of the tenant.
    pub(crate) fn has_role(&self, id: RoleId) -> bool {
        matches!(self, Self::Agent { role, .. } if role.custom() == Some(id))
    }

    /// Whether this is the agent with this id.
    pub(crate) fn is_agent(&self, id: AgentId) -> bool {
        matches!(self, Self::Agent { agent, .. } if *agent == id)
    }

    /// Whether the requester may make and change owners.
    pub(crate) const fn may_change_owners(&self) -> bool {
        match self {
            Self::Agent { role, .. } => matches!(role, Role::Owner),
            Self::Operator { .. } => true,
        }
    }
}
