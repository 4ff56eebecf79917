//! The one file that touches the socket.

use std::sync::Arc;

use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Handler, Message, StreamHandler, WrapFuture};
use actix_http::ws::Item;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;
use bytes::Bytes;
use frontdesk_protocol::socket::{CloseCode, Codec};
use uuid::Uuid;

use super::{
    actor::{SessionActor, SocketClosed},
    fragments::Fragments,
    inbound::Inbound,
    intake::{Gate, Intake},
    upgrade::Entrance,
};
use crate::node::Node;

/// The socket's own actor: carries frames in and out, and holds no state but an unfinished fragmented message.
pub(super) struct SocketPump {
    id: Uuid,
    node: Arc<Node>,
    entrance: Entrance,
    session: Option<Addr<SessionActor>>,
    fragments: Fragments,
    /// Shut while the session is busy with a frame.
    gate: Gate,
    /// Whether the last frame was sent: nothing may follow it.
    closing: bool,
}

/// Writes frames to the socket. Answered only when there is room again: that is the credit for the next.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct Transmit(pub(super) Vec<Bytes>);

/// Closes the socket.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct CloseSocket(pub(super) CloseCode, pub(super) &'static str);

/// Answers the handshake and starts pump and session.
pub(super) fn start(
    node: &Arc<Node>,
    request: &HttpRequest,
    payload: web::Payload,
    entrance: Entrance,
) -> Result<HttpResponse, actix_web::Error> {
    let max_frame_bytes = node.desk().session.max_frame_bytes;
    let codec = entrance.codec;
    let (intake, gate) = Intake::new(payload, max_frame_bytes);
    let pump = SocketPump {
        id: Uuid::now_v7(),
        node: Arc::clone(node),
        entrance,
        session: None,
        fragments: Fragments::new(codec, max_frame_bytes),
        gate,
        closing: false,
    };
    ws::WsResponseBuilder::new(pump, request, intake)
        .protocols(&[codec.subprotocol()])
        .frame_size(max_frame_bytes)
        .start()
}

type Context = ws::WebsocketContext<SocketPump>;

impl SocketPump {
    fn frame(&self, frame: Bytes, ctx: &mut Context) {
        let Some(session) = &self.session else { return };
        // Nothing more is read from this socket until the session is through with the frame; writing goes on.
        self.gate.shut();
        let taken = session.send(Inbound(frame)).into_actor(self);
        ctx.spawn(taken.map(|sent, pump, ctx: &mut Context| match sent {
            Ok(()) => pump.gate.open(),
            // What it said last came before. If it did not close the socket, it died: the peer comes back and resumes.
            Err(_) => pump.close(CloseCode::Lagging, None, ctx),
        }));
    }

    fn fragment(&mut self, item: Item, ctx: &mut Context) {
        match self.fragments.take(item) {
            Ok(Some(whole)) => self.frame(whole, ctx),
            Ok(None) => {}
            Err(code) => self.close(code, None, ctx),
        }
    }

    /// Says why, and ends. The web server goes on reading for a moment, or the peer might find the connection reset before
    /// it has read why.
    fn close(&mut self, code: CloseCode, reason: Option<&str>, ctx: &mut Context) {
        if !std::mem::replace(&mut self.closing, true) {
            let description = reason.map(str::to_owned);
            ctx.close(Some(ws::CloseReason { code: ws::CloseCode::from(code as u16), description }));
            ctx.stop();
        }
    }
}

impl Actor for SocketPump {
    type Context = Context;

    fn started(&mut self, ctx: &mut Self::Context) {
        let session = SessionActor::begin(self.id, Arc::clone(&self.node), self.entrance.clone(), ctx.address());
        self.node.register(self.id, session.clone().recipient());
        self.session = Some(session);
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a full mailbox must not hide the end of a socket; one message per socket"
    )]
    fn stopped(&mut self, _: &mut Self::Context) {
        self.node.unregister(self.id);
        if let Some(session) = self.session.take() {
            session.do_send(SocketClosed);
        }
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for SocketPump {
    fn handle(&mut self, item: Result<ws::Message, ws::ProtocolError>, ctx: &mut Self::Context) {
        match item {
            Ok(ws::Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Ok(ws::Message::Text(text)) if self.entrance.codec == Codec::Json => self.frame(text.into_bytes(), ctx),
            Ok(ws::Message::Binary(bytes)) if self.entrance.codec == Codec::MessagePack => self.frame(bytes, ctx),
            Ok(ws::Message::Text(_) | ws::Message::Binary(_)) => self.close(CloseCode::Unsupported, None, ctx),
            Ok(ws::Message::Continuation(item)) => self.fragment(item, ctx),
            Ok(ws::Message::Ping(bytes)) => ctx.pong(&bytes),
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            Err(ws::ProtocolError::Overflow) => self.close(CloseCode::TooLarge, None, ctx),
            Err(_) if self.gate.is_oversized() => self.close(CloseCode::TooLarge, None, ctx),
            // The only other error of this kind that is not about the connection: a text that is not UTF-8.
            Err(ws::ProtocolError::Io(error)) if error.kind() == std::io::ErrorKind::Other => {
                self.close(CloseCode::InvalidText, None, ctx);
            }
            Err(_) => self.close(CloseCode::Protocol, None, ctx),
        }
    }
}

impl Handler<Transmit> for SocketPump {
    type Result = ();

    fn handle(&mut self, Transmit(frames): Transmit, ctx: &mut Self::Context) {
        for frame in frames {
            match self.entrance.codec {
                _ if self.closing => return,
                // Our own encoder wrote it, so this cannot fail; if it ever does, the peer resumes.
                Codec::Json => match bytestring::ByteString::try_from(frame) {
                    Ok(text) => ctx.text(text),
                    Err(_) => self.close(CloseCode::Lagging, None, ctx),
                },
                Codec::MessagePack => ctx.binary(frame),
            }
        }
    }
}

impl Handler<CloseSocket> for SocketPump {
    type Result = ();

    fn handle(&mut self, CloseSocket(code, reason): CloseSocket, ctx: &mut Self::Context) {
        self.close(code, Some(reason), ctx);
    }
}
