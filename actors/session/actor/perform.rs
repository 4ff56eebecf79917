//! What the machine asks for, done with the node's conversations and ports.

use std::{sync::Arc, time::Duration};

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use frontdesk_domain::{ConversationId, ConversationKey, Principal, Request};
use frontdesk_ports::{Identity, SessionRecord, Signal, TokenAudience, commands::ExecuteError};
use frontdesk_protocol::socket::{PresenceState, page_bytes};
use frontdesk_telemetry::{TraceContext, join_text, trace_id};
use tokio::sync::oneshot;

use super::{Handling, SessionActor, env};
use crate::{
    admission::{Busy, Priority},
    agent::{Device, Join, Leave},
    conversation::{
        Answered, Call, ExecuteCall, LONGEST_WAIT, RangeCall, ReadError, ReceiptCall, Reply, WatchCall, presence_of,
    },
    session::{
        closing::Shut,
        feed,
        machine::{Act, Departure, HandOver, Opening, Question, Reading, Unreadable, Watching},
    },
};

impl SessionActor {
    /// Does one thing; returns the rest if the next frame has to wait for it.
    pub(super) fn perform(&mut self, act: Act, ctx: &mut Context<Self>) -> Option<Handling> {
        match act {
            Act::Authenticate(token, audience) => return Some(self.authenticate(token, audience)),
            Act::FindInbox(opening) => return Some(self.find_inbox(opening)),
            Act::FindAgent(hand_over) => return Some(self.find_agent(hand_over)),
            Act::Enter(identity) => self.enter(*identity, ctx),
            Act::Close(shut) => self.close(shut, ctx),
            Act::Execute(key, request) => self.execute(key, *request, ctx),
            Act::Watch(watching) => self.watch(watching, ctx),
            Act::Range(reading) => self.range(reading, ctx),
            Act::Leave(key) => self.leave(key),
            Act::Renew(keys, principal) => {
                for key in keys {
                    let (session, principal, lagging) =
                        (self.machine.id(), principal.clone(), Arc::clone(&self.lagging));
                    self.node.route(key, Call::Renew { session, principal, lagging });
                }
            }
            Act::PassReceipts => {
                self.pass_receipts();
                if self.machine.holds_receipts() {
                    self.wake_soon();
                }
            }
            Act::Typing { key, author, active } => {
                if self.node.admission().allows(Priority::Presence).is_ok() {
                    self.node.route(key, Call::Typing { session: self.machine.id(), author, active });
                }
            }
            Act::SayPresent(tell) => self.say_present(tell),
            Act::ChoosePresence(tell) => {
                self.say_present(tell);
                self.keep_choice();
            }
            Act::CatchUp(question) => self.catch_up(question, ctx),
        }
        None
    }

    fn authenticate(&self, token: String, audience: TokenAudience) -> Handling {
        let ports = Arc::clone(self.node.ports());
        let check = async move { ports.authenticator.authenticate(&token, audience).await };
        Box::pin(check.into_actor(self).map(|checked, session, ctx| {
            let act = session.machine.handle_checked(checked);
            session.carry_on(act, ctx);
        }))
    }

    fn enter(&mut self, identity: Identity, ctx: &mut Context<Self>) {
        if let Principal::Agent(agent, ..) = identity.principal {
            let device = Device { push: ctx.address().recipient(), lagging: Arc::clone(&self.lagging) };
            let (session, control) = (self.machine.id(), ctx.address().recipient());
            let join = Join { session, agent, identity: identity.clone(), device, control };
            if self.node.roster().try_send(join).is_err() {
                return self.close(Shut::for_now("overloaded", 500, 2_500), ctx);
            }
        }
        let act = self.machine.welcome(identity, self.node.ports().epoch.clone(), env(&self.node));
        self.carry_on(Some(act), ctx);
    }

