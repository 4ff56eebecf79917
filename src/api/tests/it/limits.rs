//! Rates, sizes, and whose address counts.

use std::time::Duration;

use actix_web::{http::Method, test::TestRequest};
use frontdesk_api::Rate;
use serde_json::json;

use crate::world::{World, bearer};

const PROXY: &str = "192.0.2.1:443";

async fn world(burst: u32) -> World {
    World::with(|parts| {
        parts.settings.limits.requests = Rate { per_second: 1, burst };
        parts.settings.server.trusted_proxies =
            vec!["192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap(), "10.1.0.0/16".parse().unwrap()];
    })
    .await
}

fn via(world: &World, peer: &str, forwarded: &[&str]) -> TestRequest {
    let request = world.request(Method::GET, "/api/v1/me").peer_addr(peer.parse().unwrap());
    forwarded.iter().fold(request, |request, value| request.append_header(("x-forwarded-for", *value)))
}

#[actix_web::test]
async fn an_address_that_asks_too_much_is_told_how_long_to_wait() {
    let world = world(3).await;
    let ask = || world.request(Method::GET, "/api/v1/me");
    for _ in 0..3 {
        assert_eq!(world.send(ask()).await.code().0, 401);
    }
    let refused = world.send(ask()).await;
    assert_eq!((refused.code(), refused.header("retry-after")), ((429, "rate_limited"), Some("1")));
    assert_eq!(world.send(world.request(Method::GET, "/healthz")).await.status, 200, "health is always told");
    assert_eq!(world.send(ask().peer_addr("198.51.100.1:1".parse().unwrap())).await.code().0, 401);
    world.pass(Duration::from_secs(1));
    assert_eq!(world.send(ask()).await.code().0, 401);
}

#[actix_web::test]
async fn forwarded_addresses_count_only_from_a_listed_proxy_and_only_the_last_hop() {
    let world = world(1).await;
    assert_eq!(world.send(via(&world, "203.0.113.1:1", &["1.1.1.1"])).await.code().0, 401);
    assert_eq!(world.send(via(&world, "203.0.113.1:1", &["2.2.2.2"])).await.code().0, 429, "no proxy of ours");

    assert_eq!(world.send(via(&world, PROXY, &["9.9.9.9, 203.0.113.2"])).await.code().0, 401);
    assert_eq!(world.send(via(&world, PROXY, &["8.8.8.8, 203.0.113.2"])).await.code().0, 429, "the left is anybody's");
    assert_eq!(world.send(via(&world, PROXY, &["7.7.7.7", "203.0.113.2:99, 192.0.2.2"])).await.code().0, 429);
    assert_eq!(world.send(via(&world, PROXY, &["203.0.113.3"])).await.code().0, 401);
    assert_eq!(world.send(via(&world, PROXY, &["203.0.113.3, rubbish"])).await.code().0, 401, "the proxy itself");
    assert_eq!(world.send(via(&world, PROXY, &[])).await.code().0, 429);

    let inside = "10.1.200.3:443";
    assert_eq!(world.send(via(&world, inside, &["203.0.113.4, 10.1.0.9"])).await.code().0, 401, "a network of proxies");
    assert_eq!(world.send(via(&world, inside, &["6.6.6.6, 203.0.113.4"])).await.code().0, 429);
    assert_eq!(world.send(via(&world, "10.2.0.1:443", &["5.5.5.5"])).await.code().0, 401);
    assert_eq!(world.send(via(&world, "10.2.0.1:443", &["4.4.4.4"])).await.code().0, 429, "beside the network");
}

#[actix_web::test]
async fn everybody_behind_a_local_proxy_that_is_not_listed_does_not_share_one_rate() {
    let world = world(1).await;
    for _ in 0..5 {
        assert_eq!(world.send(via(&world, "127.0.0.1:5", &["1.1.1.1"])).await.code().0, 401);
        assert_eq!(world.send(via(&world, "[::1]:5", &[])).await.code().0, 401);
    }
}

#[actix_web::test]
async fn whoever_comes_while_too_many_wait_is_told_to_come_again_and_people_write_on() {
    let world = World::with(|parts| parts.settings.limits.in_hand = 0).await;
    let refused = world.send(world.request(Method::GET, "/api/v1/me")).await;
    assert_eq!((refused.code(), refused.header("retry-after")), ((503, "overloaded"), Some("1")));
    let address = format!("/api/v1/conversations/{}/messages", uuid::Uuid::now_v7());
    assert_eq!(
        world.send(world.post(&address, &json!({}))).await.code().0,
        401,
        "it got as far as to be asked who it is"
    );
    assert_eq!(world.send(world.request(Method::GET, "/healthz")).await.status, 200);
    assert_eq!(world.send(world.request(Method::GET, "/widget.js")).await.status, 200);
}

#[actix_web::test]
async fn an_answered_request_makes_room_for_the_next() {
    let world = World::with(|parts| parts.settings.limits.in_hand = 1).await;
    for _ in 0..3 {
        assert_eq!(world.send(world.request(Method::GET, "/api/v1/me")).await.code().0, 401);
    }
}

#[actix_web::test]
async fn what_is_too_large_or_too_long_is_refused() {
    let world = World::new().await;
    let token = world.token(&world.ours.owner).await;
    let large = json!({ "name": "x".repeat(70_000) });
    let reply = world.send(world.post("/api/v1/agents", &large).insert_header(bearer(&token))).await;
    assert_eq!(reply.code(), (413, "too_large"));
    let long = format!("/api/v1/contacts?text={}", "x".repeat(5_000));
    assert_eq!(world.send(world.request(Method::GET, &long)).await.code(), (414, "address_too_long"));
}
