//! `/ws/console` and `/ws/widget`: checks of the handshake. [`Sockets`](crate::Sockets) runs the socket.

use std::time::Duration;

use actix_web::{
    Error, HttpRequest, HttpResponse, get,
    http::{
        Version,
        header::{self, HeaderValue},
    },
    web::{Payload, ServiceConfig},
};
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use frontdesk_domain::InboxId;
use frontdesk_ports::TokenAudience;
use frontdesk_protocol::socket::Codec;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    http::{Code, Problem, QueryParams, RateLimitKey, client_address, counted_network, origin},
    ports::UpgradeRequest,
    state::ApiState,
};

/// Where agents' sockets are.
pub const CONSOLE_SOCKET: &str = "/ws/console";

/// Where contacts' sockets are.
pub const WIDGET_SOCKET: &str = "/ws/widget";

#[get("/ws/console")]
async fn console(request: HttpRequest, state: ApiState, payload: Payload) -> Result<HttpResponse, Error> {
    let codec = handshake(&request, &state)?;
    if !origin::may_use_console(&request, &state) {
        return Err(Problem::new(Code::ForbiddenOrigin, Code::ForbiddenOrigin.title()).into());
    }
    open(&request, &state, payload, TokenAudience::Console, codec)
}

/// The inbox whose widget connects.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WidgetQuery {
    inbox: Uuid,
}

#[get("/ws/widget")]
async fn widget(
    request: HttpRequest,
    state: ApiState,
    query: QueryParams<WidgetQuery>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let codec = handshake(&request, &state)?;
    let inbox = state.inbox(InboxId(query.0.inbox)).await.map_err(Problem::from)?;
    let admitted = inbox.filter(|inbox| origin::may_use_widget(&request, &state, inbox));
    let inbox = admitted.ok_or_else(origin::refused)?.id;
    open(&request, &state, payload, TokenAudience::Widget(inbox), codec)
}

/// What can be said without asking the database.
fn handshake(request: &HttpRequest, state: &ApiState) -> Result<Codec, Problem> {
    let upgrade = request.headers().get(header::UPGRADE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !upgrade.eq_ignore_ascii_case("websocket") {
        return Err(Problem::new(Code::UpgradeRequired, Code::UpgradeRequired.title()));
    }
    if state.readiness.draining() {
        return Err(
            Problem::new(Code::Draining, "this node is going away; connect again").after(Duration::from_secs(1))
        );
    }
    if let Some(network) = counted_network(client_address(request, state)) {
        state.upgrades.take(RateLimitKey::Network(network)).map_err(Problem::rate_limited)?;
    }
    verify(request)?;
    let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).filter_map(|value| value.to_str().ok());
    let mut offered = offered.flat_map(|value| value.split(',')).map(str::trim);
    let codec = offered.find_map(|name| Codec::ALL.into_iter().find(|codec| codec.subprotocol() == name));
    let names = Codec::ALL.map(Codec::subprotocol).join(" or ");
    codec.ok_or_else(|| Problem::invalid(format!("offer the subprotocol {names}")))
}

/// The rest of what RFC 6455 asks of a handshake (section 4.2.1).
fn verify(request: &HttpRequest) -> Result<(), Problem> {
    let only = |name| {
        let mut values = request.headers().get_all(name);
        values.next().filter(|_| values.next().is_none()).map(HeaderValue::as_bytes)
    };
    if request.version() < Version::HTTP_11 {
        return Err(Problem::invalid("a handshake needs HTTP/1.1"));
    }
    // It would be read as frames, while a proxy that believes the length passes on others.
    let length = request.headers().get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    if length || request.headers().contains_key(header::TRANSFER_ENCODING) {
        return Err(Problem::invalid("a handshake has no body"));
    }
    if !request.head().upgrade() {
        return Err(Problem::invalid("the header Connection must say upgrade"));
    }
    if only(header::SEC_WEBSOCKET_VERSION) != Some(b"13") {
        return Err(Problem::new(Code::UpgradeRequired, "this address speaks version 13 of the WebSocket protocol"));
    }
    let key = only(header::SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24).and_then(|key| BASE64.decode(key).ok());
    match key {
        Some(nonce) if nonce.len() == 16 => Ok(()),
        _ => Err(Problem::invalid("the header Sec-WebSocket-Key must be 16 bytes in base64")),
    }
}

fn open(
    request: &HttpRequest,
    state: &ApiState,
    payload: Payload,
    audience: TokenAudience,
    codec: Codec,
) -> Result<HttpResponse, Error> {
    let permit = state.connections.take(client_address(request, state), audience).map_err(Problem::from)?;
    state.sockets.upgrade(request, payload, UpgradeRequest { audience, codec, permit })
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(console).service(widget);
}
