//! Console, widget, demo shop, health, and headers that go with everything.

use actix_web::http::Method;
use serde_json::json;

use crate::world::World;

async fn get(world: &World, path: &str) -> crate::world::Reply {
    world.send(world.request(Method::GET, path)).await
}

#[actix_web::test]
async fn the_front_door_leads_to_the_console() {
    let world = World::new().await;
    for path in ["/", "/console"] {
        let reply = get(&world, path).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (302, Some("/console/")));
    }
    let page = get(&world, "/console/").await;
    assert!(page.text.starts_with("<!doctype html>"), "{}", page.text);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!((page.header("x-frame-options"), page.header("cache-control")), (Some("DENY"), Some("no-cache")));
}

#[actix_web::test]
async fn a_file_that_the_browser_holds_is_not_sent_again() {
    let world = World::new().await;
    let first = get(&world, "/console/main.js").await;
    let etag = first.header("etag").unwrap().to_owned();
    assert_eq!(first.header("content-type"), Some("text/javascript; charset=utf-8"));
    for held in [etag.clone(), format!("\"x\", {etag}"), etag.replace("W/", "")] {
        let request = world.request(Method::GET, "/console/main.js").insert_header(("if-none-match", held));
        let again = world.send(request).await;
        assert_eq!((again.status.as_u16(), again.text.len()), (304, 0));
        assert_eq!(again.header("etag"), Some(etag.as_str()));
    }
    let zipped = world.request(Method::GET, "/console/main.js").insert_header(("accept-encoding", "gzip"));
    let zipped = world.send(zipped).await;
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    let head = world.send(world.request(Method::HEAD, "/console/main.js")).await;
    assert_eq!(head.status, 200);
}

#[actix_web::test]
async fn pages_of_others_may_load_the_widget_but_not_the_console() {
    let world = World::new().await;
    for path in ["/widget.js", "/widget/main.js", "/widget/shared/uuidv7.js"] {
        let reply = get(&world, path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("cross-origin"));
    }
    let console = get(&world, "/console/main.js").await;
    assert_eq!(console.header("cross-origin-resource-policy"), Some("same-origin"));
    assert!(console.header("access-control-allow-origin").is_none());
}

#[actix_web::test]
async fn nothing_but_the_embedded_files_can_be_reached() {
    let world = World::new().await;
    for path in [
        "/console/../Cargo.toml",
        "/console/..%2fCargo.toml",
        "/console/%2e%2e/Cargo.toml",
        "/console/....//Cargo.toml",
        "/console//etc/passwd",
        "/console/nothing.js",
        "/widget/%00",
        "/widget/shared/../../console/index.html",
        "/shared/uuidv7.js",
        "/metrics",
        "/admin",
        "/.git/config",
        "/api/v2/me",
        "/api/v1",
        "/problems/nothing",
    ] {
        let reply = get(&world, path).await;
        assert_eq!(reply.code(), (404, "not_found"), "{path}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    }
    let post = world.send(world.request(Method::POST, "/console/main.js")).await;
    assert!(post.status.is_client_error() && post.header("content-type") == Some("application/problem+json"));
}

#[actix_web::test]
async fn the_demo_shop_is_there_only_when_asked_for() {
    let world = World::new().await;
    for path in ["/demo/", "/demo/config.json", "/demo/index.html"] {
        assert_eq!(get(&world, path).await.code(), (404, "not_found"), "{path}");
    }
    let inbox = frontdesk_domain::InboxId(uuid::Uuid::from_u128(5));
    let world = World::with(|parts| parts.demo_inbox = Some(inbox)).await;
    assert_eq!(get(&world, "/demo/config.json").await.body, json!({ "inbox": inbox }));
    assert!(get(&world, "/demo/").await.text.contains("<"));
    assert_eq!(get(&world, "/demo").await.header("location"), Some("/demo/"));
}

#[actix_web::test]
async fn health_says_alive_and_readiness_says_why_not() {
    let world = World::new().await;
    assert_eq!(get(&world, "/healthz").await.text, "ok\n");
    let not_ready = get(&world, "/readyz").await;
    assert_eq!((not_ready.status.as_u16(), &not_ready.body["ready"]), (503, &json!(false)));
    {
        let mut report = world.server.report.lock().unwrap();
        (report.ready, report.degraded) = (true, vec!["database".to_owned()]);
    }
    let ready = get(&world, "/readyz").await;
    assert_eq!((ready.status.as_u16(), &ready.body["degraded"]), (200, &json!(["database"])));
}

#[actix_web::test]
async fn every_answer_says_what_browsers_must_not_do_with_it() {
    let world = World::new().await;
    for path in ["/", "/console/", "/widget.js", "/healthz", "/api/v1/me", "/api/v1/docs", "/nothing", "/ws/console"] {
        let reply = get(&world, path).await;
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert!(reply.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{path}");
        assert!(reply.header("strict-transport-security").is_some(), "people come through https");
        assert_eq!(reply.header("x-request-id").unwrap().len(), 36, "{path}");
        assert!(reply.header("server").is_none() && reply.header("x-powered-by").is_none());
    }
    assert_eq!(get(&world, "/api/v1/me").await.header("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn kinds_of_problems_are_explained_where_their_type_leads() {
    let world = World::new().await;
    let problem = get(&world, "/api/v1/me").await;
    let kind = get(&world, problem.body["type"].as_str().unwrap()).await;
    assert!(kind.status.is_success() && kind.text.contains(problem.body["title"].as_str().unwrap()));
}
