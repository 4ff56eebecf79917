//! A WebSocket handshake that the application has allowed.

use std::{any::Any, sync::Arc};

use frontdesk_ports::TokenAudience;
use frontdesk_protocol::socket::Codec;

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
