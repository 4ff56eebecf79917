//! What agents may ask.

use crate::{
    agent::{Permission, Role},
    conversation::{
        command::{Command, Request},
        event::{AssignmentKind, Event},
        rejection::Rejection,
        state::Conversation,
    },
    ids::AgentId,
    timestamp::Timestamp,
};

impl Conversation {
    pub(super) fn judge_agent(
        &self,
        agent: AgentId,
        role: Role,
        request: &Request,
        now: Timestamp,
    ) -> Result<Event, Rejection> {
        let command = &request.command;
        if matches!(command, Command::Open { .. } | Command::EndSnooze { .. }) || !role.allows(Permission::Converse) {
            return Err(Rejection::Forbidden);
        }
        if self.opening.is_none() {
            return Err(Rejection::NotFound);
        }
        let holds = self.assignee() == Some(agent);
        let leads = role.allows(Permission::AssignOthers);
        let unheld = self.assignment.is_none();
        match command {
            Command::Claim if holds => Ok(Event::Unchanged),
            Command::Claim if unheld => Ok(self.assigned(agent, &request.author_name, AssignmentKind::Claimed)),
            Command::Claim => Err(self.held_by_another()),
            Command::Assign { .. } if !leads => Err(Rejection::Forbidden),
            Command::Say { .. } | Command::Transfer { .. } | Command::Unassign if !holds && !leads => {
                Err(self.held_by_another())
            }
            Command::Resolve | Command::Pend | Command::Snooze { .. } if !holds && !leads && !unheld => {
                Err(self.held_by_another())
            }
            _ => self.change(command, now),
        }
    }
}
