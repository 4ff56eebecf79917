//! Turns every error that is not JSON yet into a problem (RFC 9457), such as those of the framework.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::ResponseError,
    http::header,
    middleware::Next,
};

use crate::http::Problem;

pub(crate) async fn problem_responses(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let said = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !(status.is_client_error() || status.is_server_error()) || said.contains("json") {
        return Ok(response);
    }
    let (request, mut failed) = response.into_parts();
    let mut response = ServiceResponse::new(request, Problem::of_status(status).error_response());
    if let Some(methods) = failed.headers_mut().remove(header::ALLOW).next() {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    Ok(response)
}
