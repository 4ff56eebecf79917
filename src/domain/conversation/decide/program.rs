//! What bots, parts of this server and integrations may ask.

use crate::{
    conversation::{
        command::{Command, Request},
        event::Event,
        rejection::Rejection,
        state::Conversation,
    },
    principal::Principal,
    timestamp::Timestamp,
};

impl Conversation {
    pub(super) fn judge_program(&self, request: &Request, now: Timestamp) -> Result<Event, Rejection> {
        if !is_for(&request.principal, &request.command) {
            return Err(Rejection::Forbidden);
        }
        if self.opening.is_none() {
            return Err(Rejection::NotFound);
        }
        match (&request.principal, &request.command) {
            // A bot is silent as soon as an agent holds the conversation.
            (Principal::Bot(_), Command::Say { .. } | Command::Resolve) if self.assignment.is_some() => {
                Err(self.held_by_another())
            }
            (_, command) => self.change(command, now),
        }
    }
}

/// Which commands make sense for whom. Only people open, claim and hand over conversations.
const fn is_for(principal: &Principal, command: &Command) -> bool {
    use Command::{Assign, EndSnooze, Note, Release, Reopen, Resolve, Say, SetField, Tag, Unassign, Untag};
    match principal {
        Principal::Bot(_) => {
            matches!(command, Say { .. } | Note { .. } | Resolve | Tag { .. } | Untag { .. } | SetField { .. })
        }
        Principal::System(_) => matches!(
            command,
            Assign { .. }
                | Unassign
                | EndSnooze { .. }
                | Release { .. }
                | Resolve
                | Reopen
                | Note { .. }
                | Tag { .. }
                | Untag { .. }
                | SetField { .. }
        ),
        Principal::Integration(_) => {
            matches!(command, Note { .. } | Resolve | Reopen | Tag { .. } | Untag { .. } | SetField { .. })
        }
        Principal::Contact(_) | Principal::Agent(..) => false,
    }
}
