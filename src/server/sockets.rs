//! Joins the API's sockets to this node's actors.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use frontdesk_actors::OpenSessions;
use frontdesk_api::{Sockets, UpgradeRequest};

/// Sockets served by the sessions of this process.
pub(crate) struct NodeSockets(pub(crate) Arc<OpenSessions>);

impl Sockets for NodeSockets {
    fn upgrade(
        &self,
        request: &HttpRequest,
        payload: web::Payload,
        upgrade: UpgradeRequest,
    ) -> Result<HttpResponse, actix_web::Error> {
        let UpgradeRequest { audience, codec, permit } = upgrade;
        let upgrade = frontdesk_actors::UpgradeRequest { audience, codec, permit: Arc::new(permit) };
        frontdesk_actors::upgrade(&self.0, request, payload, upgrade)
    }
}
