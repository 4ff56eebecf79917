//! Limits of requests: length of the address, rate of each network, number that wait for the database.

use std::{sync::Arc, time::Duration};

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
};

use super::refuse;
use crate::{
    http::{Code, Problem, RateLimitKey, client_address, counted_network},
    state::ApiState,
};

/// Longer than any address that we ever hand out.
const MAX_ADDRESS_BYTES: usize = 4_096;

/// Refuses addresses that are too long, networks above their rate, and requests that would wait for the database while
/// as many wait as `in_hand` allows: with more, all of them would be answered too late. Health checks are never
/// refused, and sockets have a limit of their own.
pub(crate) async fn admission(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.uri().path_and_query().is_some_and(|address| address.as_str().len() > MAX_ADDRESS_BYTES) {
        return Ok(refuse(request, &Problem::new(Code::AddressTooLong, Code::AddressTooLong.title())));
    }
    let state = ApiState::of(request.request())?;
    if !matches!(request.path(), "/healthz" | "/readyz")
        && !request.path().starts_with("/ws/")
        && let Some(network) = counted_network(client_address(request.request(), &state))
        && let Err(wait) = state.requests.take(RateLimitKey::Network(network))
    {
        return Ok(refuse(request, &Problem::rate_limited(wait)));
    }
    let mut _place = None;
    if waits_for_the_database(request.method(), request.path()) {
        let Ok(free) = Arc::clone(&state.in_hand).try_acquire_owned() else {
            metrics::counter!("desk_requests_shed_total").increment(1);
            let problem = Problem::new(Code::Overloaded, "the desk has as many requests in hand as it takes");
            return Ok(refuse(request, &problem.after(LATER)));
        };
        _place = Some(free);
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// What is written into conversations goes to the log, which has bounds of its own and works while the database does
/// not.
fn waits_for_the_database(method: &Method, path: &str) -> bool {
    path.starts_with("/api/v1/") && (method == Method::GET || !path.starts_with("/api/v1/conversations/"))
}

/// When to come again.
const LATER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_while_readers_wait() {
        let waits = |method, path: &str| waits_for_the_database(&method, path);
        assert!(
            waits(Method::GET, "/api/v1/conversations/0/messages") && waits(Method::POST, "/api/v1/widget/session")
        );
        assert!(!waits(Method::POST, "/api/v1/conversations/0/messages"));
        assert!(
            !waits(Method::GET, "/readyz") && !waits(Method::GET, "/ws/console") && !waits(Method::GET, "/widget.js")
        );
    }
}
