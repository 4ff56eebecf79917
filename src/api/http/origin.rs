//! Which pages may do what: rules about the `Origin` header.

use actix_web::{HttpRequest, http::header};
use frontdesk_domain::{Inbox, Origin};

use super::{Code, Problem};
use crate::state::ApiState;

/// The origin that the browser names, unless there is none, more than one, or `null`.
pub(crate) fn origin_of(request: &HttpRequest) -> Option<Origin> {
    let mut values = request.headers().get_all(header::ORIGIN);
    let origin = values.next()?.to_str().ok()?;
    if values.next().is_some() { None } else { origin.parse().ok() }
}

/// Whether the page is one of this server.
fn is_own(origin: &Origin, request: &HttpRequest, state: &ApiState) -> bool {
    let server = &state.settings.server;
    if origin.as_str() == server.public_url() {
        return true;
    }
    // Where people come through https, a page that came through http may be anybody's.
    if server.public_url.as_ref().is_some_and(Origin::is_secure) && !origin.is_secure() {
        return false;
    }
    let scheme = if origin.is_secure() { "https" } else { "http" };
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let asked = host.and_then(|host| format!("{scheme}://{host}").parse::<Origin>().ok());
    asked.is_some_and(|asked| asked == *origin)
}

/// Whether the request comes from a page that agents may work in.
pub(crate) fn may_use_console(request: &HttpRequest, state: &ApiState) -> bool {
    origin_of(request).is_some_and(|origin| {
        state.settings.server.console_origins.contains(&origin) || is_own(&origin, request, state)
    })
}

/// Whether the request comes from a page that may show the widget of `inbox`.
pub(crate) fn may_use_widget(request: &HttpRequest, state: &ApiState, inbox: &Inbox) -> bool {
    origin_of(request).is_some_and(|origin| inbox.allows_origin(&origin) || is_own(&origin, request, state))
}

/// The same answer for an inbox that does not exist and a page that may not use it.
pub(crate) fn refused() -> Problem {
    Problem::new(Code::ForbiddenOrigin, "pages of this origin may not use this inbox")
}
