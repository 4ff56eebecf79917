//! Which conversations of a tenant an agent may read or act on: what lists and feeds are limited to.

use std::collections::BTreeSet;

use super::{
    grant::{Permission, Scope},
    membership::Membership,
    resource::Resource,
};
use crate::{
    ids::{AgentId, InboxId},
    principal::Principal,
    role::Role,
};

/// Conversations of a tenant, by what they must have. Without a default: it is decided for each agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All conversations of the tenant.
    Everything,
    /// Those that one of these agents holds, and those of these inboxes. With neither: none.
    Within {
        /// Agents whose conversations it reaches.
        holders: BTreeSet<AgentId>,
        /// Inboxes whose conversations it reaches.
        inboxes: BTreeSet<InboxId>,
    },
}

impl Reach {
    /// How far the grants of `permission` reach that `agent` has by `role` and `membership`. It has the conversations
    /// on which [`allows`](super::allows) says yes.
    #[must_use]
    pub fn of(agent: AgentId, role: Role, membership: &Membership, permission: Permission) -> Self {
        let (mut holders, mut inboxes) = (BTreeSet::new(), BTreeSet::new());
        for scope in role.grants().scopes(permission) {
            holders.insert(agent);
            match scope {
                Scope::Tenant => return Self::Everything,
                Scope::Own => {}
                Scope::Team => holders.extend(membership.colleagues()),
                Scope::Inbox => inboxes.extend(membership.inboxes()),
            }
        }
        Self::Within { holders, inboxes }
    }

    /// The conversations that an agent may read; `None` for others than agents.
    #[must_use]
    pub fn of_reader(principal: &Principal) -> Option<Self> {
        match principal {
            Principal::Agent(agent, role, membership) => Some(Self::of(*agent, *role, membership, Permission::Read)),
            _ => None,
        }
    }

    /// Whether it reaches `resource`.
    #[must_use]
    pub fn has(&self, resource: &Resource) -> bool {
        match (self, resource) {
            (Self::Everything, _) => true,
            (Self::Within { .. }, Resource::Tenant) => false,
            (Self::Within { holders, inboxes }, Resource::Conversation { inbox, assignee, .. }) => {
                inboxes.contains(inbox) || assignee.is_some_and(|holder| holders.contains(&holder))
            }
        }
    }

    /// Whether it reaches what this agent holds, whatever the inbox.
    #[must_use]
    pub fn has_holder(&self, agent: AgentId) -> bool {
        match self {
            Self::Everything => true,
            Self::Within { holders, .. } => holders.contains(&agent),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        ids::{ContactId, RoleId, TeamId},
        policy::{Grant, Grants, allows},
        team::Team,
    };

    proptest! {
        #[test]
        fn a_reach_has_exactly_what_the_policy_allows(
            scopes in prop::collection::vec(0_usize..4, 0..4),
            members in prop::collection::btree_set(0_u128..4, 0..4),
            inboxes in prop::collection::btree_set(0_u128..3, 0..3),
            inbox in 0_u128..3,
            assignee in prop::option::of(0_u128..4),
        ) {
            let team = Team {
                id: TeamId(Uuid::nil()),
                name: "Billing".to_owned(),
                members: members.into_iter().map(|n| AgentId(Uuid::from_u128(n))).collect(),
                inboxes: inboxes.into_iter().map(|n| InboxId(Uuid::from_u128(n))).collect(),
                default_inbox: None,
                calendar: None,
                active: true,
            };
            let grants: Grants = scopes
                .into_iter()
                .map(|scope| Grant { permission: Permission::Read, scope: Scope::ALL[scope] })
                .collect();
            let (me, role) = (AgentId(Uuid::nil()), Role::Custom(RoleId(Uuid::nil()), grants));
            let membership = Membership::of(me, [&team]);
            let resource = Resource::Conversation {
                contact: ContactId(Uuid::nil()),
                inbox: InboxId(Uuid::from_u128(inbox)),
                assignee: assignee.map(|n| AgentId(Uuid::from_u128(n))),
            };
            let reach = Reach::of(me, role, &membership, Permission::Read);
            let allowed = allows(&Principal::Agent(me, role, membership), Permission::Read, &resource);
            prop_assert_eq!(reach.has(&resource), allowed);
        }
    }
}
