//! Signing in, staying signed in, signing out.

use std::time::Duration;

use actix_web::{cookie::Cookie, http::Method, test::TestRequest};
use frontdesk_domain::Role;
use frontdesk_ports::Agents as _;
use serde_json::json;

use crate::world::{OWN_ORIGIN, PASSWORD, Reply, World, bearer};

const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";
const LOGOUT: &str = "/api/v1/auth/logout";

fn attempt(world: &World, email: &str, password: &str) -> TestRequest {
    world.post(LOGIN, &json!({ "email": email, "password": password }))
}

async fn sign_in(world: &World) -> Reply {
    let reply = world.send(attempt(world, &world.ours.agent.email, PASSWORD)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply
}

async fn refresh(world: &World, cookie: &Cookie<'static>) -> Reply {
    world.send(world.post(REFRESH, &json!({})).cookie(cookie.clone())).await
}

#[actix_web::test]
async fn the_right_password_gives_a_token_that_opens_me_and_a_cookie_that_scripts_cannot_read() {
    let world = World::new().await;
    let reply = world.send(attempt(&world, " Agent@T1.example ", PASSWORD)).await;
    assert_eq!((reply.status.as_u16(), &reply.body["expires_in"]), (200, &json!(900)), "{}", reply.text);
    assert_eq!(reply.body["agent"]["role"], "agent");
    let cookie = reply.cookie("frontdesk_refresh");
    assert_eq!((cookie.http_only(), cookie.secure(), cookie.path()), (Some(true), Some(true), Some("/api/v1/auth")));
    assert_eq!(cookie.same_site().unwrap().to_string(), "Strict");
    assert!(!reply.text.contains(cookie.value()), "the body must not give the cookie away");
    assert_eq!(reply.header("cache-control"), Some("no-store"));

    let token = reply.body["access_token"].as_str().unwrap();
    let me = world.send(world.request(Method::GET, "/api/v1/me").insert_header(bearer(token))).await;
    assert_eq!(me.body, reply.body["agent"]);
}

#[actix_web::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let world = World::new().await;
    let (mut gone, hash) = world.store.agent_by_email("supervisor@t1.example").await.unwrap().unwrap();
    gone.active = false;
    world.store.put_agent(&gone, &hash).await.unwrap();
    let attempts = [
        ("agent@t1.example", "wrong password"),
        ("unknown@t1.example", PASSWORD),
        ("supervisor@t1.example", PASSWORD),
        ("no address at all", PASSWORD),
        ("%' or 1=1 --", PASSWORD),
    ];
    let mut answers = Vec::new();
    for (email, password) in attempts {
        let reply = world.send(attempt(&world, email, password)).await;
        assert_eq!(reply.code(), (401, "wrong_credentials"), "{email}");
        assert!(reply.cookies.is_empty());
        answers.push(reply.text);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

#[actix_web::test]
async fn guessing_is_throttled_per_account_and_per_address_alike_for_accounts_that_do_not_exist() {
    for email in ["agent@t1.example", "unknown@t1.example"] {
        let world = World::new().await;
        for n in 0..10_u8 {
            let from = format!("198.51.100.{n}:1").parse().unwrap();
            let reply = world.send(attempt(&world, email, "wrong password").peer_addr(from)).await;
            assert_eq!(reply.code(), (401, "wrong_credentials"));
        }
        let elsewhere = "198.51.100.200:1".parse().unwrap();
        let refused = world.send(attempt(&world, email, PASSWORD).peer_addr(elsewhere)).await;
        assert_eq!(refused.code(), (429, "rate_limited"), "{email}");
        assert!(refused.body["retry_after_ms"].as_u64().unwrap() > 0 && refused.header("retry-after").is_some());
    }
    let world = World::new().await;
    for n in 0..10 {
        world.send(attempt(&world, &format!("{n}@t1.example"), "wrong password")).await;
    }
    assert_eq!(world.send(attempt(&world, "agent@t1.example", PASSWORD)).await.code().0, 429);
    world.pass(Duration::from_secs(61));
    assert_eq!(world.send(attempt(&world, "agent@t1.example", PASSWORD)).await.status, 200);
}

#[actix_web::test]
async fn strangers_who_guess_do_not_lock_the_owner_of_a_known_device_out() {
    let world = World::new().await;
    let device = sign_in(&world).await.cookie("frontdesk_device");
    for n in 0..20_u8 {
        let from = format!("198.51.100.{n}:1").parse().unwrap();
        world.send(attempt(&world, "agent@t1.example", "wrong password").peer_addr(from)).await;
    }
    assert_eq!(world.send(attempt(&world, "agent@t1.example", PASSWORD)).await.code().0, 429);
    let known = attempt(&world, "agent@t1.example", PASSWORD).cookie(device.clone());
    assert_eq!(world.send(known).await.status, 200);
    let other_account = attempt(&world, "admin@t1.example", "wrong password").cookie(device);
    assert_eq!(world.send(other_account).await.code().0, 401, "the device counts for its own account only");
}

#[actix_web::test]
async fn a_refresh_token_is_good_for_one_exchange_and_reuse_ends_the_log_in() {
    let world = World::new().await;
    let first = sign_in(&world).await.cookie("frontdesk_refresh");
    let answer = refresh(&world, &first).await;
    assert_eq!(answer.status, 200);
    let second = answer.cookie("frontdesk_refresh");
    assert_ne!(first.value(), second.value());
    let token = answer.body["access_token"].as_str().unwrap().to_owned();

    // A lost answer or a second tab: the same exchange again, with the same outcome.
    assert_eq!(refresh(&world, &first).await.cookie("frontdesk_refresh").value(), second.value());

    world.pass(Duration::from_secs(11));
    assert_eq!(refresh(&world, &first).await.code(), (401, "unauthenticated"), "a second holder used it");
    assert_eq!(refresh(&world, &second).await.code(), (401, "unauthenticated"), "so the log-in is ended");
    world.pass(Duration::from_secs(4));
    let me = world.send(world.request(Method::GET, "/api/v1/me").insert_header(bearer(&token))).await;
    assert_eq!(me.code(), (401, "unauthenticated"));
}

#[actix_web::test]
async fn logging_out_ends_cookie_and_token_within_seconds_and_may_be_repeated() {
    let world = World::new().await;
    let signed_in = sign_in(&world).await;
    let cookie = signed_in.cookie("frontdesk_refresh");
    let token = signed_in.body["access_token"].as_str().unwrap();
    let me = || world.request(Method::GET, "/api/v1/me").insert_header(bearer(token));
    assert_eq!(world.send(me()).await.status, 200);
    for _ in 0..2 {
        let out = world.send(world.post(LOGOUT, &json!({})).cookie(cookie.clone())).await;
        assert_eq!(out.status, 204);
        assert_eq!(out.cookie("frontdesk_refresh").max_age().unwrap().whole_seconds(), 0);
    }
    assert_eq!(world.send(world.post(LOGOUT, &json!({}))).await.status, 204);
    assert_eq!(refresh(&world, &cookie).await.code().0, 401);
    world.pass(Duration::from_secs(4));
    assert_eq!(world.send(me()).await.code(), (401, "unauthenticated"));
}

#[actix_web::test]
async fn a_deactivated_agent_and_a_lost_role_take_effect_within_seconds() {
    let world = World::new().await;
    let token = world.token(&world.ours.admin).await;
    let origins = json!({ "origins": [] });
    let path = format!("/api/v1/inboxes/{}", world.ours.inbox.id);
    let administer = || world.request(Method::PATCH, &path).insert_header(bearer(&token)).set_json(&origins);
    assert_eq!(world.send(administer()).await.status, 200);
    let (mut admin, hash) = world.store.agent_by_email("admin@t1.example").await.unwrap().unwrap();
    admin.role = Role::Agent;
    world.store.put_agent(&admin, &hash).await.unwrap();
    world.pass(Duration::from_secs(5));
    assert_eq!(world.send(administer()).await.code(), (403, "forbidden"));
    admin.active = false;
    world.store.put_agent(&admin, &hash).await.unwrap();
    world.pass(Duration::from_secs(5));
    assert_eq!(world.send(administer()).await.code(), (401, "unauthenticated"));
}

#[actix_web::test]
async fn pages_of_other_origins_cannot_use_the_cookie() {
    let world = World::new().await;
    let cookie = sign_in(&world).await.cookie("frontdesk_refresh");
    for path in [LOGIN, REFRESH, LOGOUT] {
        let body = json!({ "email": "agent@t1.example", "password": PASSWORD });
        for origin in ["https://evil.example", "null", "https://desk.example.evil", "http://desk.example", ""] {
            let request = world.post(path, &body).cookie(cookie.clone()).insert_header(("origin", origin));
            let reply = world.send(request).await;
            assert!(matches!(reply.code(), (403, "forbidden_origin") | (400, "invalid")), "{origin}: {}", reply.text);
            assert!(reply.header("access-control-allow-origin").is_none());
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json2"] {
            let request = world.request(Method::POST, path).cookie(cookie.clone());
            let request = request.insert_header(("content-type", kind)).set_payload(body.to_string());
            assert_eq!(world.send(request).await.code(), (415, "unsupported_media"), "{kind}");
        }
        let bare = world.request(Method::POST, path).cookie(cookie.clone());
        assert_eq!(world.send(bare).await.code(), (415, "unsupported_media"));
        let get = world.request(Method::GET, path).cookie(cookie.clone());
        assert_eq!(world.send(get).await.code(), (405, "method_not_allowed"));
    }
    let own = world.post(REFRESH, &json!({})).cookie(cookie).insert_header(("origin", OWN_ORIGIN));
    assert_eq!(world.send(own).await.status, 200, "nothing above ended the log-in");
}

#[actix_web::test]
async fn a_console_at_a_listed_origin_may_sign_in_and_read_the_answer() {
    let world = World::with(|parts| {
        parts.settings.server.console_origins = vec!["https://console.example".to_owned()];
    })
    .await;
    let ask = world.request(Method::OPTIONS, LOGIN).insert_header(("origin", "https://console.example"));
    let preflight = world.send(ask.insert_header(("access-control-request-method", "POST"))).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-credentials"), Some("true"));
    let request = attempt(&world, "agent@t1.example", PASSWORD).insert_header(("origin", "https://console.example"));
    let reply = world.send(request).await;
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://console.example"));
}

#[actix_web::test]
async fn signing_in_says_to_come_back_while_the_database_is_away() {
    let world = World::new().await;
    world.store.set_available(false);
    let reply = world.send(attempt(&world, "agent@t1.example", PASSWORD)).await;
    assert_eq!(reply.code(), (503, "unavailable"));
    assert_eq!(reply.body["retryable"], true);
}
