//! Who may open a socket.

use actix_web::{http::Method, test::TestRequest};
use frontdesk_api::Rate;
use frontdesk_ports::TokenAudience;
use frontdesk_protocol::socket::Codec;

use crate::world::{OWN_ORIGIN, SHOP_ORIGIN, World};

fn knock(world: &World, path: &str, origin: Option<&str>) -> TestRequest {
    let request = world.request(Method::GET, path).insert_header(("upgrade", "websocket"));
    let request = request.insert_header(("connection", "upgrade")).insert_header(("sec-websocket-version", "13"));
    let request = request.insert_header(("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="));
    let request = request.insert_header(("sec-websocket-protocol", "other, frontdesk.v1.json"));
    match origin {
        Some(origin) => request.insert_header(("origin", origin)),
        None => request,
    }
}

fn widget(world: &World) -> String {
    format!("/ws/widget?inbox={}", world.ours.inbox.id)
}

#[actix_web::test]
async fn each_door_opens_for_its_own_pages() {
    let world = World::with(|parts| {
        parts.settings.server.console_origins = vec!["https://console.example".parse().unwrap()];
    })
    .await;
    for (path, origin) in [
        ("/ws/console", OWN_ORIGIN),
        ("/ws/console", "https://console.example"),
        (&widget(&world), SHOP_ORIGIN),
        (&widget(&world), OWN_ORIGIN),
    ] {
        assert_eq!(world.send(knock(&world, path, Some(origin))).await.status, 101, "{path} {origin}");
    }
    let inside = world.server.upgrades.lock().unwrap();
    assert_eq!(
        (inside[0].audience, inside[2].audience),
        (TokenAudience::Console, TokenAudience::Widget(world.ours.inbox.id))
    );
    assert_eq!(inside[0].codec, Codec::Json);
}

#[actix_web::test]
async fn a_handshake_with_a_body_or_of_an_older_http_is_refused() {
    let world = World::new().await;
    for (name, value) in [("content-length", "3"), ("transfer-encoding", "chunked")] {
        let request = knock(&world, "/ws/console", Some(OWN_ORIGIN)).insert_header((name, value));
        assert_eq!(world.send(request).await.code(), (400, "invalid"), "{name}");
    }
    let request = knock(&world, "/ws/console", Some(OWN_ORIGIN)).version(actix_web::http::Version::HTTP_10);
    assert_eq!(world.send(request).await.code(), (400, "invalid"));
    let request = knock(&world, "/ws/console", Some(OWN_ORIGIN)).insert_header(("content-length", "0"));
    assert_eq!(world.send(request).await.status, 101, "no body");
}

#[actix_web::test]
async fn pages_of_elsewhere_and_programs_without_an_origin_stay_outside() {
    let world = World::new().await;
    let strangers = [
        None,
        Some("null"),
        Some(""),
        Some("https://evil.example"),
        Some("https://desk.example.evil"),
        Some("https://evildesk.example"),
        Some("http://desk.example"),
        Some("https://desk.example:8443"),
        Some("desk.example"),
        Some("https://other.example"),
    ];
    let absent = format!("/ws/widget?inbox={}", uuid::Uuid::from_u128(7));
    let mut answers = std::collections::BTreeSet::new();
    for origin in strangers {
        for path in ["/ws/console", &widget(&world)] {
            assert_eq!(world.send(knock(&world, path, origin)).await.code(), (403, "forbidden_origin"), "{origin:?}");
        }
        answers.insert(world.send(knock(&world, &widget(&world), origin)).await.text);
        answers.insert(world.send(knock(&world, &absent, origin)).await.text);
    }
    assert_eq!(answers.len(), 1, "an inbox that does not exist looks like one of others");
    assert_eq!(world.send(knock(&world, "/ws/console", Some(SHOP_ORIGIN))).await.code().0, 403);
    let forged = knock(&world, "/ws/console", Some("https://evil.example"));
    let forged =
        forged.insert_header(("x-forwarded-host", "evil.example")).insert_header(("forwarded", "host=evil.example"));
    assert_eq!(world.send(forged).await.code(), (403, "forbidden_origin"));
    assert!(world.server.upgrades.lock().unwrap().is_empty());
}

#[actix_web::test]
async fn the_subprotocol_is_agreed_or_the_socket_refused() {
    let world = World::new().await;
    for (offer, codec) in [
        ("frontdesk.v1.json", Some(Codec::Json)),
        ("frontdesk.v1.msgpack, frontdesk.v1.json", Some(Codec::MessagePack)),
        ("frontdesk.v2.json", None),
        ("FRONTDESK.V1.JSON", None),
        ("", None),
    ] {
        let request = knock(&world, "/ws/console", Some(OWN_ORIGIN)).insert_header(("sec-websocket-protocol", offer));
        let reply = world.send(request).await;
        let agreed = world.server.upgrades.lock().unwrap().pop().map(|upgrade| upgrade.codec);
        assert_eq!(agreed, codec, "{offer}");
        assert_eq!(reply.status.as_u16(), if codec.is_some() { 101 } else { 400 });
    }
    let plain = world.request(Method::GET, "/ws/console").insert_header(("origin", OWN_ORIGIN));
    assert_eq!(world.send(plain).await.code(), (426, "upgrade_required"));
    assert_eq!(world.send(knock(&world, "/ws/widget?inbox=*", Some(SHOP_ORIGIN))).await.code(), (400, "invalid"));
}

