//! The one file that touches the socket.

use std::sync::Arc;

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, ContextFutureSpawner, Handler, Message, StreamHandler,
    WrapFuture,
};
use actix_http::ws::Item;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;
use bytes::{Bytes, BytesMut};
use frontdesk_protocol::socket::{CloseCode, Codec};

use super::{
    actor::{SessionActor, SocketClosed},
    inbound::Inbound,
    upgrade::Entrance,
};
use crate::node::Node;

/// The socket's own actor: carries frames in and out, and holds no state but an unfinished fragmented message.
pub(super) struct SocketPump {
    node: Arc<Node>,
    entrance: Entrance,
    session: Option<Addr<SessionActor>>,
    fragments: Option<BytesMut>,
    codec: Codec,
    max_frame_bytes: usize,
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
    let pump = SocketPump { node: Arc::clone(node), entrance, session: None, fragments: None, codec, max_frame_bytes };
    ws::WsResponseBuilder::new(pump, request, payload)
        .protocols(&[codec.subprotocol()])
        .frame_size(max_frame_bytes)
        .start()
}

type Context = ws::WebsocketContext<SocketPump>;

impl SocketPump {
    fn frame(&mut self, frame: Bytes, ctx: &mut Context) {
        let Some(session) = &self.session else { return };
        // Nothing more is read from this socket until the session has taken the frame.
        let taken = session.send(Inbound(frame)).into_actor(self);
        taken
            .map(|sent, _, ctx: &mut Context| {
                if sent.is_err() {
                    ctx.stop();
                }
            })
            .wait(ctx);
    }

    /// Puts fragments together, up to the limit of a frame.
    fn fragment(&mut self, item: Item, ctx: &mut Context) {
        let (begins, ends, bytes) = match item {
            Item::FirstText(bytes) if self.codec == Codec::Json => (true, false, bytes),
            Item::FirstBinary(bytes) if self.codec == Codec::MessagePack => (true, false, bytes),
            Item::FirstText(_) | Item::FirstBinary(_) => return refuse(CloseCode::Unsupported, ctx),
            Item::Continue(bytes) => (false, false, bytes),
            Item::Last(bytes) => (false, true, bytes),
        };
        if begins == self.fragments.is_some() {
            return refuse(CloseCode::Protocol, ctx);
        }
        let whole = self.fragments.get_or_insert_default();
        // Every fragment counts for one byte at least, so that empty ones cannot go on for ever.
        if whole.len() + bytes.len().max(1) > self.max_frame_bytes {
            return refuse(CloseCode::TooLarge, ctx);
        }
        whole.extend_from_slice(&bytes);
        if ends && let Some(whole) = self.fragments.take() {
            if self.codec == Codec::Json && std::str::from_utf8(&whole).is_err() {
                return refuse(CloseCode::InvalidText, ctx);
            }
            self.frame(whole.freeze(), ctx);
        }
    }
}

fn refuse(code: CloseCode, ctx: &mut Context) {
    ctx.close(Some(ws::CloseCode::from(code as u16).into()));
    ctx.stop();
}

impl Actor for SocketPump {
    type Context = Context;

    fn started(&mut self, ctx: &mut Self::Context) {
        let session = SessionActor::new(Arc::clone(&self.node), self.entrance.clone(), ctx.address());
        self.session = Some(session.start());
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a full mailbox must not hide the end of a socket; one message per socket"
    )]
    fn stopped(&mut self, _: &mut Self::Context) {
        if let Some(session) = self.session.take() {
            session.do_send(SocketClosed);
        }
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for SocketPump {
    fn handle(&mut self, item: Result<ws::Message, ws::ProtocolError>, ctx: &mut Self::Context) {
        match item {
            Ok(ws::Message::Text(text)) if self.codec == Codec::Json && self.fragments.is_none() => {
                self.frame(text.into_bytes(), ctx);
            }
            Ok(ws::Message::Binary(bytes)) if self.codec == Codec::MessagePack && self.fragments.is_none() => {
                self.frame(bytes, ctx);
            }
            Ok(ws::Message::Text(_) | ws::Message::Binary(_)) if self.fragments.is_some() => {
                refuse(CloseCode::Protocol, ctx);
            }
            Ok(ws::Message::Text(_) | ws::Message::Binary(_)) => refuse(CloseCode::Unsupported, ctx),
            Ok(ws::Message::Continuation(item)) => self.fragment(item, ctx),
            Ok(ws::Message::Ping(bytes)) => ctx.pong(&bytes),
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            Ok(ws::Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Err(ws::ProtocolError::Overflow) => refuse(CloseCode::TooLarge, ctx),
            // The only error of this kind that is not about the connection: a text that is not UTF-8.
            Err(ws::ProtocolError::Io(error)) if error.kind() == std::io::ErrorKind::Other => {
                refuse(CloseCode::InvalidText, ctx);
            }
            Err(_) => refuse(CloseCode::Protocol, ctx),
        }
    }
}

impl Handler<Transmit> for SocketPump {
    type Result = ();

    fn handle(&mut self, Transmit(frames): Transmit, ctx: &mut Self::Context) {
        for frame in frames {
            match self.codec {
                // Our own encoder wrote it, so this cannot fail; if it ever does, the peer resumes.
                Codec::Json => match bytestring::ByteString::try_from(frame) {
                    Ok(text) => ctx.text(text),
                    Err(_) => refuse(CloseCode::InvalidText, ctx),
                },
                Codec::MessagePack => ctx.binary(frame),
            }
        }
    }
}

impl Handler<CloseSocket> for SocketPump {
    type Result = ();

    fn handle(&mut self, CloseSocket(code, reason): CloseSocket, ctx: &mut Self::Context) {
        ctx.close(Some((ws::CloseCode::from(code as u16), reason).into()));
        ctx.stop();
    }
}
