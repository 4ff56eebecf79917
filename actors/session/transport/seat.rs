//! How a handshake that the application has granted reaches whoever takes the connection over.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use actix_http::ws::{handshake_response, verify_handshake};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL},
};
use bytes::Bytes;
use tokio::net::TcpStream;

use super::taken;
use crate::{node::Node, session::Entrance};

/// Put into a request whose connection can be taken over. If a session is granted, it waits here until the handshake is written.
#[derive(Clone, Default)]
pub(crate) struct Seat(Rc<RefCell<Option<Arrival>>>);

/// A session that begins when its connection is handed over.
pub(crate) struct Arrival {
    node: Arc<Node>,
    entrance: Entrance,
}

impl Seat {
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// Who has been let in, if anybody.
    pub(crate) fn taken(&self) -> Option<Arrival> {
        self.0.take()
    }

    /// Answers the handshake of `request`; the rest follows when the answer is on its way.
    pub(super) fn take(
        &self,
        node: &Arc<Node>,
        request: &HttpRequest,
        entrance: Entrance,
    ) -> Result<HttpResponse, actix_web::Error> {
        verify_handshake(request.head())?;
        let mut response = HttpResponse::from(handshake_response(request.head()).finish()).map_into_boxed_body();
        let protocol = HeaderValue::from_static(entrance.codec.subprotocol());
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol);
        self.0.replace(Some(Arrival { node: Arc::clone(node), entrance }));
        Ok(response)
    }
}

impl Arrival {
    /// Starts the session on `stream`: `answer` is written first, `early` is what came right behind the request.
    pub(crate) fn begin(self, stream: TcpStream, answer: Bytes, early: &[u8]) {
        taken::start(self.node, self.entrance, stream, answer, early);
    }
}
