//! A WebSocket handshake that the application has allowed.

use std::{any::Any, sync::Arc};

use actix_web::HttpRequest;
use frontdesk_ports::TokenAudience;
use frontdesk_protocol::socket::Codec;
use frontdesk_telemetry::TraceContext;

use crate::session::SessionOrigin;

/// How a socket came in. The caller has checked its origin.
#[derive(Debug, Clone)]
pub struct UpgradeRequest {
    /// Which kind of token the first frame must carry.
    pub audience: TokenAudience,
    /// The subprotocol that was agreed.
    pub codec: Codec,
    /// Counts against the limits of sockets; dropped with the socket.
    pub permit: Arc<dyn Any + Send + Sync>,
}

impl UpgradeRequest {
    /// What the session is told of the handshake in `request`, and the permit of the socket.
    pub(super) fn accept(self, request: &HttpRequest) -> (SessionOrigin, Arc<dyn Any + Send + Sync>) {
        let header = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
        let trace = header.and_then(|text| text.parse::<TraceContext>().ok()).map(Box::new);
        (SessionOrigin { audience: self.audience, codec: self.codec, trace }, self.permit)
    }
}
