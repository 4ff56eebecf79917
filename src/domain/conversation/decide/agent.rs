//! What agents may ask.

use crate::{
    conversation::{
        command::{Command, Request},
        event::{AssignmentKind, Event},
        rejection::Rejection,
        state::Conversation,
    },
    ids::AgentId,
    policy::{self, Permission},
    timestamp::Timestamp,
};

impl Conversation {
    pub(super) fn judge_agent(&self, agent: AgentId, request: &Request, now: Timestamp) -> Result<Event, Rejection> {
        let command = &request.command;
        if matches!(command, Command::Open { .. } | Command::EndSnooze { .. } | Command::Release { .. }) {
            return Err(Rejection::Forbidden);
        }
        let Some(resource) = self.resource() else { return Err(Rejection::NotFound) };
        let may = |permission| policy::allows(&request.principal, permission, &resource);
        if !may(Permission::Read) {
            return Err(Rejection::NotFound);
        }
        if !may(Permission::Converse) {
            return Err(Rejection::Forbidden);
        }
        let holds = self.assignee() == Some(agent);
        let leads = may(Permission::AssignOthers);
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
