//! What a permission is asked for, and how it lies within a scope.

use super::{grant::Scope, membership::Membership};
use crate::ids::{AgentId, ContactId, InboxId};

/// What a request acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// The tenant as a whole: its lists, its settings, its agents.
    Tenant,
    /// One conversation, with what its scopes are judged by.
    Conversation {
        /// Whose it is.
        contact: ContactId,
        /// Through which inbox it came.
        inbox: InboxId,
        /// Which agent holds it.
        assignee: Option<AgentId>,
    },
}

impl Resource {
    /// The contact whose it is, for a conversation.
    #[must_use]
    pub const fn contact(&self) -> Option<ContactId> {
        match self {
            Self::Conversation { contact, .. } => Some(*contact),
            Self::Tenant => None,
        }
    }

    /// Whether a grant of `agent` at `scope` reaches it. What the agent holds is within every scope.
    #[must_use]
    pub fn is_within(&self, scope: Scope, agent: AgentId, membership: &Membership) -> bool {
        match (scope, self) {
            (Scope::Tenant, _) => true,
            (_, Self::Tenant) => false,
            (_, Self::Conversation { assignee, .. }) if *assignee == Some(agent) => true,
            (Scope::Own, Self::Conversation { .. }) => false,
            (Scope::Team, Self::Conversation { assignee, .. }) => {
                assignee.is_some_and(|holder| membership.has_colleague(holder))
            }
            (Scope::Inbox, Self::Conversation { inbox, .. }) => membership.has_inbox(*inbox),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{ids::TeamId, team::Team};

    #[test]
    fn each_scope_reaches_what_it_says_and_no_more() {
        let agent = |n| AgentId(Uuid::from_u128(n));
        let (ada, bo, eve) = (agent(1), agent(2), agent(3));
        let (shop, press) = (InboxId(Uuid::from_u128(4)), InboxId(Uuid::from_u128(5)));
        let team = Team {
            id: TeamId(Uuid::nil()),
            name: "Shop".to_owned(),
            members: [ada, bo].into(),
            inboxes: [shop].into(),
            default_inbox: None,
            calendar: None,
            active: true,
        };
        let of_ada = Membership::of(ada, [&team]);
        let held = |assignee, inbox| Resource::Conversation { contact: ContactId(Uuid::nil()), inbox, assignee };
        let reached = |scope| {
            let resources = [
                Resource::Tenant,
                held(Some(ada), press),
                held(Some(bo), press),
                held(Some(eve), shop),
                held(None, press),
            ];
            resources.map(|resource| resource.is_within(scope, ada, &of_ada))
        };
        assert_eq!(reached(Scope::Own), [false, true, false, false, false]);
        assert_eq!(reached(Scope::Team), [false, true, true, false, false]);
        assert_eq!(reached(Scope::Inbox), [false, true, false, true, false]);
        assert_eq!(reached(Scope::Tenant), [true; 5]);
    }
}
