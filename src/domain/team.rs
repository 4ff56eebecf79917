//! Teams: groups of agents.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    definition::{self, Definition},
    ids::{AgentId, CalendarId, InboxId, TeamId},
    text::TextError,
};

/// A group of agents. A definition: see [`Definition`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// The team's id.
    pub id: TeamId,
    /// Its name, unique in the tenant.
    pub name: String,
    /// Its members, also those who may not sign in at present.
    #[serde(default)]
    pub members: BTreeSet<AgentId>,
    /// The inboxes that its members work in: what the scope `inbox` reaches.
    #[serde(default)]
    pub inboxes: BTreeSet<InboxId>,
    /// The inbox that it writes from when no other is named.
    #[serde(default)]
    pub default_inbox: Option<InboxId>,
    /// The calendar of its working hours.
    #[serde(default)]
    pub calendar: Option<CalendarId>,
    /// Whether it takes part in anything. A team that is not active keeps its members.
    pub active: bool,
}

/// Why a team cannot be as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TeamError {
    /// The name breaks a rule.
    #[error("the name of a team: {0}")]
    Name(TextError),
    /// More members than a team can have.
    #[error("a team has {} members at most", Team::MAX_MEMBERS)]
    TooManyMembers,
    /// More inboxes than a team can have.
    #[error("a team works in {} inboxes at most", Team::MAX_INBOXES)]
    TooManyInboxes,
}

impl Team {
    /// Most members of one team.
    pub const MAX_MEMBERS: usize = 500;

    /// Most inboxes of one team.
    pub const MAX_INBOXES: usize = 100;

    /// Checks what does not depend on anything else.
    ///
    /// # Errors
    /// [`TeamError`] says which rule is broken.
    pub fn check(&self) -> Result<(), TeamError> {
        definition::check_name(&self.name).map_err(TeamError::Name)?;
        if self.members.len() > Self::MAX_MEMBERS {
            return Err(TeamError::TooManyMembers);
        }
        if self.inboxes.len() > Self::MAX_INBOXES { Err(TeamError::TooManyInboxes) } else { Ok(()) }
    }
}

impl Definition for Team {
    const KIND: &'static str = "team";
    const MAX_PER_TENANT: usize = 200;

    fn id(&self) -> Uuid {
        self.id.0
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_has_a_name_and_a_bounded_number_of_members() {
        let members = |count: u128| (0..count).map(|n| AgentId(Uuid::from_u128(n))).collect();
        let (id, name) = (TeamId(Uuid::nil()), "Billing".to_owned());
        let (inboxes, default_inbox, calendar) = (BTreeSet::new(), None, None);
        let team = Team { id, name, members: members(500), inboxes, default_inbox, calendar, active: true };
        assert_eq!(team.check(), Ok(()));
        let inboxes = (0..101).map(|n| InboxId(Uuid::from_u128(n))).collect();
        assert_eq!(Team { inboxes, ..team.clone() }.check(), Err(TeamError::TooManyInboxes));
        let crowded = Team { members: members(501), ..team.clone() };
        assert_eq!(crowded.check(), Err(TeamError::TooManyMembers));
        for name in ["", " ", " a", "a\nb", &"x".repeat(101)] {
            let team = Team { name: name.to_owned(), ..team.clone() };
            assert!(matches!(team.check(), Err(TeamError::Name(_))), "{name:?}");
        }
    }
}
