//! The session actor: its life, and what it hands to its socket.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, Recipient, WrapFuture,
};
use frontdesk_domain::{ConversationId, ConversationKey, Principal, Timestamp};
use frontdesk_ports::{Identity, TokenAudience};
use frontdesk_protocol::socket::{CloseCode, Codec, ErrorCode, PresenceState, ServerFrame};
use uuid::Uuid;

use super::{
    catching_up::CatchingUp,
    deadlines::Timer,
    flow::Flow,
    heartbeat::Heartbeat,
    outbox::{Limits, Outbox},
    phase::Phase,
    rate::Bucket,
    receipts::HeldReceipts,
    transport::{Outgoing, Transport},
    watched::Watched,
};
use frontdesk_telemetry::TraceContext;

use crate::{
    agent::{Control, Leave},
    conversation::{Call, Push},
    node::Node,
};

/// The session of one connected socket.
pub struct SessionActor {
    pub(super) id: Uuid,
    pub(super) node: Arc<Node>,
    /// Which kind of token it accepts.
    pub(super) audience: TokenAudience,
    pub(super) codec: Codec,
    pub(super) phase: Phase,
    pub(super) watching: Watched,
    /// Set by a sender that could not hand it a frame: the session has missed something and must close.
    pub(super) lagging: Arc<AtomicBool>,
    pub(super) bucket: Bucket,
    pub(super) presence: PresenceState,
    /// When it connected, for display.
    pub(super) since: Timestamp,
    pub(super) heartbeat: Heartbeat,
    pub(super) flow: Flow,
    /// Receipts that wait until the desk is less busy.
    pub(super) receipts: HeldReceipts,
    /// Agents' sessions that have asked for it.
    pub(super) catching_up: Option<Box<CatchingUp>>,
    /// The trace that the handshake came with. Boxed: few have one.
    pub(super) trace: Option<Box<TraceContext>>,
    pub(super) timer: Option<Timer<Self>>,
    transport: Transport,
    pub(super) outbox: Outbox,
}

/// What a socket's handshake says about its session.
pub(crate) struct SessionOrigin {
    /// Which kind of token the first frame must carry.
    pub(crate) audience: TokenAudience,
    /// The subprotocol that was agreed.
    pub(crate) codec: Codec,
    /// The trace that the handshake belongs to.
    pub(crate) trace: Option<Box<TraceContext>>,
}

/// Tells a session to close.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct Shut {
    /// Status code of the close frame.
    pub code: CloseCode,
    /// The reason, as one word of the protocol.
    pub reason: &'static str,
    /// When to come back (milliseconds), if at all.
    pub retry_in_ms: Option<u64>,
}

impl Shut {
    /// The peer has missed something, or must not get more now: it comes back and resumes. Not all at the same moment: there may
    /// be thousands.
    pub(super) fn lagging() -> Self {
        Self { code: CloseCode::Lagging, reason: "lagging", retry_in_ms: Some(200 + fastrand::u64(..1_800)) }
    }
}

/// The socket is gone.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SocketClosed;

impl SessionActor {
    /// Starts the session of `socket` on this thread.
    pub(crate) fn begin(id: Uuid, node: Arc<Node>, origin: SessionOrigin, socket: Recipient<Outgoing>) -> Addr<Self> {
        let (settings, now) = (&node.desk().session, node.desk().clock.monotonic());
        let mailbox = settings.outbox_frames;
        let session = Self {
            id,
            bucket: Bucket::new(now),
            outbox: Outbox::default(),
            phase: Phase::Arrived,
            watching: Watched::default(),
            lagging: Arc::default(),
            presence: PresenceState::Online,
            since: node.desk().clock.now(),
            heartbeat: Heartbeat::new(now),
            flow: Flow::default(),
            receipts: HeldReceipts::default(),
            catching_up: None,
            trace: origin.trace,
            timer: None,
            node,
            audience: origin.audience,
            codec: origin.codec,
            transport: Transport::new(socket),
        };
        Self::create(|ctx| {
            ctx.set_mailbox_capacity(mailbox);
            session
        })
    }

    pub(super) const fn identity(&self) -> Option<&Identity> {
        self.phase.identity()
    }

    /// Queues a frame for the socket.
    pub(super) fn tell(&mut self, frame: &ServerFrame, ctx: &mut Context<Self>) {
        self.write(self.codec.encode(frame), ctx);
    }

    pub(super) fn tell_error(
        &mut self,
        code: ErrorCode,
        detail: impl Into<String>,
        conversation: Option<ConversationId>,
        ctx: &mut Context<Self>,
    ) {
        self.tell(&ServerFrame::Error { code, detail: detail.into(), conversation }, ctx);
    }

