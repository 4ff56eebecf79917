//! Limits of requests: length of the address, rate of each network, number that wait for the database.

use std::{sync::Arc, time::Duration};

use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
};
use url::Host;

use super::refuse;
use crate::{
    http::{Code, Problem, RateLimitKey, client_address, counted_network},
    state::ApiState,
};

/// Longer than any address that we ever hand out.
const MAX_ADDRESS_BYTES: usize = 4_096;

/// Refuses addresses that are too long, a header `Host` that names no host (RFC 9112, section 3.2), networks above
/// their rate, and requests that would wait for the database while as many wait as `in_hand` allows: with more, all of
/// them would be answered too late. Health checks are never refused for a limit, and sockets have a limit of their own.
pub(crate) async fn admission(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.uri().path_and_query().is_some_and(|address| address.as_str().len() > MAX_ADDRESS_BYTES) {
        return Ok(refuse(request, &Problem::new(Code::AddressTooLong, Code::AddressTooLong.title())));
    }
    if !names_a_host(request.request()) {
        return Ok(refuse(request, &Problem::invalid("the header Host must name a host")));
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

/// Whether the header `Host` is one name or address, with a port or without; programs may leave it out.
fn names_a_host(request: &HttpRequest) -> bool {
    let mut hosts = request.headers().get_all(header::HOST);
    let Some(host) = hosts.next() else { return true };
    let named = host.to_str().ok().and_then(|host| {
        let end = host.rfind(':').filter(|colon| !host[*colon..].contains(']')).unwrap_or(host.len());
        let port = host[end..].trim_start_matches(':');
        let has_port = port.is_empty() || port.parse::<u16>().is_ok_and(|_| port.bytes().all(|it| it.is_ascii_digit()));
        let plain = !host.contains(['@', '%', '/', '?', '#', '\\']);
        (has_port && plain && host.len() <= MAX_HOST_BYTES).then(|| Host::parse(&host[..end]).ok())?
    });
    hosts.next().is_none() && named.is_some()
}

/// What is written into conversations goes to the log, which has bounds of its own and works while the database does
/// not.
fn waits_for_the_database(method: &Method, path: &str) -> bool {
    path.starts_with("/api/v1/") && (method == Method::GET || !path.starts_with("/api/v1/conversations/"))
}

/// The longest name of a host is 253 bytes, and a port comes with it.
const MAX_HOST_BYTES: usize = 261;

/// When to come again.
const LATER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_or_an_address_is_a_host() {
        let names = |hosts: &[&str]| {
            let request = hosts.iter().fold(actix_web::test::TestRequest::get(), |request, host| {
                request.append_header((header::HOST, *host))
            });
            names_a_host(&request.to_http_request())
        };
        assert!(names(&[]));
        for host in ["shop.example", "shop.example:8080", "SHOP.example.", "127.0.0.1:1", "[::1]", "[::1]:8080", "a_b"]
        {
            assert!(names(&[host]), "{host}");
        }
        let long = "a".repeat(9_000);
        for host in
            ["", "a b", "user@evil", "a:b", "a:99999", "a/b", "[::1", "::1", "a:+1", long.as_str(), "a%20b", ":80"]
        {
            assert!(!names(&[host]), "{host:.20}");
        }
        assert!(!names(&["a", "a"]));
    }

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
