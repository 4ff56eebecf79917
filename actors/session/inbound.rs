//! Frames from the socket: each is decoded, checked against the session's phase and rate, and handed on.

use std::{sync::Arc, time::Duration};

use actix::{ActorFutureExt, AsyncContext, Context, Handler, Message, ResponseActFuture, WrapFuture};
use bytes::Bytes;
use frontdesk_domain::{ConversationId, ConversationKey, Principal, ReceiptKind};
use frontdesk_ports::{EntryRange, Signal};
use frontdesk_protocol::socket::{
    ClientFrame, CloseCode, ErrorCode, FrameError, MAX_ENTRIES, PresenceState, RejectCode, ServerFrame, page_bytes,
};
use tokio::sync::oneshot;

use super::{
    actor::{SessionActor, Shut},
    phase::Step,
};
use crate::admission::Priority;
use crate::conversation::{Call, RangeCall, ReadError, ReceiptCall, WatchCall, presence_of};

/// A frame from the socket. Answered when the next one may be read.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Inbound(pub(crate) Bytes);

/// What is still to be done about a frame. The socket hands over one at a time, so what it sends is handled in order, and
/// meanwhile the session goes on with everything else.
pub(super) type Handling = ResponseActFuture<SessionActor, ()>;

impl Handler<Inbound> for SessionActor {
    type Result = Handling;

    fn handle(&mut self, Inbound(bytes): Inbound, ctx: &mut Self::Context) -> Handling {
        self.heard();
        let handled = match self.codec.decode(&bytes) {
            Ok(frame) => self.take(frame, ctx),
            Err(error) => {
                self.refuse_frame(error, ctx);
                nothing()
            }
        };
        Box::pin(handled.then(|(), session, _| session.room().into_actor(session)))
    }
}

/// The rest of a frame that needs no waiting.
pub(super) fn nothing() -> Handling {
    Box::pin(actix::fut::ready(()))
}

impl SessionActor {
    fn take(&mut self, frame: ClientFrame, ctx: &mut Context<Self>) -> Handling {
        match self.phase.step(frame) {
            Step::Authenticate(token) => return self.hello(token),
            Step::Act(frame) => return self.frame(frame, ctx),
            Step::Leave => self.close(Shut { code: CloseCode::Normal, reason: "bye", retry_in_ms: None }, ctx),
            Step::OutOfOrder(detail) => self.refuse_order(detail, ctx),
            Step::Ignore => {}
        }
        nothing()
    }

    /// Waits until the peer may ask for more: it does not take what it asked for as fast as it asks, or the log does not take
    /// what it says. Until then its socket is not read, so what it says waits with it and not here.
    fn room(&mut self) -> impl Future<Output = ()> + use<> {
        let wait = self.flow.pause(self.is_crowded());
        async move {
            if let Some(wait) = wait {
                let _closing = wait.await;
            }
        }
    }

    /// Reads on if the peer has caught up.
    pub(super) fn read_on(&mut self) {
        self.flow.resume(self.is_crowded());
    }

    fn is_crowded(&self) -> bool {
        self.outbox.is_crowded(self.outbox_limits())
    }

    pub(super) fn page_came(&mut self) {
        self.flow.on_page_sent();
        self.read_on();
    }

    /// Bytes of entries that fit into one frame.
    fn page_bytes(&self) -> usize {
        page_bytes(self.node.desk().session.max_frame_bytes)
    }

    fn refuse_order(&mut self, detail: &str, ctx: &mut Context<Self>) {
        if self.is_nonsense(ctx) {
            return;
        }
        self.tell_error(ErrorCode::OutOfOrder, detail, None, ctx);
    }

    fn refuse_frame(&mut self, error: FrameError, ctx: &mut Context<Self>) {
        metrics::counter!("desk_frames_refused_total").increment(1);
        if self.is_nonsense(ctx) {
            return;
        }
        let frame = match error.client_id {
            Some(client_id) => rejected(client_id, RejectCode::Invalid, error.detail, None),
            None => ServerFrame::Error { code: error.code, detail: error.detail, conversation: None },
        };
        self.tell(&frame, ctx);
    }

    /// Refusals count against the rate as well: repeated malformed frames close the socket with 1008.
    fn is_nonsense(&mut self, ctx: &mut Context<Self>) -> bool {
        let too_much = self.take_token().is_err();
        if too_much {
            self.close(Shut { code: CloseCode::Policy, reason: "nonsense", retry_in_ms: None }, ctx);
        }
        too_much
    }

