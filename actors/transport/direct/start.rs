//! From a connection to a running socket and its session.

use std::{any::Any, sync::Arc};

use actix::{Actor, AsyncContext};
use bytes::Bytes;
use frontdesk_protocol::websocket::Reader;
use tokio::net::TcpStream;
use uuid::Uuid;

use super::{actor::DirectSocket, poll_loop::PollLoop};
use crate::{
    session::{OpenSessions, SessionActor, SessionOrigin},
    transport::rules::rules,
};

/// Starts the actor of `stream` and its session. `answer` is written first; `early` is what came right behind the
/// request.
pub(in crate::transport) fn start(
    sessions: Arc<OpenSessions>,
    (origin, permit): (SessionOrigin, Arc<dyn Any + Send + Sync>),
    stream: TcpStream,
    answer: Bytes,
    early: &[u8],
) {
    let id = Uuid::now_v7();
    let node = Arc::clone(sessions.node());
    let codec = origin.codec;
    let mut reader = Reader::new(rules(codec, node.ports().session.max_frame_bytes));
    reader.keep(early);
    DirectSocket::create(|ctx| {
        let transport = ctx.address().recipient();
        let session = SessionActor::begin(id, node, origin, transport);
        sessions.register(id, session.downgrade());
        ctx.spawn(PollLoop);
        DirectSocket::new((id, sessions), permit, session, stream, (reader, codec), answer)
    });
}
