//! Judging requests: what each principal may ask, and what follows from it on the present state.

mod agent;
mod program;

use super::{
    command::{Command, Request},
    content::Content,
    entry::{Answer, Entry, EntryAuthor},
    event::{AssignmentKind, Event},
    idempotency::{Known, RecentRequests},
    rejection::Rejection,
    state::{Conversation, Status},
};
use crate::{
    ids::{AgentId, ContactId},
    principal::Principal,
    settings::InboxRules,
    timestamp::Timestamp,
    visibility::Visibility,
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
    /// Judges `request` at `now`; `recent` holds the newest requests of this conversation, `rules` what its inbox
    /// allows. Changes nothing, so a refused publish leaves no trace. What was logged before is settled, whatever the
    /// rules say by now.
    ///
    /// # Errors
    /// [`Rejection`] says why nothing will be logged.
    pub fn decide(
        &self,
        recent: &RecentRequests,
        request: &Request,
        rules: InboxRules,
        now: Timestamp,
    ) -> Result<Decision, Rejection> {
        match recent.check(self, request) {
            Known::Same(outcome) => Ok(Decision::Settled(outcome)),
            Known::Reused => Err(Rejection::IdReuse),
            Known::Unknown => Ok(Decision::AskStore),
            Known::New => self.decide_unseen(request, rules, now),
        }
    }

    /// Judges a request whose id was certainly not used before.
    ///
    /// # Errors
    /// [`Rejection`] says why nothing will be logged.
    pub fn decide_unseen(&self, request: &Request, rules: InboxRules, now: Timestamp) -> Result<Decision, Rejection> {
        let event = match self.judge(request, rules, now) {
            Err(reason) if request.repeat && reason.may_change() && self.opening.is_some() => {
                Event::Declined { reason }
            }
            judged => judged?,
        };
        Ok(Decision::Append(self.entry(request, event, now)))
    }

    fn judge(&self, request: &Request, rules: InboxRules, now: Timestamp) -> Result<Event, Rejection> {
        let event = self.judge_by_principal(request, now)?;
        match event.content() {
            Some(content) => judge_content(content, rules).map(|()| event),
            None => Ok(event),
        }
    }

    fn judge_by_principal(&self, request: &Request, now: Timestamp) -> Result<Event, Rejection> {
        match &request.principal {
            Principal::Contact(contact) => self.judge_contact(*contact, request),
            Principal::Agent(agent, ..) => self.judge_agent(*agent, request, now),
            Principal::Bot(_) | Principal::System(_) | Principal::Integration(_) => self.judge_program(request, now),
        }
    }

    fn judge_contact(&self, contact: ContactId, request: &Request) -> Result<Event, Rejection> {
        match (&request.command, &self.opening) {
            // What may have been sent before is not refused: an earlier copy may still succeed.
            (Command::Open { active: false, .. }, None) if !request.repeat => Err(Rejection::InboxDisabled),
            (Command::Open { inbox, .. }, None) => Ok(Event::Opened { inbox: *inbox, contact }),
            (Command::Say { content }, Some(opening)) if opening.contact == contact => {
                Ok(Event::MessageSent(content.clone()))
            }
            // To others it looks as if there were no such conversation.
            (Command::Say { .. } | Command::Open { .. }, _) => Err(Rejection::NotFound),
            _ if !self.admits(&request.principal) => Err(Rejection::NotFound),
            _ => Err(Rejection::Forbidden),
        }
    }

    /// What follows from a command that its sender may give, on this state. Contacts and claims are judged elsewhere.
    fn change(&self, command: &Command, now: Timestamp) -> Result<Event, Rejection> {
        let event = match command {
            Command::Open { .. } | Command::Claim => return Err(Rejection::Forbidden),
            Command::Say { content } => Event::MessageSent(content.clone()),
            Command::Note { content } => Event::NoteAdded(content.clone()),
            Command::Assign { agent, .. } | Command::Transfer { agent, .. } if self.assignee() == Some(*agent) => {
                Event::Unchanged
            }
            Command::Assign { agent, name } => self.assigned(*agent, name, AssignmentKind::Assigned),
            Command::Transfer { agent, name } => self.assigned(*agent, name, AssignmentKind::Transferred),
            Command::Unassign => match self.assignee() {
                Some(from) => Event::Unassigned { from },
                None => Event::Unchanged,
            },
            Command::Release { holder } if self.assignee() == Some(*holder) => Event::Unassigned { from: *holder },
            Command::Release { .. } => Event::Unchanged,
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
            Command::EndSnooze { until } if self.snoozed_until == Some(*until) => Event::Reopened,
            Command::EndSnooze { .. } => Event::Unchanged,
            Command::Tag { tag } if self.tags.contains(tag) => Event::Unchanged,
            Command::Tag { .. } if self.tags.len() >= Self::MAX_TAGS => {
                return Err(Rejection::TooManyTags { max: Self::MAX_TAGS });
            }
            Command::Tag { tag } => Event::Tagged { tag: tag.clone() },
            Command::Untag { tag } if !self.tags.contains(tag) => Event::Unchanged,
            Command::Untag { tag } => Event::Untagged { tag: tag.clone() },
            Command::SetField { change } if self.fields.with(change) == self.fields => Event::Unchanged,
            Command::SetField { change } => Event::FieldSet(change.clone()),
        };
        Ok(event)
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
            visibility: match request.command {
                // Contacts never learn of a snooze, so they do not learn of its end.
                Command::EndSnooze { .. } => Visibility::Staff,
                _ => event.visibility(),
            },
            at: now,
            author: EntryAuthor { member: request.principal.participant(), name: request.author_name.clone() },
            client_id: request.client_id,
            digest: request.command.digest(),
            event,
            unknown: Default::default(),
        }
    }
}

/// Checks what is written against what this version takes and what the inbox allows.
fn judge_content(content: &Content, rules: InboxRules) -> Result<(), Rejection> {
    let max_bytes = rules.max_message_bytes;
    match content.unsupported() {
        Some(kind) => Err(Rejection::UnsupportedPart { kind: kind.to_owned() }),
        None if content.text.as_str().len() > max_bytes as usize => Err(Rejection::MessageTooLong { max_bytes }),
        None => Ok(()),
    }
}
