//! Commands: from a frame to its conversation, and from the outcome to the answer.

use frontdesk_domain::{
    Agent, AgentId, ClientId, Command, Content, ConversationId, ConversationKey, MessageText, Part, Principal,
    Rejection, Request,
};
use frontdesk_ports::commands::ExecuteError;
use frontdesk_protocol::socket::{ClientFrame, RejectCode, ServerFrame, Winner};

use super::{Act, Env, HandOver, Opening, SessionMachine};
use crate::conversation::Answered;

/// A database could not be read in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::session) struct Unreadable;

impl SessionMachine {
    /// Makes a command of a frame. What needs a look-up first waits for it, and the frames behind it too: commands of
    /// one sender stay in order.
    pub(super) fn command(&mut self, frame: ClientFrame, env: Env<'_>) -> Option<Act> {
        let repeat = frame.repeat();
        let (client_id, conversation, command) = match frame {
            ClientFrame::Open { client_id } => return self.open(client_id, env),
            ClientFrame::Assign { client_id, conversation, agent, .. } => {
                return self.hand_over((client_id, repeat), conversation, agent, |agent, name| Command::Assign {
                    agent,
                    name,
                });
            }
            ClientFrame::Transfer { client_id, conversation, agent, .. } => {
                return self.hand_over((client_id, repeat), conversation, agent, |agent, name| Command::Transfer {
                    agent,
                    name,
                });
            }
            ClientFrame::Say { client_id, conversation, text, parts, .. } => {
                let content = self.content(client_id, text, parts, env)?;
                (client_id, conversation, Command::Say { content })
            }
            ClientFrame::Note { client_id, conversation, text, parts, .. } => {
                let content = self.content(client_id, text, parts, env)?;
                (client_id, conversation, Command::Note { content })
            }
            ClientFrame::Claim { client_id, conversation, .. } => (client_id, conversation, Command::Claim),
            ClientFrame::Unassign { client_id, conversation, .. } => (client_id, conversation, Command::Unassign),
            ClientFrame::Resolve { client_id, conversation, .. } => (client_id, conversation, Command::Resolve),
            ClientFrame::Reopen { client_id, conversation, .. } => (client_id, conversation, Command::Reopen),
            ClientFrame::Pend { client_id, conversation, .. } => (client_id, conversation, Command::Pend),
            ClientFrame::Snooze { client_id, conversation, until, .. } => {
                (client_id, conversation, Command::Snooze { until })
            }
            ClientFrame::Tag { client_id, conversation, tag, .. } => (client_id, conversation, Command::Tag { tag }),
            ClientFrame::Untag { client_id, conversation, tag, .. } => {
                (client_id, conversation, Command::Untag { tag })
            }
            ClientFrame::SetField { client_id, conversation, change, .. } => {
                (client_id, conversation, Command::SetField { change })
            }
            _ => return None,
        };
        self.execute((client_id, repeat), conversation, command)
    }

    /// The inbox of a new conversation was read: a disabled one takes none. `Ok(true)`: it takes new conversations.
    pub(in crate::session) fn handle_inbox(
        &mut self,
        Opening { client_id, inbox, conversation }: Opening,
        active: Result<bool, Unreadable>,
        env: Env<'_>,
    ) -> Option<Act> {
        match active {
            Ok(active) => self.execute((client_id, false), conversation, Command::Open { inbox, active }),
            Err(Unreadable) => {
                self.tell(&unavailable(client_id), env);
                None
            }
        }
    }

    /// The agent who is to get a conversation was looked up. The agent must exist in this tenant, be active and be
    /// allowed to answer.
    pub(in crate::session) fn handle_agent(
        &mut self,
        hand_over: HandOver,
        found: Result<Option<Agent>, Unreadable>,
        env: Env<'_>,
    ) -> Option<Act> {
        let HandOver { client_id, repeat, conversation, command, .. } = hand_over;
        match found {
            Ok(Some(agent)) if agent.may_hold_conversations() => {
                return self.execute((client_id, repeat), conversation, command(agent.id, agent.name));
            }
            Ok(_) => {
                self.tell(&rejected(client_id, RejectCode::NoSuchAgent, "no such agent".to_owned(), None), env);
            }
            Err(Unreadable) => self.tell(&unavailable(client_id), env),
        }
        None
    }

