//! Requests that are turned away before anything is done for them.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};

use super::refuse;
use crate::{
    address::{client_address, counted_network},
    buckets::Whose,
    problem::{Code, Problem},
    state::ApiState,
};

/// Longer than any address that we ever hand out.
const MAX_ADDRESS_BYTES: usize = 4_096;

/// Refuses addresses that are too long, and networks that ask too much. Health checks are never refused, and sockets have a
/// limit of their own.
pub(crate) async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.uri().path_and_query().is_some_and(|address| address.as_str().len() > MAX_ADDRESS_BYTES) {
        return Ok(refuse(request, &Problem::new(Code::AddressTooLong, Code::AddressTooLong.title())));
    }
    if !matches!(request.path(), "/healthz" | "/readyz") && !request.path().starts_with("/ws/") {
        let state = ApiState::of(request.request())?;
        if let Some(network) = counted_network(client_address(request.request(), &state))
            && let Err(wait) = state.requests.take(Whose::Network(network), state.clock.monotonic())
        {
            return Ok(refuse(request, &Problem::rate_limited(wait)));
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}