    fn frame(&mut self, frame: ClientFrame, ctx: &mut Context<Self>) -> Handling {
        let rationed = !matches!(frame, ClientFrame::Ping {} | ClientFrame::Pong {});
        if rationed && let Err(wait) = self.take_token() {
            self.refuse_rate(&frame, wait, ctx);
            return nothing();
        }
        match frame {
            ClientFrame::Ping {} => self.tell(&ServerFrame::Pong {}, ctx),
            ClientFrame::Delivered { conversation, up_to_seq } => {
                self.receipt(conversation, ReceiptKind::Delivered, up_to_seq);
            }
            ClientFrame::Read { conversation, up_to_seq } => self.receipt(conversation, ReceiptKind::Read, up_to_seq),
            ClientFrame::Typing { conversation, active } => self.typing(conversation, active),
            ClientFrame::Presence { state } => self.set_presence(state, ctx),
            ClientFrame::Resume { conversation, epoch, last_seq } => self.resume(conversation, epoch, last_seq, ctx),
            ClientFrame::Range { conversation, after_seq, before_seq, limit } => {
                self.range(conversation, after_seq, before_seq, limit, ctx);
            }
            ClientFrame::Leave { conversation } => self.leave(conversation),
            ClientFrame::Feed { cursor } => self.feed(cursor, ctx),
            ClientFrame::Pong {} | ClientFrame::Hello { .. } | ClientFrame::Bye {} => {}
            command => return self.command(command, ctx),
        }
        nothing()
    }

    fn take_token(&mut self) -> Result<(), Duration> {
        let desk = self.node.desk();
        self.bucket.take(&desk.session, desk.clock.monotonic())
    }

    fn refuse_rate(&mut self, frame: &ClientFrame, wait: Duration, ctx: &mut Context<Self>) {
        let retry_after_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
        match frame.client_id() {
            Some(client_id) => {
                let detail = "too many requests from this socket".to_owned();
                self.tell(&rejected(client_id, RejectCode::RateLimited, detail, Some(retry_after_ms)), ctx);
            }
            None => {
                self.tell_error(ErrorCode::RateLimited, "too many frames from this socket", frame.conversation(), ctx)
            }
        }
    }

    pub(super) fn key(&self, conversation: ConversationId) -> Option<ConversationKey> {
        self.identity().map(|identity| ConversationKey { tenant: identity.tenant, conversation })
    }

    fn receipt(&mut self, conversation: ConversationId, kind: ReceiptKind, up_to_seq: u64) {
        if !self.watching.contains(&conversation) {
            return;
        }
        self.receipts.hold(conversation, kind, up_to_seq);
        self.pass_receipts();
        if !self.receipts.is_empty() {
            self.wake_soon();
        }
    }

    /// Passes on the receipts that were held back, if the desk is not too busy for them.
    pub(super) fn pass_receipts(&mut self) {
        if self.receipts.is_empty() || self.node.admission().allows(Priority::Receipt).is_err() {
            return;
        }
        for (conversation, kind, up_to_seq) in self.receipts.take() {
            if let Some(key) = self.key(conversation).filter(|_| self.watching.contains(&conversation)) {
                self.node.route(key, Call::Receipt(ReceiptCall { session: self.id, kind, up_to_seq }));
            }
        }
    }

    fn typing(&self, conversation: ConversationId, active: bool) {
        let (Some(identity), Some(key)) = (self.identity(), self.key(conversation)) else { return };
        let allowed = self.node.admission().allows(Priority::Presence).is_ok();
        if allowed && self.watching.contains(&conversation) {
            let author =
                frontdesk_domain::EntryAuthor { member: identity.principal.participant(), name: identity.name.clone() };
            let desk = Arc::clone(self.node.desk());
            actix_rt::spawn(async move { desk.log.signal(key, Signal::Typing { author, active }).await });
        }
    }

    fn set_presence(&mut self, state: PresenceState, ctx: &mut Context<Self>) {
        let agent = matches!(self.identity().map(|identity| identity.principal), Some(Principal::Agent(..)));
        match state {
            PresenceState::Online | PresenceState::Away if agent => self.change_presence(state),
            _ if agent => self.tell_error(ErrorCode::Invalid, "one can be `online` or `away`", None, ctx),
            _ => self.tell_error(ErrorCode::Forbidden, "only agents say whether they are there", None, ctx),
        }
    }