    fn find_inbox(&self, opening: Opening) -> Handling {
        let ports = Arc::clone(self.node.ports());
        let find = async move { tokio::time::timeout(LONGEST_WAIT, ports.directory.inbox(opening.inbox)).await };
        Box::pin(find.into_actor(self).map(move |found, session, ctx| {
            let active = match found {
                Ok(Ok(found)) => Ok(found.is_none_or(|found| found.active)),
                Ok(Err(_)) | Err(_) => Err(Unreadable),
            };
            let act = session.machine.handle_inbox(opening, active, env(&session.node));
            session.carry_on(act, ctx);
        }))
    }

    fn find_agent(&self, hand_over: HandOver) -> Handling {
        let (ports, tenant, agent) = (Arc::clone(self.node.ports()), hand_over.tenant, hand_over.agent);
        let find = async move { tokio::time::timeout(LONGEST_WAIT, ports.directory.agent(tenant, agent)).await };
        Box::pin(find.into_actor(self).map(move |found, session, ctx| {
            let found = found.map_err(|_| Unreadable).and_then(|found| found.map_err(|_| Unreadable));
            let act = session.machine.handle_agent(hand_over, found, env(&session.node));
            session.carry_on(act, ctx);
        }))
    }

    fn execute(&mut self, key: ConversationKey, request: Request, ctx: &mut Context<Self>) {
        let trace = self.trace.as_ref().map_or_else(TraceContext::start, |context| context.child()).to_string();
        let session = self.machine.id();
        let span =
            tracing::debug_span!("socket", trace.id = trace_id(&trace), session.id = %session, conversation.id = %key);
        join_text(&span, &trace);
        let _entered = span.entered();
        let (client_id, conversation) = (request.client_id, key.conversation);
        let permit = match self.node.admission().enter(key.tenant, Priority::of(&request.principal)) {
            Ok(permit) => permit,
            Err(Busy { retry_after_ms }) => {
                let result = Err(ExecuteError::Overloaded { retry_after_ms });
                let act = self.machine.handle_answer(Answered { client_id, conversation, result }, env(&self.node));
                return self.carry_on(act, ctx);
            }
        };
        let (to, lagging) = (ctx.address().recipient(), Arc::clone(&self.lagging));
        let reply = Reply::Session { client_id, conversation, to, lagging };
        let since = self.node.ports().clock.monotonic();
        self.node.route(key, Call::Execute(ExecuteCall { request, trace, since, reply, permit }));
    }

    fn watch(&self, watching: Watching, ctx: &mut Context<Self>) {
        let Watching { key, principal, epoch, last_seq, presence } = watching;
        let (refused, outcome) = oneshot::channel();
        let (session, push, lagging) = (self.machine.id(), ctx.address().recipient(), Arc::clone(&self.lagging));
        let page_bytes = self.page_bytes();
        let call = WatchCall { session, principal, epoch, last_seq, page_bytes, presence, push, lagging, refused };
        self.node.route(key, Call::Watch(call));
        ctx.spawn(outcome.into_actor(self).map(move |outcome, session, ctx| {
            session.machine.handle_watched(key.conversation, outcome.ok(), env(&session.node));
            session.flush(ctx);
        }));
    }

    fn range(&mut self, reading: Reading, ctx: &mut Context<Self>) {
        let Reading { key, principal, range, limit } = reading;
        let conversation = key.conversation;
        if self.node.admission().allows(Priority::History).is_err() {
            return self.machine.handle_range_shed(conversation, env(&self.node));
        }
        let (reply, page) = oneshot::channel();
        self.node.route(key, Call::Range(RangeCall { principal, range, limit, page_bytes: self.page_bytes(), reply }));
        ctx.spawn(page.into_actor(self).map(move |page, session, ctx| {
            let page = page.unwrap_or(Err(ReadError::Unavailable));
            session.machine.handle_range(conversation, page, env(&session.node));
            session.flush(ctx);
        }));
    }

