//! From an HTTP request to a session.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{actix, takeover::PendingUpgrade, upgrade_request::UpgradeRequest};
use crate::session::OpenSessions;

/// Answers the WebSocket handshake of `request` and starts its session on this thread. If the listener can hand its
/// connection over (see [`crate::listener`]), the session gets a direct socket; otherwise the web framework keeps the
/// connection.
///
/// # Errors
/// The handshake breaks RFC 6455, or this process is about to stop.
pub fn upgrade(
    sessions: &Arc<OpenSessions>,
    request: &HttpRequest,
    payload: web::Payload,
    upgrade: UpgradeRequest,
) -> Result<HttpResponse, actix_web::Error> {
    if sessions.is_draining() {
        return Err(actix_web::error::ErrorServiceUnavailable("restarting"));
    }
    match PendingUpgrade::of(request) {
        Some(pending) => pending.grant(sessions, request, upgrade),
        None => actix::start(sessions, request, payload, upgrade),
    }
}