#[actix_web::test]
async fn a_handshake_that_is_none_is_refused() {
    let world = World::new().await;
    let console = || knock(&world, "/ws/console", Some(OWN_ORIGIN));
    for version in ["12", "8", "", "13, 8", "013"] {
        let refused = world.send(console().insert_header(("sec-websocket-version", version))).await;
        assert_eq!(refused.code(), (426, "upgrade_required"), "{version:?}");
        assert_eq!(refused.header("sec-websocket-version"), Some("13"));
    }
    let twice = console().append_header(("sec-websocket-version", "13"));
    assert_eq!(world.send(twice).await.code(), (426, "upgrade_required"));
    for key in ["", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j", "!GhlIHNhbXBsZSBub25jZQ=="] {
        let refused = world.send(console().insert_header(("sec-websocket-key", key))).await;
        assert_eq!(refused.code(), (400, "invalid"), "{key:?}");
    }
    let twice = console().append_header(("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="));
    assert_eq!(world.send(twice).await.code(), (400, "invalid"));
    let kept = console().insert_header(("connection", "keep-alive"));
    assert_eq!(world.send(kept).await.code(), (400, "invalid"));
    assert!(world.server.upgrades.lock().unwrap().is_empty());
}

#[actix_web::test]
async fn an_address_has_its_fill_until_one_of_its_sockets_ends() {
    let world = World::with(|parts| parts.settings.session.max_per_address = 2).await;
    let come = || knock(&world, "/ws/console", Some(OWN_ORIGIN));
    assert_eq!(
        (world.send(come()).await.status, world.send(come()).await.status),
        (101.try_into().unwrap(), 101.try_into().unwrap())
    );
    let refused = world.send(come()).await;
    assert_eq!(refused.code(), (429, "rate_limited"));
    assert!(refused.header("retry-after").is_some());
    let elsewhere = come().peer_addr("198.51.100.1:1".parse().unwrap());
    assert_eq!(world.send(elsewhere).await.status, 101);
    world.server.upgrades.lock().unwrap().clear();
    assert_eq!(world.send(come()).await.status, 101);
}

#[actix_web::test]
async fn a_node_has_its_fill_until_one_of_its_sockets_ends() {
    let world = World::with(|parts| parts.settings.session.max_open = 2).await;
    let console = || knock(&world, "/ws/console", Some(OWN_ORIGIN));
    let widget = || knock(&world, &widget(&world), Some(SHOP_ORIGIN));
    assert_eq!(world.send(console()).await.status, 101);
    assert_eq!(world.send(widget()).await.status, 101);
    let mut times = std::collections::BTreeSet::new();
    for request in [console(), widget(), widget(), widget(), widget()] {
        let refused = world.send(request.peer_addr("198.51.100.1:1".parse().unwrap())).await;
        assert_eq!((refused.code(), &refused.body["retryable"]), ((503, "overloaded"), &true.into()));
        let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((5..=15).contains(&seconds), "{seconds}");
        times.insert(refused.body["retry_after_ms"].as_u64());
    }
    assert!(times.len() > 1, "not all come back at once: {times:?}");
    world.server.upgrades.lock().unwrap().pop();
    assert_eq!(world.send(console()).await.status, 101);
}

#[actix_web::test]
async fn a_storm_of_handshakes_is_told_to_wait() {
    let world = World::with(|parts| parts.settings.limits.upgrades = Rate { per_second: 1, burst: 3 }).await;
    for _ in 0..3 {
        assert_eq!(world.send(knock(&world, "/ws/console", Some(OWN_ORIGIN))).await.status, 101);
    }
    let refused = world.send(knock(&world, "/ws/console", Some(OWN_ORIGIN))).await;
    assert_eq!((refused.code(), &refused.body["retry_after_ms"]), ((429, "rate_limited"), &1_000.into()));
}

#[actix_web::test]
async fn a_node_that_goes_away_takes_no_sockets() {
    let world = World::new().await;
    *world.server.draining.lock().unwrap() = true;
    let refused = world.send(knock(&world, "/ws/console", Some(OWN_ORIGIN))).await;
    assert_eq!((refused.code(), &refused.body["retryable"]), ((503, "draining"), &true.into()));
}

#[actix_web::test]
async fn a_known_inbox_opens_while_the_database_is_away() {
    let world = World::new().await;
    assert_eq!(world.send(knock(&world, &widget(&world), Some(SHOP_ORIGIN))).await.status, 101);
    world.store.set_available(false);
    world.pass(std::time::Duration::from_secs(60));
    assert_eq!(world.send(knock(&world, &widget(&world), Some(SHOP_ORIGIN))).await.status, 101);
}
