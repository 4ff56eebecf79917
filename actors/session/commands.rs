//! Commands: from a frame to its conversation, and from the outcome to the answer.

use std::sync::Arc;

use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use frontdesk_domain::{
    AgentId, ClientId, Command, Content, ConversationId, ConversationKey, MessageText, Part, Principal, Rejection,
    Request,
};
use frontdesk_ports::commands::ExecuteError;
use frontdesk_protocol::socket::{ClientFrame, RejectCode, ServerFrame, Winner};

use super::{
    actor::SessionActor,
    inbound::{Handling, nothing, rejected},
};
use frontdesk_telemetry::{TraceContext, join_text, trace_id};

use crate::{
    admission::{Busy, Priority},
    conversation::{Answered, Call, ExecuteCall, LONGEST_WAIT, Reply},
};

impl SessionActor {
    /// Hands a command on. What needs a look-up first waits for it, and everything behind it on this socket too: commands of
    /// one sender stay in order.
    pub(super) fn command(&mut self, frame: ClientFrame, ctx: &mut Context<Self>) -> Handling {
        let repeat = frame.repeat();
        let (client_id, conversation, command) = match frame {
            ClientFrame::Open { client_id } => return self.open(client_id, ctx),
            ClientFrame::Assign { client_id, conversation, agent, .. } => {
                return self
                    .hand_to((client_id, repeat), conversation, agent, |agent, name| Command::Assign { agent, name });
            }
            ClientFrame::Transfer { client_id, conversation, agent, .. } => {
                return self.hand_to((client_id, repeat), conversation, agent, |agent, name| Command::Transfer {
                    agent,
                    name,
                });
            }
            ClientFrame::Say { client_id, conversation, text, parts, .. } => {
                let Some(content) = self.content(client_id, text, parts, ctx) else { return nothing() };
                (client_id, conversation, Command::Say { content })
            }
            ClientFrame::Note { client_id, conversation, text, parts, .. } => {
                let Some(content) = self.content(client_id, text, parts, ctx) else { return nothing() };
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
            _ => return nothing(),
        };
        self.execute((client_id, repeat), conversation, command, ctx);
        nothing()
    }

    /// The content of a message or a note; `None` after the request was rejected because a part breaks a limit.
    fn content(
        &mut self,
        client_id: ClientId,
        text: MessageText,
        parts: Vec<Part>,
        ctx: &mut Context<Self>,
    ) -> Option<Content> {
        if parts.is_empty() {
            return Some(Content::from(text));
        }
        match Content::new(text, parts) {
            Ok(content) => Some(content),
            Err(error) => {
                self.tell(&rejected(client_id, RejectCode::Invalid, error.to_string(), None), ctx);
                None
            }
        }
    }

    /// Looks the inbox up first: a disabled one takes no new conversations.
    fn open(&mut self, client_id: ClientId, ctx: &mut Context<Self>) -> Handling {
        let Some(identity) = self.identity() else { return nothing() };
        let (Principal::Contact(contact), Some(inbox)) = (identity.principal, identity.inbox()) else {
            let detail = "only contacts open conversations".to_owned();
            self.tell(&rejected(client_id, RejectCode::Forbidden, detail, None), ctx);
            return nothing();
        };
        let conversation = ConversationId::for_opening(identity.tenant, contact, client_id);
        let desk = Arc::clone(self.node.desk());
        let find = async move { tokio::time::timeout(LONGEST_WAIT, desk.directory.inbox(inbox)).await };
        Box::pin(find.into_actor(self).map(move |found, session, ctx| match found {
            Ok(Ok(found)) => {
                let active = found.is_none_or(|found| found.active);
                session.execute((client_id, false), conversation, Command::Open { inbox, active }, ctx);
            }
            Ok(Err(_)) | Err(_) => session.tell(&unavailable(client_id), ctx),
        }))
    }

    /// Looks the agent up first: an agent who gets a conversation must exist, be active and belong to the same tenant.
    fn hand_to(
        &self,
        (client_id, repeat): (ClientId, bool),
        conversation: ConversationId,
        agent: AgentId,
        command: fn(AgentId, String) -> Command,
    ) -> Handling {
        let Some(tenant) = self.identity().map(|identity| identity.tenant) else { return nothing() };
        let desk = Arc::clone(self.node.desk());
        let find = async move { tokio::time::timeout(LONGEST_WAIT, desk.directory.agent(tenant, agent)).await };
        Box::pin(find.into_actor(self).map(move |found, session, ctx| match found {
            Ok(Ok(Some(found))) if found.active => {
                session.execute((client_id, repeat), conversation, command(found.id, found.name), ctx);
            }
            Ok(Ok(_)) => {
                session.tell(&rejected(client_id, RejectCode::NoSuchAgent, "no such agent".to_owned(), None), ctx);
            }
            Ok(Err(_)) | Err(_) => session.tell(&unavailable(client_id), ctx),
        }))
    }

    fn execute(
        &mut self,
        (client_id, repeat): (ClientId, bool),
        conversation: ConversationId,
        command: Command,
        ctx: &mut Context<Self>,
    ) {
        let Some(identity) = self.identity() else { return };
        let key = ConversationKey { tenant: identity.tenant, conversation };
        let author_name = identity.name.clone();
        let request = Request { client_id, principal: identity.principal, author_name, command, repeat };
        let trace = self.trace.as_ref().map_or_else(TraceContext::start, |context| context.child()).to_string();
        let span =
            tracing::debug_span!("socket", trace.id = trace_id(&trace), session.id = %self.id, conversation.id = %key);
        join_text(&span, &trace);
        let _entered = span.entered();
        let permit = match self.node.admission().enter(key.tenant, Priority::of(request.principal)) {
            Ok(permit) => permit,
            Err(Busy { retry_after_ms }) => {
                let detail = "the desk is busy".to_owned();
                return self.tell(&rejected(client_id, RejectCode::Overloaded, detail, Some(retry_after_ms)), ctx);
            }
        };
        self.flow.on_command();
        let reply = Reply::Session {
            client_id,
            conversation,
            to: ctx.address().recipient(),
            lagging: Arc::clone(&self.lagging),
        };
        let since = self.node.desk().clock.monotonic();
        self.node.route(key, Call::Execute(ExecuteCall { request, trace, since, reply, permit }));
    }
}

impl Handler<Answered> for SessionActor {
    type Result = ();

    fn handle(&mut self, Answered { client_id, conversation, result }: Answered, ctx: &mut Self::Context) {
        self.flow.on_answer();
        self.read_on();
        let frame = match result {
            Ok(executed) => {
                let (seq, at) = (executed.answer.seq, executed.answer.at);
                let durability = executed.durability;
                self.tell(&ServerFrame::Accepted { client_id, conversation, seq, at, durability }, ctx);
                let contact =
                    self.identity().is_some_and(|identity| matches!(identity.principal, Principal::Contact(_)));
                if seq == 1 && contact && !self.watching.contains(&conversation) {
                    // Opened by this session, which watches it from now on.
                    self.resume(conversation, None, 0, ctx);
                }
                return;
            }
            // Silence means unknown; the client repeats it.
            Err(ExecuteError::Unknown) => return,
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
        self.tell(&frame, ctx);
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
