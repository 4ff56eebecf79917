//! From an HTTP request to a session.

use std::{any::Any, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, web};
use frontdesk_ports::Door;
use frontdesk_protocol::socket::Codec;

use super::transport;
use crate::node::Node;

/// How a socket came in. The caller has checked its origin.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// Through which door; tokens of the other kind are refused.
    pub door: Door,
    /// The subprotocol that was agreed.
    pub codec: Codec,
    /// Counts against whatever bounds sockets; dropped with the socket.
    pub place: Arc<dyn Any + Send + Sync>,
}

/// Answers the WebSocket handshake of `request` and starts its session on this thread. If the listener can hand its connection
/// over (see [`crate::listener`]), the session gets the socket itself; otherwise it goes by the web framework.
///
/// # Errors
/// The handshake is not one of RFC 6455, or this node is about to stop.
pub fn upgrade(
    node: &Arc<Node>,
    request: &HttpRequest,
    payload: web::Payload,
    entrance: Entrance,
) -> Result<HttpResponse, actix_web::Error> {
    if node.is_draining() {
        return Err(actix_web::error::ErrorServiceUnavailable("restarting"));
    }
    transport::start(node, request, payload, entrance)
}
