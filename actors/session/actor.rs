//! The session actor: a thin shell. It routes messages to the session's machine and does what that returns.

mod perform;
mod wake;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, Recipient, ResponseActFuture,
    WrapFuture,
};
use bytes::Bytes;
use frontdesk_ports::TokenAudience;
use frontdesk_protocol::socket::Codec;
use frontdesk_telemetry::TraceContext;
use uuid::Uuid;

use super::{
    closing::Shut,
    deadlines::Timer,
    machine::{Act, Env, SessionMachine, Transmit},
    transport::{Outgoing, Transport},
};
use crate::{
    agent::Control,
    conversation::{Answered, Push},
    node::Node,
};

/// The session of one connected socket.
pub struct SessionActor {
    node: Arc<Node>,
    machine: SessionMachine,
    transport: Transport,
    timer: Option<Timer<Self>>,
    /// Set by a sender that could not hand it a frame: the session has missed something and must close.
    lagging: Arc<AtomicBool>,
    /// The trace that the handshake came with. Boxed: few have one.
    trace: Option<Box<TraceContext>>,
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

/// A frame from the socket. Answered when the next one may be read.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Inbound(pub(crate) Bytes);

/// The socket is gone.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SocketClosed;

/// What is still to be done about a frame. The socket hands over one at a time, so what it sends is handled in order,
/// while everything else goes on.
type Handling = ResponseActFuture<SessionActor, ()>;

impl SessionActor {
    /// Starts the session of `socket` on this thread.
    pub(crate) fn begin(id: Uuid, node: Arc<Node>, origin: SessionOrigin, socket: Recipient<Outgoing>) -> Addr<Self> {
        let mailbox = node.ports().session.outbox_frames;
        let machine = SessionMachine::new(id, origin.audience, origin.codec, env(&node));
        let (transport, trace) = (Transport::new(socket), origin.trace);
        let session = Self { node, machine, transport, timer: None, lagging: Arc::default(), trace };
        Self::create(|ctx| {
            ctx.set_mailbox_capacity(mailbox);
            session
        })
    }

    /// Does what the machine has returned, after the frames that it has made before.
    ///
    /// What takes time is returned if the next frame has to wait for it.
    fn carry_out(&mut self, act: Option<Act>, ctx: &mut Context<Self>) -> Option<Handling> {
        self.flush(ctx);
        let rest = self.perform(act?, ctx);
        self.flush(ctx);
        rest
    }

    /// The same; no frame has to wait.
    fn carry_on(&mut self, act: Option<Act>, ctx: &mut Context<Self>) {
        if let Some(rest) = self.carry_out(act, ctx) {
            ctx.spawn(rest);
        }
    }

    /// Hands the next batch to the socket if the last one is through, and reads on if the peer has caught up.
    fn flush(&mut self, ctx: &mut Context<Self>) {
        match self.machine.poll_transmit() {
            Some(Transmit::Batch(batch)) => {
                let written = self.transport.transmit(batch).into_actor(self);
                ctx.spawn(written.map(|written, session, ctx| {
                    session.machine.handle_written();
                    if written.is_err() {
                        ctx.stop();
                    }
                    session.flush(ctx);
                }));
            }
            Some(Transmit::Lagging) => self.lag(ctx),
            None => {}
        }
        self.machine.resume_reading(&self.node.ports().session);
    }

    /// Waits until the next frame may be read.
    fn wait_for_room(&mut self) -> impl Future<Output = ()> + use<> {
        let wait = self.machine.pause_reading(&self.node.ports().session);
        async move {
            if let Some(wait) = wait {
                let _closing = wait.await;
            }
        }
    }

    /// Closes the session of a peer that does not keep up. The client resumes; other sessions do not wait for it.
    fn lag(&mut self, ctx: &mut Context<Self>) {
        metrics::counter!("desk_sessions_evicted_total", "reason" => "lagging").increment(1);
        self.close(Shut::lagging(), ctx);
    }

    /// Hands the last frames to the socket, and stops.
    fn close(&mut self, shut: Shut, ctx: &mut Context<Self>) {
        let Some(last) = self.machine.close(shut) else { return };
        metrics::counter!("desk_sessions_closed_total", "reason" => shut.reason).increment(1);
        self.depart();
        self.transport.finish(last, shut.code, shut.reason);
        ctx.stop();
    }
}

fn env(node: &Node) -> Env<'_> {
    let ports = node.ports();
    Env { settings: &ports.session, wall: ports.clock.now(), monotonic: ports.clock.monotonic() }
}

impl Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_later(self.node.ports().session.hello_timeout, |session, ctx| {
            let act = session.machine.handle_hello_timeout();
            session.carry_on(act, ctx);
        });
        self.start_timer(ctx);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.depart();
    }
}

impl Handler<Inbound> for SessionActor {
    type Result = Handling;

    fn handle(&mut self, Inbound(bytes): Inbound, ctx: &mut Self::Context) -> Handling {
        let env = env(&self.node);
        if self.machine.handle_heard(env) {
            self.sleep();
        }
        let act = self.machine.handle_frame(&bytes, env);
        match self.carry_out(act, ctx) {
            Some(rest) => Box::pin(rest.then(|(), session, _| session.wait_for_room().into_actor(session))),
            None => Box::pin(self.wait_for_room().into_actor(self)),
        }
    }
}

impl Handler<Answered> for SessionActor {
    type Result = ();

    fn handle(&mut self, answered: Answered, ctx: &mut Self::Context) {
        let act = self.machine.handle_answer(answered, env(&self.node));
        self.carry_on(act, ctx);
    }
}

impl Handler<Push> for SessionActor {
    type Result = ();

    fn handle(&mut self, Push(broadcast): Push, ctx: &mut Self::Context) {
        if self.lagging.load(Ordering::Acquire) {
            return self.lag(ctx);
        }
        let act = self.machine.handle_push(&broadcast, env(&self.node));
        self.carry_on(act, ctx);
    }
}

impl Handler<Control> for SessionActor {
    type Result = ();

    fn handle(&mut self, control: Control, ctx: &mut Self::Context) {
        let act = self.machine.handle_control(control, env(&self.node));
        self.carry_on(act, ctx);
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
