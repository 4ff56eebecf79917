//! The web framework's sockets, and the one file that knows them.
//!
//! The actor holds no state and no deadline: actix-web does not run it while its peer stops reading. Everything that
//! must happen in time happens in the session.

mod intake;

use std::{any::Any, sync::Arc};

use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Handler, StreamHandler, WrapFuture};
use actix_http::ws::Item;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;
use bytes::Bytes;
use frontdesk_protocol::{
    socket::{CloseCode, Codec},
    websocket::{Assembly, Part, Rules, is_close_code},
};
use uuid::Uuid;

use self::intake::{Gate, Intake};
use super::{rules::rules, upgrade_request::UpgradeRequest};
use crate::session::{Inbound, OpenSessions, Outgoing, SessionActor, SessionOrigin, SocketClosed};

/// The socket's own actor: carries frames in and out, and holds no state but an unfinished fragmented message.
struct ActixSocket {
    id: Uuid,
    sessions: Arc<OpenSessions>,
    /// Until the session starts.
    origin: Option<SessionOrigin>,
    codec: Codec,
    /// Counts against the limits of sockets, until this one is gone.
    _permit: Arc<dyn Any + Send + Sync>,
    session: Option<Addr<SessionActor>>,
    rules: Rules,
    assembly: Assembly,
    /// Shut while the session is busy with a frame.
    gate: Gate,
    /// Whether the last frame was sent: nothing may follow it.
    closing: bool,
}

/// Answers the handshake and starts the socket and its session.
pub(super) fn start(
    sessions: &Arc<OpenSessions>,
    request: &HttpRequest,
    payload: web::Payload,
    upgrade: UpgradeRequest,
) -> Result<HttpResponse, actix_web::Error> {
    let max_frame_bytes = sessions.node().ports().session.max_frame_bytes;
    let (origin, permit) = upgrade.accept(request);
    let codec = origin.codec;
    let (intake, gate) = Intake::new(payload, max_frame_bytes);
    let socket = ActixSocket {
        id: Uuid::now_v7(),
        sessions: Arc::clone(sessions),
        origin: Some(origin),
        codec,
        _permit: permit,
        session: None,
        rules: rules(codec, max_frame_bytes),
        assembly: Assembly::default(),
        gate,
        closing: false,
    };
    ws::WsResponseBuilder::new(socket, request, intake)
        .protocols(&[codec.subprotocol()])
        .frame_size(max_frame_bytes)
        .start()
}

type Context = ws::WebsocketContext<ActixSocket>;

impl ActixSocket {
    fn frame(&self, frame: Bytes, ctx: &mut Context) {
        let Some(session) = &self.session else { return };
        // Nothing more is read from this socket until the session is through with the frame; writing goes on.
        self.gate.shut();
        let taken = session.send(Inbound(frame)).into_actor(self);
        ctx.spawn(taken.map(|sent, socket, ctx: &mut Context| match sent {
            Ok(()) => socket.gate.open(),
            // What it said last came before. If it did not close the socket, it died: the peer comes back and resumes.
            Err(_) => socket.close(CloseCode::Lagging, None, ctx),
        }));
    }

    fn write(&mut self, frames: Vec<Bytes>, ctx: &mut Context) {
        for frame in frames {
            match self.codec {
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

    fn fragment(&mut self, item: Item, ctx: &mut Context) {
        let (part, last, payload) = match item {
            Item::FirstText(payload) => (Part::First { text: true }, false, payload),
            Item::FirstBinary(payload) => (Part::First { text: false }, false, payload),
            Item::Continue(payload) => (Part::Next, false, payload),
            Item::Last(payload) => (Part::Next, true, payload),
        };
        match self.assembly.take(self.rules, part, last, payload) {
            Ok(Some(whole)) => self.frame(whole, ctx),
            Ok(None) => {}
            Err(violation) => self.close(violation.close_code(), None, ctx),
        }
    }

    /// Closes because the peer does.
    fn answer(&mut self, reason: Option<ws::CloseReason>, ctx: &mut Context) {
        let code = reason.map(|reason| u16::from(reason.code));
        if code.is_some_and(|code| !is_close_code(code)) {
            return self.close(CloseCode::Protocol, None, ctx);
        }
        self.closing = true;
        ctx.close(code.map(|code| ws::CloseCode::from(code).into()));
        ctx.stop();
    }

    /// What a peer whose frame failed with `error` is told.
    fn why(&self, error: &ws::ProtocolError) -> CloseCode {
        match (self.gate.violation(), error) {
            (Some(violation), _) => violation.close_code(),
            (None, ws::ProtocolError::Overflow) => CloseCode::TooLarge,
            // The only other error of this kind while the connection stands: a text that is not UTF-8.
            (None, ws::ProtocolError::Io(error)) if error.kind() == std::io::ErrorKind::Other => CloseCode::InvalidText,
            (None, _) => CloseCode::Protocol,
        }
    }

    /// Says why, and ends. The web server goes on reading for a moment, or the peer might find the connection reset
    /// before it has read why.
    fn close(&mut self, code: CloseCode, reason: Option<&str>, ctx: &mut Context) {
        if !std::mem::replace(&mut self.closing, true) {
            let description = reason.map(str::to_owned);
            ctx.close(Some(ws::CloseReason { code: ws::CloseCode::from(code as u16), description }));
            ctx.stop();
        }
    }
}

impl Actor for ActixSocket {
    type Context = Context;

    fn started(&mut self, ctx: &mut Self::Context) {
        let Some(origin) = self.origin.take() else { return };
        let node = Arc::clone(self.sessions.node());
        let session = SessionActor::begin(self.id, node, origin, ctx.address().recipient());
        self.sessions.register(self.id, session.downgrade());
        self.session = Some(session);
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a full mailbox must not hide the end of a socket; one message per socket"
    )]
    fn stopped(&mut self, _: &mut Self::Context) {
        self.sessions.unregister(self.id);
        if let Some(session) = self.session.take() {
            session.do_send(SocketClosed);
        }
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for ActixSocket {
    fn handle(&mut self, item: Result<ws::Message, ws::ProtocolError>, ctx: &mut Self::Context) {
        match item {
            Ok(ws::Message::Close(reason)) => self.answer(reason, ctx),
            Ok(ws::Message::Text(text)) if self.codec == Codec::Json => self.frame(text.into_bytes(), ctx),
            Ok(ws::Message::Binary(bytes)) if self.codec == Codec::MessagePack => self.frame(bytes, ctx),
            Ok(ws::Message::Text(_) | ws::Message::Binary(_)) => self.close(CloseCode::Unsupported, None, ctx),
            Ok(ws::Message::Continuation(item)) => self.fragment(item, ctx),
            Ok(ws::Message::Ping(bytes)) => ctx.pong(&bytes),
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            // There is no peer any more who could be told why.
            Err(_) if self.gate.is_lost() => {
                self.closing = true;
                ctx.stop();
            }
            Err(error) => self.close(self.why(&error), None, ctx),
        }
    }
}

impl Handler<Outgoing> for ActixSocket {
    type Result = ();

    fn handle(&mut self, outgoing: Outgoing, ctx: &mut Self::Context) {
        match outgoing {
            Outgoing::Batch(frames) => self.write(frames, ctx),
            Outgoing::Last { frames, code, reason } => {
                self.write(frames, ctx);
                self.close(code, Some(reason), ctx);
            }
        }
    }
}