    fn catch_up(&self, question: Question, ctx: &mut Context<Self>) {
        let node = Arc::clone(&self.node);
        let answer = async move { feed::answer(&node, question).await };
        ctx.spawn(answer.into_actor(self).map(|answer, session, ctx| {
            session.machine.handle_feed(answer, env(&session.node));
            session.flush(ctx);
        }));
    }

    fn leave(&self, key: ConversationKey) {
        self.node.route(key, Call::Leave { session: self.machine.id() });
    }

    /// Passes on the receipts that were held back, if the desk is not too busy for them.
    pub(super) fn pass_receipts(&mut self) {
        if !self.machine.holds_receipts() || self.node.admission().allows(Priority::Receipt).is_err() {
            return;
        }
        let session = self.machine.id();
        for (key, kind, up_to_seq) in self.machine.take_receipts() {
            self.node.route(key, Call::Receipt(ReceiptCall { session, kind, up_to_seq }));
        }
    }

    /// Writes presence and the record of the session; then tells the subscribers of `conversations`.
    fn say_present(&self, conversations: Vec<ConversationId>) {
        let Some(identity) = self.machine.identity() else { return };
        let (tenant, member) = (identity.tenant, identity.principal.participant());
        let ports = Arc::clone(self.node.ports());
        let (session, state, since) = (self.machine.id(), self.machine.presence(), self.machine.since());
        let ttl = self.machine.intervals(&ports.session).presence_ttl();
        actix_rt::spawn(async move {
            let record = SessionRecord { session, tenant, member, node: Arc::clone(&ports.node), since };
            // Together they make one write.
            let (said, kept) =
                tokio::join!(ports.presence.set(tenant, member, session, state, ttl), ports.sessions.put(&record, ttl));
            if let Err(error) = said.and(kept) {
                tracing::debug!(session.id = %session, error = %error, "presence is unknown for now");
            }
            if conversations.is_empty() {
                return;
            }
            // Other devices of the same agent count as well.
            let state = presence_of(&*ports.presence, tenant, &[member]).await[0];
            for conversation in conversations {
                ports.log.signal(ConversationKey { tenant, conversation }, Signal::Presence { member, state }).await;
            }
        });
    }

    /// Keeps whether the agent is away. Tried a few times: the database may be away for a moment.
    fn keep_choice(&self) {
        let Some(identity) = self.machine.identity() else { return };
        let Principal::Agent(agent, ..) = identity.principal else { return };
        let (tenant, away, ports) = (identity.tenant, identity.away, Arc::clone(self.node.ports()));
        actix_rt::spawn(async move {
            for wait in KEEP_AGAIN_AFTER_S {
                match ports.away.choose_away(tenant, agent, away).await {
                    Ok(()) => return,
                    Err(error) => {
                        tracing::warn!(agent.id = %agent, %error, "whether an agent is away was not kept yet")
                    }
                }
                tokio::time::sleep(Duration::from_secs(wait)).await;
            }
        });
    }

    /// Leaves the conversations and the roster, and removes presence and the record of the session.
    pub(super) fn depart(&mut self) {
        let Some(Departure { tenant, member, watched }) = self.machine.depart() else { return };
        for conversation in watched {
            self.leave(ConversationKey { tenant, conversation });
        }
        let session = self.machine.id();
        if let Err(error) = self.node.roster().try_send(Leave { session }) {
            tracing::warn!(session.id = %session, error = %error, "the roster's mailbox is full; it notices this leave by itself later");
        }
        let ports = Arc::clone(self.node.ports());
        actix_rt::spawn(async move {
            // Both expire by themselves if this does not arrive.
            let _lost = ports.presence.set(tenant, member, session, PresenceState::Offline, Duration::ZERO).await;
            let _lost = ports.sessions.remove(tenant, session).await;
        });
    }

    /// Bytes of entries that fit into one frame.
    fn page_bytes(&self) -> usize {
        page_bytes(self.node.ports().session.max_frame_bytes)
    }
}

/// Seconds between attempts to keep what an agent chose.
const KEEP_AGAIN_AFTER_S: [u64; 4] = [1, 5, 20, 0];
