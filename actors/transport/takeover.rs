//! How a handshake that the application has granted reaches the listener, which owns the connection.

use std::{any::Any, cell::RefCell, rc::Rc, sync::Arc};

use actix_http::ws::{handshake_response, verify_handshake};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL},
};
use bytes::Bytes;
use tokio::net::TcpStream;

use super::{direct, upgrade_request::UpgradeRequest};
use crate::session::{OpenSessions, SessionOrigin};

/// Put into a request whose connection can be taken over; filled when the application grants a session.
#[derive(Clone, Default)]
pub(crate) struct PendingUpgrade(Rc<RefCell<Option<GrantedUpgrade>>>);

/// A session that begins when its connection is handed over.
pub(crate) struct GrantedUpgrade {
    sessions: Arc<OpenSessions>,
    origin: SessionOrigin,
    permit: Arc<dyn Any + Send + Sync>,
}

impl PendingUpgrade {
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// What was granted, if anything.
    pub(crate) fn take_granted(&self) -> Option<GrantedUpgrade> {
        self.0.take()
    }

    /// Answers the handshake of `request`; the session starts when the answer is about to be written.
    pub(super) fn grant(
        &self,
        sessions: &Arc<OpenSessions>,
        request: &HttpRequest,
        upgrade: UpgradeRequest,
    ) -> Result<HttpResponse, actix_web::Error> {
        verify_handshake(request.head())?;
        let mut response = HttpResponse::from(handshake_response(request.head()).finish()).map_into_boxed_body();
        let protocol = HeaderValue::from_static(upgrade.codec.subprotocol());
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol);
        let (origin, permit) = upgrade.accept(request);
        self.0.replace(Some(GrantedUpgrade { sessions: Arc::clone(sessions), origin, permit }));
        Ok(response)
    }
}

impl GrantedUpgrade {
    /// Starts the session on `stream`: `answer` is written first, `early` is what came right behind the request.
    pub(crate) fn begin(self, stream: TcpStream, answer: Bytes, early: &[u8]) {
        direct::start(self.sessions, (self.origin, self.permit), stream, answer, early);
    }
}
