//! The actor: its life, and what its session tells it.

use std::{any::Any, pin::Pin, sync::Arc, time::Duration};

use actix::{
    Actor, ActorContext, Addr, AsyncContext, Context, Handler,
    dev::{MessageResponse, OneshotSender},
};
use bytes::Bytes;
use frontdesk_protocol::{
    socket::Codec,
    websocket::{OpCode, Reader},
};
use tokio::{net::TcpStream, sync::oneshot};
use uuid::Uuid;

use super::{
    super::{CloseSocket, Pump, Transmit, rules},
    turn::Turn,
    writer::Writer,
};
use crate::{
    node::Node,
    session::{
        Entrance,
        actor::{SessionActor, SocketClosed},
    },
};

/// The socket's own actor.
pub(in crate::session) struct TakenSocket {
    id: Uuid,
    node: Arc<Node>,
    /// Counts against whatever bounds sockets, until this one is gone.
    _place: Arc<dyn Any + Send + Sync>,
    pub(super) session: Addr<SessionActor>,
    pub(super) stream: TcpStream,
    pub(super) reader: Reader,
    pub(super) writer: Writer,
    /// The frame that the session is busy with; nothing is read meanwhile.
    pub(super) in_hand: Option<Pin<Box<dyn Future<Output = bool>>>>,
    pub(super) stage: Stage,
    kind: OpCode,
}

/// How far a socket has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Open,
    /// The last frame is queued. What comes in is dropped.
    Closing,
    /// Everything is written, and the peer may close. Until it does, what comes in is dropped; if it were left unread, the peer
    /// might find the connection reset before it has read why.
    Lingering,
}

/// Starts the actor of `stream` and its session.
pub(in crate::session::transport) fn start(
    node: Arc<Node>,
    entrance: Entrance,
    stream: TcpStream,
    answer: Bytes,
    early: &[u8],
) {
    let id = Uuid::now_v7();
    let Entrance { door, codec, place } = entrance;
    let mut reader = Reader::new(rules(codec, node.desk().session.max_frame_bytes));
    reader.keep(early);
    TakenSocket::create(|ctx| {
        let session = SessionActor::begin(id, Arc::clone(&node), (door, codec), Pump::Taken(ctx.address()));
        node.register(id, session.downgrade());
        ctx.spawn(Turn);
        TakenSocket {
            id,
            node,
            _place: place,
            session,
            stream,
            reader,
            writer: Writer::beginning_with(answer),
            in_hand: None,
            stage: Stage::Open,
            kind: if codec == Codec::Json { OpCode::Text } else { OpCode::Binary },
        }
    });
}

impl TakenSocket {
    /// Says why, and ends as soon as the peer has been told, or does not take it.
    pub(super) fn close(&mut self, code: Option<u16>, reason: &str, ctx: &mut Context<Self>) {
        if self.stage != Stage::Open {
            return;
        }
        self.stage = Stage::Closing;
        self.in_hand = None;
        self.writer.push_close(code, reason);
        self.end_after(self.node.desk().session.write_stall_timeout, ctx);
    }

    pub(super) fn end_after(&self, time: Duration, ctx: &mut Context<Self>) {
        ctx.run_later(time, |_, ctx| ctx.stop());
    }
}

impl Actor for TakenSocket {
    type Context = Context<Self>;

    #[expect(
        clippy::disallowed_methods,
        reason = "a full mailbox must not hide the end of a socket; one message per socket"
    )]
    fn stopped(&mut self, _: &mut Self::Context) {
        self.node.unregister(self.id);
        self.session.do_send(SocketClosed);
    }
}

/// When a batch is answered.
pub(in crate::session::transport) enum Credit {
    /// It is written.
    Now,
    /// The peer does not take it as fast as it comes.
    Later(oneshot::Receiver<()>),
}

impl MessageResponse<TakenSocket, Transmit> for Credit {
    fn handle(self, _: &mut Context<TakenSocket>, answer: Option<OneshotSender<()>>) {
        let Some(answer) = answer else { return };
        match self {
            Self::Now => drop(answer.send(())),
            Self::Later(written) => {
                actix_rt::spawn(async move {
                    // A socket that ended does not answer.
                    if written.await.is_ok() {
                        let _gone = answer.send(());
                    }
                });
            }
        }
    }
}

impl Handler<Transmit> for TakenSocket {
    type Result = Credit;

    fn handle(&mut self, Transmit(frames): Transmit, ctx: &mut Self::Context) -> Credit {
        if self.stage != Stage::Open {
            return Credit::Now;
        }
        for frame in frames {
            self.writer.push(self.kind, frame);
        }
        match self.writer.try_write(&self.stream) {
            Ok(true) => Credit::Now,
            Ok(false) => Credit::Later(self.writer.when_written()),
            Err(_) => {
                ctx.stop();
                Credit::Now
            }
        }
    }
}

impl Handler<CloseSocket> for TakenSocket {
    type Result = ();

    fn handle(&mut self, CloseSocket(code, reason): CloseSocket, ctx: &mut Self::Context) {
        self.close(Some(code as u16), reason, ctx);
    }
}