    pub(super) fn outbox_limits(&self) -> Limits {
        let settings = &self.node.desk().session;
        Limits { frames: settings.outbox_frames, bytes: settings.outbox_limit_bytes }
    }

    fn write(&mut self, frame: bytes::Bytes, ctx: &mut Context<Self>) {
        if self.phase.is_closing() {
            return;
        }
        if self.outbox.push(frame, self.outbox_limits()).is_err() {
            return self.lag(ctx);
        }
        self.flush(ctx);
    }

    /// Hands the next batch to the socket if the last one is through.
    fn flush(&mut self, ctx: &mut Context<Self>) {
        let Some(batch) = self.outbox.poll_batch() else { return };
        let written = self.transport.transmit(batch).into_actor(self);
        ctx.spawn(written.map(|written, session, ctx| {
            session.outbox.on_written();
            match written {
                Ok(()) => session.flush(ctx),
                Err(_) => ctx.stop(),
            }
            session.read_on();
        }));
    }

    /// Closes the session of a peer that does not keep up. The client resumes; other sessions do not wait for it.
    pub(super) fn lag(&mut self, ctx: &mut Context<Self>) {
        metrics::counter!("desk_sessions_evicted_total", "reason" => "lagging").increment(1);
        self.close(Shut::lagging(), ctx);
    }

    /// Sends `bye` with the reason, closes the socket, and stops. What waits goes out first, if the peer reads at all; if it does not, the kernel's time-out
    /// ends the socket, and no more is held for it than the outbox may hold.
    pub(super) fn close(&mut self, Shut { code, reason, retry_in_ms }: Shut, ctx: &mut Context<Self>) {
        if self.phase.is_closing() {
            return;
        }
        metrics::counter!("desk_sessions_closed_total", "reason" => reason).increment(1);
        let mut last = self.outbox.take_all();
        last.push(self.codec.encode(&ServerFrame::Bye { reason: reason.to_owned(), retry_in_ms }));
        self.depart();
        self.transport.finish(last, code, reason);
        ctx.stop();
    }

    /// Leaves the conversations and the roster, and removes presence and the record of the session.
    fn depart(&mut self) {
        let Phase::Known(identity) = std::mem::replace(&mut self.phase, Phase::Closing) else { return };
        for conversation in self.watching.take() {
            let key = ConversationKey { tenant: identity.tenant, conversation };
            self.node.route(key, Call::Leave { session: self.id });
        }
        if let Err(error) = self.node.roster().try_send(Leave { session: self.id }) {
            tracing::warn!(session.id = %self.id, error = %error, "the roster is too busy to take a leave");
        }
        let (desk, session) = (Arc::clone(self.node.desk()), self.id);
        let member = identity.principal.participant();
        actix_rt::spawn(async move {
            // Both expire by themselves if this does not arrive.
            let _lost =
                desk.presence.set(identity.tenant, member, session, PresenceState::Offline, Duration::ZERO).await;
            let _lost = desk.sessions.remove(identity.tenant, session).await;
        });
    }
}

impl Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.await_hello(ctx);
        self.start_timer(ctx);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.depart();
    }
}

impl Handler<Push> for SessionActor {
    type Result = ();

    fn handle(&mut self, Push(broadcast): Push, ctx: &mut Self::Context) {
        if self.lagging.load(Ordering::Acquire) {
            return self.lag(ctx);
        }
        if let Some(left) = broadcast.conversation().filter(|conversation| !self.watching.contains(conversation)) {
            // It was on its way when this session left, or word of that was lost in a full mailbox.
            if let Some(key) = self.key(left) {
                self.node.route(key, Call::Leave { session: self.id });
            }
            return;
        }
        if matches!(broadcast.frame(), ServerFrame::Feed { .. })
            && let Some(catching_up) = &mut self.catching_up
        {
            catching_up.on_missed();
        }
        self.write(broadcast.bytes(self.codec), ctx);
    }
}

impl Handler<Control> for SessionActor {
    type Result = ();

    fn handle(&mut self, control: Control, ctx: &mut Self::Context) {
        match control {
            Control::Ended => {
                self.close(Shut { code: CloseCode::Unauthorised, reason: "logged_out", retry_in_ms: None }, ctx);
            }
            Control::Changed(identity) => {
                let Phase::Known(known) = &mut self.phase else { return };
                *known = *identity;
                let name = known.name.clone();
                if let Principal::Agent(_, role) = known.principal {
                    self.tell(&ServerFrame::Standing { name, role, grants: role.grants() }, ctx);
                }
            }
        }
    }
}

impl Handler<Shut> for SessionActor {
    type Result = ();

    fn handle(&mut self, shut: Shut, ctx: &mut Self::Context) {
        self.close(shut, ctx);
    }
}

impl Handler<SocketClosed> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: SocketClosed, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
