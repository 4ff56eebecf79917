//! What carries a session's frames. Two of them stand side by side, behind the same two messages:
//!
//! - [`framed`]: the web framework's sockets, on any connection that the framework serves.
//! - [`taken`]: a socket taken over from the web framework after its handshake, for a tenth of the memory.

mod framed;
mod seat;
mod taken;

use std::sync::Arc;

use actix::{Addr, MailboxError, Message};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use frontdesk_protocol::{
    socket::{CloseCode, Codec},
    websocket::Rules,
};
use futures_util::future::Either;

use self::framed::FramedSocket;
pub(super) use self::taken::TakenSocket;
use super::upgrade::Entrance;
use crate::node::Node;

pub(crate) use seat::{Arrival, Seat};

/// Writes frames to the socket. Answered only when there is room again: that is the credit for the next.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Transmit(Vec<Bytes>);

/// Closes the socket.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct CloseSocket(CloseCode, &'static str);

/// The actor that has the socket of a session.
pub(super) enum Pump {
    /// Boxed: what the framework keeps for each of these is much more.
    Framed(Box<Addr<FramedSocket>>),
    Taken(Addr<TakenSocket>),
}

/// Answers the handshake and starts the session, here or as soon as the connection is handed over.
pub(super) fn start(
    node: &Arc<Node>,
    request: &HttpRequest,
    payload: web::Payload,
    entrance: Entrance,
) -> Result<HttpResponse, actix_web::Error> {
    match Seat::of(request) {
        Some(seat) => seat.take(node, request, entrance),
        None => framed::start(node, request, payload, entrance),
    }
}

impl Pump {
    /// Writes `batch`; ends when there is room for the next.
    pub(super) fn transmit(&self, batch: Vec<Bytes>) -> impl Future<Output = Result<(), MailboxError>> + use<> {
        match self {
            Self::Framed(socket) => Either::Left(socket.send(Transmit(batch))),
            Self::Taken(socket) => Either::Right(socket.send(Transmit(batch))),
        }
    }

    /// Writes `last`, then closes.
    pub(super) fn finish(&self, last: Vec<Bytes>, code: CloseCode, reason: &'static str) {
        // Never full: besides these two, one batch at most is on its way.
        match self {
            Self::Framed(socket) => {
                let _gone = socket.try_send(Transmit(last));
                let _gone = socket.try_send(CloseSocket(code, reason));
            }
            Self::Taken(socket) => {
                let _gone = socket.try_send(Transmit(last));
                let _gone = socket.try_send(CloseSocket(code, reason));
            }
        }
    }
}

fn rules(codec: Codec, most_bytes: usize) -> Rules {
    Rules { text: codec == Codec::Json, most_bytes }
}
