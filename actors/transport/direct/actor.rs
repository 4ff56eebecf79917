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

use super::writer::Writer;
use crate::session::{OpenSessions, Outgoing, SessionActor, SocketClosed};

/// The socket's own actor.
pub(crate) struct DirectSocket {
    id: Uuid,
    sessions: Arc<OpenSessions>,
    /// Counts against the limits of sockets, until this one is gone.
    _permit: Arc<dyn Any + Send + Sync>,
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
    /// Everything is written, and the peer may close. Until it does, what comes in is dropped; if it were left unread,
    /// the peer might find the connection reset before it has read why.
    Lingering,
}

impl DirectSocket {
    pub(super) fn new(
        (id, sessions): (Uuid, Arc<OpenSessions>),
        permit: Arc<dyn Any + Send + Sync>,
        session: Addr<SessionActor>,
        stream: TcpStream,
        (reader, codec): (Reader, Codec),
        answer: Bytes,
    ) -> Self {
        Self {
            id,
            sessions,
            _permit: permit,
            session,
            stream,
            reader,
            writer: Writer::beginning_with(answer),
            in_hand: None,
            stage: Stage::Open,
            kind: if codec == Codec::Json { OpCode::Text } else { OpCode::Binary },
        }
    }

    /// Queues a close frame. The actor stops when the peer has closed, or does not read it in time.
    pub(super) fn close(&mut self, code: Option<u16>, reason: &str, ctx: &mut Context<Self>) {
        if self.stage != Stage::Open {
            return;
        }
        self.stage = Stage::Closing;
        self.in_hand = None;
        self.writer.push_close(code, reason);
        self.end_after(self.sessions.node().ports().session.write_stall_timeout, ctx);
    }

    fn queue(&mut self, frames: Vec<Bytes>) {
        for frame in frames {
            self.writer.push(self.kind, frame);
        }
    }

    pub(super) fn end_after(&self, time: Duration, ctx: &mut Context<Self>) {
        ctx.run_later(time, |_, ctx| ctx.stop());
    }
}

impl Actor for DirectSocket {
    type Context = Context<Self>;

    #[expect(
        clippy::disallowed_methods,
        reason = "a full mailbox must not hide the end of a socket; one message per socket"
    )]
    fn stopped(&mut self, _: &mut Self::Context) {
        self.sessions.unregister(self.id);
        self.session.do_send(SocketClosed);
    }
}

/// When a batch is answered.
pub(crate) enum Credit {
    /// The batch is written.
    Now,
    /// The peer does not take it as fast as it comes.
    Later(oneshot::Receiver<()>),
}

impl MessageResponse<DirectSocket, Outgoing> for Credit {
    fn handle(self, _: &mut Context<DirectSocket>, answer: Option<OneshotSender<()>>) {
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

impl Handler<Outgoing> for DirectSocket {
    type Result = Credit;

    fn handle(&mut self, outgoing: Outgoing, ctx: &mut Self::Context) -> Credit {
        if self.stage != Stage::Open {
            return Credit::Now;
        }
        match outgoing {
            Outgoing::Batch(frames) => {
                self.queue(frames);
                match self.writer.try_write(&self.stream) {
                    Ok(true) => Credit::Now,
                    Ok(false) => Credit::Later(self.writer.when_written()),
                    Err(_) => {
                        ctx.stop();
                        Credit::Now
                    }
                }
            }
            Outgoing::Last { frames, code, reason } => {
                self.queue(frames);
                self.close(Some(code as u16), reason, ctx);
                Credit::Now
            }
        }
    }
}
