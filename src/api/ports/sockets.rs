//! The port that runs sockets after their handshakes were checked.

use actix_web::{Error, HttpRequest, HttpResponse, web::Payload};
use frontdesk_ports::TokenAudience;
use frontdesk_protocol::socket::Codec;

use crate::http::ConnectionPermit;

/// A socket that may be opened. It is not authenticated yet: the first frame carries the token.
#[derive(Debug)]
pub struct UpgradeRequest {
    /// Through which audience; a token of the other kind is to be refused.
    pub audience: TokenAudience,
    /// How frames are written; the handshake answers with its subprotocol.
    pub codec: Codec,
    /// Counts against the node and the address; to be dropped when the socket is gone.
    pub permit: ConnectionPermit,
}

/// Takes over sockets.
pub trait Sockets: Send + Sync {
    /// Answers the handshake and runs the session.
    ///
    /// # Errors
    /// When the request is not a handshake that can be answered.
    fn upgrade(&self, request: &HttpRequest, payload: Payload, upgrade: UpgradeRequest) -> Result<HttpResponse, Error>;
}
