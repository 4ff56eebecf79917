//! Where an agent belongs.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    ids::{AgentId, InboxId},
    team::Team,
};

/// Where an agent belongs: what the scopes `team` and `inbox` reach. The default belongs to no team. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Membership(Option<Arc<Places>>);

#[derive(Debug, PartialEq, Eq)]
struct Places {
    colleagues: BTreeSet<AgentId>,
    inboxes: BTreeSet<InboxId>,
}

impl Membership {
    /// That of an agent in no team.
    pub const NONE: Self = Self(None);

    /// That of `agent`, from the tenant's teams. Teams that are not active give nothing.
    #[must_use]
    pub fn of<'a>(agent: AgentId, teams: impl IntoIterator<Item = &'a Team>) -> Self {
        let (mut colleagues, mut inboxes) = (BTreeSet::new(), BTreeSet::new());
        for team in teams.into_iter().filter(|team| team.active && team.members.contains(&agent)) {
            colleagues.extend(&team.members);
            inboxes.extend(&team.inboxes);
        }
        if colleagues.is_empty() { Self::NONE } else { Self(Some(Arc::new(Places { colleagues, inboxes }))) }
    }

    /// All agents of the agent's teams, itself included.
    pub fn colleagues(&self) -> impl Iterator<Item = AgentId> {
        self.0.iter().flat_map(|places| places.colleagues.iter().copied())
    }

    /// The inboxes of the agent's teams.
    pub fn inboxes(&self) -> impl Iterator<Item = InboxId> {
        self.0.iter().flat_map(|places| places.inboxes.iter().copied())
    }

    pub(super) fn has_colleague(&self, agent: AgentId) -> bool {
        self.0.as_ref().is_some_and(|places| places.colleagues.contains(&agent))
    }

    pub(super) fn has_inbox(&self, inbox: InboxId) -> bool {
        self.0.as_ref().is_some_and(|places| places.inboxes.contains(&inbox))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::TeamId;

    #[test]
    fn an_agent_belongs_to_its_active_teams_and_their_inboxes_alone() {
        let (agent, inbox) = (|n| AgentId(Uuid::from_u128(n)), |n| InboxId(Uuid::from_u128(n)));
        let team = |members: &[u128], inboxes: &[u128], active| Team {
            id: TeamId(Uuid::nil()),
            name: "Billing".to_owned(),
            members: members.iter().map(|n| agent(*n)).collect(),
            inboxes: inboxes.iter().map(|n| inbox(*n)).collect(),
            default_inbox: Some(inbox(99)),
            calendar: None,
            active,
        };
        let teams = [
            team(&[1, 2], &[10], true),
            team(&[1, 3], &[11], true),
            team(&[1, 4], &[12], false),
            team(&[5], &[13], true),
        ];
        let of_ada = Membership::of(agent(1), &teams);
        assert_eq!(of_ada.colleagues().collect::<Vec<_>>(), [agent(1), agent(2), agent(3)]);
        assert_eq!(of_ada.inboxes().collect::<Vec<_>>(), [inbox(10), inbox(11)]);
        assert!(of_ada.has_colleague(agent(3)) && !of_ada.has_colleague(agent(4)) && !of_ada.has_inbox(inbox(12)));
        assert_eq!(Membership::of(agent(6), &teams), Membership::NONE);
    }
}
