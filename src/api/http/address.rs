//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;

use super::network::plain;
use crate::state::ApiState;

/// The address of the client: the peer's, or what a proxy that is trusted by the settings says of it.
///
/// Of `X-Forwarded-For` only the right-most address that is not itself a trusted proxy counts: everything left of it
/// was sent by the client, who may lie.
pub(crate) fn client_address(request: &HttpRequest, state: &ApiState) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| plain(peer.ip()));
    let trusted = |address: &IpAddr| state.settings.server.trusted_proxies.iter().any(|proxy| proxy.contains(*address));
    if !trusted(&peer) {
        if let Some(header) = forwarding_header(request) {
            warn_once(state, peer, header);
        }
        return peer;
    }
    let headers: Vec<_> =
        request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect();
    let mut nearest = peer;
    for hop in headers.iter().rev().flat_map(|value| value.rsplit(',')) {
        match hop_address(hop.trim()) {
            Some(address) if trusted(&address) => nearest = address,
            Some(address) => return address,
            None => return nearest,
        }
    }
    nearest
}

/// Whether the request comes through a proxy that the settings do not name. Then its address stands for many clients.
/// A client can pretend that; it gains nothing but to be counted more generously.
pub(crate) fn is_unnamed_proxy(request: &HttpRequest, state: &ApiState) -> bool {
    let forwarded = forwarding_header(request).is_some();
    let peer = request.peer_addr().map(|peer| plain(peer.ip()));
    forwarded
        && peer.is_some_and(|peer| !state.settings.server.trusted_proxies.iter().any(|proxy| proxy.contains(peer)))
}

fn forwarding_header(request: &HttpRequest) -> Option<&'static str> {
    FORWARDING_HEADERS.into_iter().find(|name| request.headers().contains_key(*name))
}

/// Says once in the life of the process that there is a proxy which the settings do not name. A client could send such
/// a header itself, so one line has to do.
fn warn_once(state: &ApiState, peer: IpAddr, header: &str) {
    state.unnamed_proxy.call_once(|| {
        tracing::warn!(
            peer.address = %peer,
            header,
            "a request was forwarded by a proxy that server.trusted_proxies does not name: all clients behind it count as \
             one address; add its address or network if it is yours"
        );
    });
}

/// Some proxies add the port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(hop, |(address, _)| address);
    let address = bare.parse().or_else(|_| bare.parse::<std::net::SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(plain)
}

/// What proxies say the client's address in.
const FORWARDING_HEADERS: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_are_read_with_and_without_port() {
        let seven: IpAddr = "203.0.113.7".parse().unwrap();
        for hop in ["203.0.113.7", "203.0.113.7:4711", "::ffff:203.0.113.7", "[::ffff:203.0.113.7]:80"] {
            assert_eq!(hop_address(hop), Some(seven), "{hop}");
        }
        for hop in ["", "unknown", "_hidden", "1.2.3", "203.0.113.7, x"] {
            assert_eq!(hop_address(hop), None, "{hop}");
        }
    }
}
