//! Joins the API's sockets to this node's actors.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use frontdesk_actors::Node;
use frontdesk_api::{Entrance, Sockets};

/// Sockets served by this process's actors.
pub(crate) struct NodeSockets(pub(crate) Arc<Node>);

impl Sockets for NodeSockets {
    fn upgrade(
        &self,
        request: &HttpRequest,
        payload: web::Payload,
        entrance: Entrance,
    ) -> Result<HttpResponse, actix_web::Error> {
        let Entrance { door, codec, place } = entrance;
        let entrance = frontdesk_actors::Entrance { door, codec, place: Arc::new(place) };
        frontdesk_actors::upgrade(&self.0, request, payload, entrance)
    }
}
