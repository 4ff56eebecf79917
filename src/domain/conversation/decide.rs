//! Judging requests.

use super::{
    command::{Command, Request},
    entry::{Answer, Entry, EntryAuthor},
    event::{AssignmentKind, Event},
    idempotency::{Known, RecentRequests},
    rejection::Rejection,
    state::{Conversation, Status},
};
use crate::{
    agent::{Permission, Role},
    ids::AgentId,
    principal::Principal,
    timestamp::Timestamp,
};

/// What is to be done about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Log this entry; then it has happened.
    Append(Entry),
    /// It was logged before: this is its answer.
    Settled(Result<Answer, Rejection>),
    /// The id may have been used long ago: ask the store, then [`Conversation::decide_unseen`].
    AskStore,
}

/// A year and a day, in milliseconds: the longest snooze.
const LONGEST_SNOOZE_MS: i64 = 366 * 24 * 3_600_000;

impl Conversation {
    /// Judges `request` at `now`; `recent` holds the newest requests of this conversation. Changes nothing, so a refused publish leaves no trace.
    ///
    /// # Errors
    /// [`Rejection`] says why nothing will be logged.
    pub fn decide(&self, recent: &RecentRequests, request: &Request, now: Timestamp) -> Result<Decision, Rejection> {
        match recent.check(self, request) {
            Known::Same(outcome) => Ok(Decision::Settled(outcome)),
            Known::Reused => Err(Rejection::IdReuse),
            Known::Unknown => Ok(Decision::AskStore),
            Known::New => self.decide_unseen(request, now),
        }
    }

    /// Judges a request whose id was certainly not used before.
    ///
    /// # Errors
    /// [`Rejection`] says why nothing will be logged.
    pub fn decide_unseen(&self, request: &Request, now: Timestamp) -> Result<Decision, Rejection> {
        let event = match self.judge(request, now) {
            Err(reason) if request.repeat && reason.depends_on_state() && self.opening.is_some() => {
                Event::Declined { reason }
            }
            judged => judged?,
        };
        Ok(Decision::Append(self.entry(request, event, now)))
    }

    fn judge(&self, request: &Request, now: Timestamp) -> Result<Event, Rejection> {
        match request.principal {
            Principal::Contact(contact) => match (&request.command, &self.opening) {
                (Command::Open { inbox }, None) => Ok(Event::Opened { inbox: *inbox, contact }),
                (Command::Say { text }, Some(opening)) if opening.contact == contact => {
                    Ok(Event::MessageSent { text: text.clone() })
                }
                // Of a conversation of somebody else nobody learns even that it exists.
                (Command::Say { .. } | Command::Open { .. }, _) => Err(Rejection::NotFound),
                _ if !self.admits(request.principal) => Err(Rejection::NotFound),
                _ => Err(Rejection::Forbidden),
            },
            Principal::Agent(agent, role) => self.judge_agent(agent, role, request, now),
        }
    }

    fn judge_agent(&self, agent: AgentId, role: Role, request: &Request, now: Timestamp) -> Result<Event, Rejection> {
        if matches!(request.command, Command::Open { .. }) || !role.allows(Permission::Converse) {
            return Err(Rejection::Forbidden);
        }
        if self.opening.is_none() {
            return Err(Rejection::NotFound);
        }
        let holds = self.assignee() == Some(agent);
        let leads = role.allows(Permission::AssignOthers);
        let event = match &request.command {
            Command::Open { .. } => return Err(Rejection::Forbidden),
            Command::Say { .. } if !holds && !leads => return Err(self.held_by_another()),
            Command::Say { text } => Event::MessageSent { text: text.clone() },
            Command::Note { text } => Event::NoteAdded { text: text.clone() },
            Command::Claim if holds => Event::Unchanged,
            Command::Claim if self.assignment.is_some() => return Err(self.held_by_another()),
            Command::Claim => self.assigned(agent, &request.author_name, AssignmentKind::Claimed),
            Command::Assign { .. } if !leads => return Err(Rejection::Forbidden),
            Command::Transfer { .. } | Command::Unassign if !holds && !leads => return Err(self.held_by_another()),
            Command::Assign { agent: to, .. } | Command::Transfer { agent: to, .. } if self.assignee() == Some(*to) => {
                Event::Unchanged
            }
            Command::Assign { agent: to, name } => self.assigned(*to, name, AssignmentKind::Assigned),
            Command::Transfer { agent: to, name } => self.assigned(*to, name, AssignmentKind::Transferred),
            Command::Unassign => match self.assignee() {
                Some(from) => Event::Unassigned { from },
                None => Event::Unchanged,
            },
            Command::Resolve | Command::Pend | Command::Snooze { .. } if !self.may_park(agent, role) => {
                return Err(self.held_by_another());
            }
            Command::Resolve if self.status == Status::Resolved => Event::Unchanged,
            Command::Resolve => Event::Resolved,
            Command::Reopen if self.status == Status::Open => Event::Unchanged,
            Command::Reopen => Event::Reopened,
            Command::Pend | Command::Snooze { .. } if self.status == Status::Resolved => {
                return Err(Rejection::Resolved);
            }
            Command::Pend if self.status == Status::Pending => Event::Unchanged,
            Command::Pend => Event::Pended,
            Command::Snooze { until } if *until <= now || *until > now.plus_millis(LONGEST_SNOOZE_MS) => {
                return Err(Rejection::SnoozeOutOfRange);
            }
            Command::Snooze { until } => Event::Snoozed { until: *until },
            Command::Tag { tag } if self.tags.contains(tag) => Event::Unchanged,
            Command::Tag { .. } if self.tags.len() >= Self::MAX_TAGS => {
                return Err(Rejection::TooManyTags { max: Self::MAX_TAGS });
            }
            Command::Tag { tag } => Event::Tagged { tag: tag.clone() },
            Command::Untag { tag } if !self.tags.contains(tag) => Event::Unchanged,
            Command::Untag { tag } => Event::Untagged { tag: tag.clone() },
        };
        Ok(event)
    }

    /// Who may set a conversation aside: its holder, a leader, and anyone while nobody holds it.
    fn may_park(&self, agent: AgentId, role: Role) -> bool {
        self.assignee().is_none_or(|holder| holder == agent) || role.allows(Permission::AssignOthers)
    }

    fn held_by_another(&self) -> Rejection {
        match &self.assignment {
            None => Rejection::NotClaimed,
            Some(held) => {
                Rejection::AlreadyClaimed { agent: held.agent, name: held.name.clone(), at: held.at, seq: held.seq }
            }
        }
    }

    fn assigned(&self, agent: AgentId, name: &str, how: AssignmentKind) -> Event {
        Event::Assigned { agent, agent_name: name.to_owned(), from: self.assignee(), how }
    }

    fn entry(&self, request: &Request, event: Event, now: Timestamp) -> Entry {
        Entry {
            seq: self.last_seq + 1,
            prev_public: self.last_public_seq,
            visibility: event.visibility(),
            at: now,
            author: EntryAuthor { member: request.principal.participant(), name: request.author_name.clone() },
            client_id: request.client_id,
            digest: request.command.digest(),
            event,
            unknown: Default::default(),
        }
    }
}