    /// The outcome of a command.
    pub(in crate::session) fn handle_answer(&mut self, answered: Answered, env: Env<'_>) -> Option<Act> {
        let Answered { client_id, conversation, result } = answered;
        self.flow.on_answer();
        let frame = match result {
            Ok(executed) => {
                let (seq, at) = (executed.answer.seq, executed.answer.at);
                let durability = executed.durability;
                self.tell(&ServerFrame::Accepted { client_id, conversation, seq, at, durability }, env);
                let contact = self.identity().is_some_and(|it| matches!(it.principal, Principal::Contact(_)));
                if seq == 1 && contact && !self.subscriptions.contains(&conversation) {
                    // Opened by this session, which watches it from now on.
                    return self.resume(conversation, None, 0, env);
                }
                return None;
            }
            // No answer means an unknown outcome; the client repeats the command.
            Err(ExecuteError::Unknown) => return None,
            Err(ExecuteError::Rejected(rejection)) => refusal(client_id, &rejection),
            Err(ExecuteError::Overloaded { retry_after_ms }) => {
                rejected(client_id, RejectCode::Overloaded, "the desk is busy".to_owned(), Some(retry_after_ms))
            }
            Err(ExecuteError::TooLarge) => {
                rejected(client_id, RejectCode::TooLarge, "too large for the log".to_owned(), None)
            }
            Err(ExecuteError::LogFull) => {
                rejected(client_id, RejectCode::LogFull, "the log is full for now".to_owned(), Some(RETRY_LATER_MS))
            }
            Err(_) => unavailable(client_id),
        };
        self.tell(&frame, env);
        None
    }

    fn execute(
        &mut self,
        (client_id, repeat): (ClientId, bool),
        conversation: ConversationId,
        command: Command,
    ) -> Option<Act> {
        let identity = self.identity()?;
        let key = ConversationKey { tenant: identity.tenant, conversation };
        let (principal, author_name) = (identity.principal.clone(), identity.name.to_string());
        self.flow.on_command();
        Some(Act::Execute(key, Box::new(Request { client_id, principal, author_name, command, repeat })))
    }

    /// The content of a message or a note; `None` after the request was rejected because a part breaks a limit.
    fn content(&mut self, client_id: ClientId, text: MessageText, parts: Vec<Part>, env: Env<'_>) -> Option<Content> {
        if parts.is_empty() {
            return Some(Content::from(text));
        }
        let content = Content::new(text, parts);
        content
            .inspect_err(|error| self.tell(&rejected(client_id, RejectCode::Invalid, error.to_string(), None), env))
            .ok()
    }

    fn open(&mut self, client_id: ClientId, env: Env<'_>) -> Option<Act> {
        let identity = self.identity()?;
        let (Principal::Contact(contact), Some(inbox)) = (&identity.principal, identity.inbox()) else {
            let detail = "only contacts open conversations".to_owned();
            self.tell(&rejected(client_id, RejectCode::Forbidden, detail, None), env);
            return None;
        };
        let conversation = ConversationId::for_opening(identity.tenant, *contact, client_id);
        Some(Act::FindInbox(Opening { client_id, inbox, conversation }))
    }

    fn hand_over(
        &self,
        (client_id, repeat): (ClientId, bool),
        conversation: ConversationId,
        agent: AgentId,
        command: fn(AgentId, String) -> Command,
    ) -> Option<Act> {
        let tenant = self.identity()?.tenant;
        Some(Act::FindAgent(HandOver { tenant, agent, client_id, repeat, conversation, command }))
    }
}

pub(super) const fn rejected(
    client_id: ClientId,
    code: RejectCode,
    detail: String,
    retry_after_ms: Option<u64>,
) -> ServerFrame {
    ServerFrame::Rejected {
        client_id,
        code,
        detail,
        retryable: code.problem().is_retryable(),
        retry_after_ms,
        winner: None,
    }
}

fn refusal(client_id: ClientId, rejection: &Rejection) -> ServerFrame {
    let winner = match rejection {
        Rejection::AlreadyClaimed { agent, name, at, seq } => {
            Some(Winner { agent: *agent, name: name.clone(), at: *at, seq: *seq })
        }
        _ => None,
    };
    let (code, detail) = (RejectCode::of(rejection), rejection.to_string());
    ServerFrame::Rejected {
        client_id,
        code,
        detail,
        retryable: code.problem().is_retryable(),
        retry_after_ms: None,
        winner,
    }
}

fn unavailable(client_id: ClientId) -> ServerFrame {
    let detail = "the desk cannot take this now".to_owned();
    rejected(client_id, RejectCode::Unavailable, detail, Some(RETRY_LATER_MS))
}

const RETRY_LATER_MS: u64 = 1_000;
