//! Which pages may do what: rules about the `Origin` header.

use actix_web::{HttpRequest, http::header};
pub(crate) use frontdesk_config::normalise_origin as normalise;
use frontdesk_domain::Inbox;

use super::{Code, Problem};
use crate::state::ApiState;

/// The origin that the browser names, unless there is none, more than one, or `null`.
pub(crate) fn origin_of(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(header::ORIGIN);
    let origin = values.next()?.to_str().ok()?;
    (values.next().is_none() && !origin.is_empty() && origin != "null").then_some(origin)
}

/// Whether the page is one of this server.
fn is_own(origin: &str, request: &HttpRequest, state: &ApiState) -> bool {
    let server = &state.settings.server;
    if origin.eq_ignore_ascii_case(&server.public_url()) {
        return true;
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    // Where people come through https, a page that came through http may be anybody's.
    let scheme_fits = match &server.public_url {
        Some(url) if url.starts_with("https://") => scheme.eq_ignore_ascii_case("https"),
        _ => scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"),
    };
    scheme_fits && host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

/// Whether the request comes from a page that agents may work in.
pub(crate) fn may_use_console(request: &HttpRequest, state: &ApiState) -> bool {
    origin_of(request).is_some_and(|origin| {
        let listed = state.settings.server.console_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin));
        listed || is_own(origin, request, state)
    })
}

/// Whether the request comes from a page that may show the widget of `inbox`.
pub(crate) fn may_use_widget(request: &HttpRequest, state: &ApiState, inbox: &Inbox) -> bool {
    origin_of(request).is_some_and(|origin| inbox.allows_origin(origin) || is_own(origin, request, state))
}

/// The same answer for an inbox that does not exist and a page that may not use it.
pub(crate) fn refused() -> Problem {
    Problem::new(Code::ForbiddenOrigin, "pages of this origin may not use this inbox")
}

/// Whether the request comes from a page that may show the widget of some inbox: all that can be said of a preflight,
/// which does not name the inbox.
pub(crate) async fn may_use_some_widget(request: &HttpRequest, state: &ApiState) -> bool {
    let Some(origin) = origin_of(request) else { return false };
    is_own(origin, request, state) || state.widget_origins.contains(origin).await
}