    /// Says that the agent is there or away, also to those who watch the same conversations.
    fn change_presence(&mut self, state: PresenceState) {
        let changed = std::mem::replace(&mut self.presence, state) != state;
        let said = self.present();
        let Some(identity) = self.identity().filter(|_| changed) else {
            actix_rt::spawn(said);
            return;
        };
        let (desk, tenant, member) = (Arc::clone(self.node.desk()), identity.tenant, identity.principal.participant());
        let watching = self.watching.all();
        actix_rt::spawn(async move {
            said.await;
            // Other devices of the same agent count as well.
            let state = presence_of(&*desk.presence, tenant, &[member]).await[0];
            for conversation in watching {
                let key = ConversationKey { tenant, conversation };
                desk.log.signal(key, Signal::Presence { member, state }).await;
            }
        });
    }

    /// Watches a conversation, from what the client holds on.
    pub(super) fn resume(
        &mut self,
        conversation: ConversationId,
        epoch: Option<String>,
        last_seq: u64,
        ctx: &mut Context<Self>,
    ) {
        let (Some(principal), Some(key)) = (self.identity().map(|identity| identity.principal), self.key(conversation))
        else {
            return;
        };
        if self.watching.len() >= MAX_WATCHED && !self.watching.contains(&conversation) {
            let detail = format!("one socket watches {MAX_WATCHED} conversations at most; `leave` one");
            return self.tell_error(ErrorCode::RateLimited, detail, Some(conversation), ctx);
        }
        self.watching.insert(conversation);
        self.flow.on_page_asked();
        let (refused, outcome) = oneshot::channel();
        let push = ctx.address().recipient();
        let (session, lagging, presence) = (self.id, Arc::clone(&self.lagging), self.presence);
        let page_bytes = self.page_bytes();
        let call = WatchCall { session, principal, epoch, last_seq, page_bytes, presence, push, lagging, refused };
        self.node.route(key, Call::Watch(call));
        ctx.spawn(outcome.into_actor(self).map(move |outcome, session, ctx| {
            if let Ok(error) = outcome {
                session.watching.remove(&conversation);
                session.tell_read_error(error, conversation, ctx);
            }
            session.page_came();
        }));
    }

    fn range(
        &mut self,
        conversation: ConversationId,
        after_seq: Option<u64>,
        before_seq: Option<u64>,
        limit: Option<u16>,
        ctx: &mut Context<Self>,
    ) {
        let (Some(principal), Some(key)) = (self.identity().map(|identity| identity.principal), self.key(conversation))
        else {
            return;
        };
        let range = match (after_seq, before_seq) {
            (Some(after), None) => EntryRange::After(after),
            (None, Some(before)) => EntryRange::Before(before),
            _ => {
                let detail = "give either `after_seq` or `before_seq`";
                return self.tell_error(ErrorCode::Invalid, detail, Some(conversation), ctx);
            }
        };
        if self.node.admission().allows(Priority::History).is_err() {
            return self.tell_error(ErrorCode::Unavailable, "the desk is busy", Some(conversation), ctx);
        }
        self.flow.on_page_asked();
        let (reply, page) = oneshot::channel();
        let limit = limit.map_or(MAX_ENTRIES, usize::from);
        self.node.route(key, Call::Range(RangeCall { principal, range, limit, page_bytes: self.page_bytes(), reply }));
        ctx.spawn(page.into_actor(self).map(move |page, session, ctx| {
            match page {
                Ok(Ok((entries, more))) => session.tell(&ServerFrame::Range { conversation, entries, more }, ctx),
                Ok(Err(error)) => session.tell_read_error(error, conversation, ctx),
                Err(_) => session.tell_read_error(ReadError::Unavailable, conversation, ctx),
            }
            session.page_came();
        }));
    }

    fn tell_read_error(&mut self, error: ReadError, conversation: ConversationId, ctx: &mut Context<Self>) {
        let code = match error {
            ReadError::NotFound => ErrorCode::NotFound,
            ReadError::Unavailable => ErrorCode::Unavailable,
        };
        self.tell_error(code, error.to_string(), Some(conversation), ctx);
    }

    fn leave(&mut self, conversation: ConversationId) {
        if let Some(key) = self.key(conversation).filter(|_| self.watching.contains(&conversation)) {
            self.watching.remove(&conversation);
            self.node.route(key, Call::Leave { session: self.id });
        }
    }
}

pub(super) const fn rejected(
    client_id: frontdesk_domain::ClientId,
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

/// Most conversations that one socket watches.
const MAX_WATCHED: usize = 200;
