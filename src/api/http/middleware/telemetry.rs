//! Request id, span, count and duration of every request. Never a body, an address or a token.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{HeaderName, HeaderValue},
    },
    middleware::Next,
};
use frontdesk_telemetry::TraceContext;
use tracing::Instrument;
use uuid::Uuid;

use crate::state::ApiState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// W3C trace context: the caller's trace, which the request becomes part of.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

pub(crate) async fn telemetry<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let state = ApiState::of(request.request())?;
    let begun = state.clock.monotonic();
    let id = Uuid::new_v4().to_string();
    let method = method_name(request.method());
    let span = tracing::info_span!("http", request.id = %id, http.method = method);
    let traceparent = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
    frontdesk_telemetry::join(&span, TraceContext::of_header(traceparent));
    let mut response = next.call(request).instrument(span.clone()).await?;
    let took = state.clock.monotonic().saturating_sub(begun);
    // The pattern, not the path: labels must stay few, and a path may name a person.
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status();
    span.in_scope(|| {
        let duration_ms = took.as_secs_f64() * 1_000.0;
        tracing::debug!(http.route = route, http.status = status.as_u16(), duration_ms, "a request was answered");
    });
    let counted = [("route", route.clone()), ("method", method.to_owned()), ("status", status.as_str().to_owned())];
    metrics::counter!("desk_http_requests_total", &counted).increment(1);
    metrics::histogram!("desk_http_request_seconds", "route" => route, "method" => method).record(took.as_secs_f64());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    Ok(response)
}

/// Methods are whatever a client writes; only those we know become labels.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
