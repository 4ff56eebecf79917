//! Which pages of other origins may read answers (CORS).
//!
//! Pages with a widget may use `/api/v1/widget`, without cookies. A page that a route refused may read why, so that it
//! can say so; an answer that is no refusal is shared with the page that the route admitted. Pages that the settings
//! list as consoles may use the rest, with the refresh cookie. This only decides what browsers show to pages; what is
//! *done* is decided by each route.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
};

use super::refuse;
use crate::{http::origin, state::ApiState};

/// How long a browser may remember a preflight.
const REMEMBER_SECONDS: &str = "600";

/// Pages of any origin. Browsers send no cookies with it.
const ANY: HeaderValue = HeaderValue::from_static("*");

/// Whose page asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Widget,
    Console,
}

pub(crate) async fn cors(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return with_vary(next.call(request).await?.map_into_boxed_body());
    };
    let state = ApiState::of(request.request())?;
    let page = if request.path().starts_with("/api/v1/widget/") {
        Some(Page::Widget)
    } else {
        origin::may_use_console(request.request(), &state).then_some(Page::Console)
    };
    let preflight = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if preflight && request.method() == Method::OPTIONS {
        let Some(page) = page else { return with_vary(refuse(request, &origin::refused())) };
        let mut response = request.into_response(HttpResponse::NoContent().finish());
        // A preflight does not name the inbox: the request that follows is admitted or refused.
        allow(response.headers_mut(), if page == Page::Widget { ANY } else { origin }, page);
        permit_preflight(response.headers_mut(), page);
        return with_vary(response);
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Some(page) = page {
        let refused = page == Page::Widget && !response.status().is_success();
        allow(response.headers_mut(), if refused { ANY } else { origin }, page);
    }
    with_vary(response)
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue, page: Page) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after, x-request-id"));
    if page == Page::Console {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

fn permit_preflight(headers: &mut HeaderMap, page: Page) {
    let methods = if page == Page::Widget { "GET, POST" } else { "GET, POST, PUT, PATCH, DELETE" };
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(REMEMBER_SECONDS));
}

/// Says to caches that the answer depends on who asks, whether it was shared or not.
fn with_vary(mut response: ServiceResponse<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    Ok(response)
}
