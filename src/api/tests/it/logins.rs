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
async fn right_log_ins_never_throttle_an_office_or_those_behind_one_proxy() {
    let world = World::new().await;
    let people = ["owner", "admin", "supervisor", "agent"].map(|name| format!("{name}@t1.example"));
    for round in 0..6 {
        let all = people.iter().map(|email| world.send(attempt(&world, email, PASSWORD)));
        for reply in futures_util::future::join_all(all).await {
            assert_eq!(reply.status, 200, "round {round}: {}", reply.text);
        }
    }
    for _ in 0..15 {
        assert_eq!(world.send(attempt(&world, "agent@t1.example", PASSWORD)).await.status, 200, "of one account too");
    }
    // Colleagues who mistype, and a stranger who guesses, come from the same address.
    let device = sign_in(&world).await.cookie("frontdesk_device");
    for n in 0..10 {
        world.send(attempt(&world, &format!("{n}@t1.example"), "wrong password")).await;
    }
    assert_eq!(world.send(attempt(&world, "agent@t1.example", PASSWORD)).await.code().0, 429);
    let known = attempt(&world, "agent@t1.example", PASSWORD).cookie(device);
    assert_eq!(world.send(known).await.status, 200, "a device that signed in before does not pay for others");
}

#[actix_web::test]
async fn a_proxy_that_the_settings_do_not_name_does_not_make_everybody_one() {
    let world = World::new().await;
    let through_a_proxy = |email: &str, password: &str| {
        attempt(&world, email, password).insert_header(("x-forwarded-for", "198.51.100.7"))
    };
    for n in 0..30 {
        let reply = world.send(through_a_proxy(&format!("{n}@t1.example"), "wrong password")).await;
        assert_eq!(reply.code(), (401, "wrong_credentials"));
    }
    assert_eq!(world.send(through_a_proxy("agent@t1.example", PASSWORD)).await.status, 200);
    for n in 30..200 {
        world.send(through_a_proxy(&format!("{n}@t1.example"), "wrong password")).await;
    }
    let refused = world.send(through_a_proxy("admin@t1.example", PASSWORD)).await;
    assert_eq!(refused.code(), (429, "rate_limited"), "but there is an end to it");

    let world = World::new().await;
    let local =
        |email: &str, password: &str| attempt(&world, email, password).peer_addr("127.0.0.1:4711".parse().unwrap());
    for n in 0..30 {
        world.send(local(&format!("{n}@t1.example"), "wrong password")).await;
    }
    assert_eq!(world.send(local("agent@t1.example", PASSWORD)).await.status, 200, "a proxy on this machine");
}

#[actix_web::test]
async fn many_guesses_at_once_do_not_pass_together() {
    let world = World::new().await;
    let guess = |n: u8| {
        let from = format!("198.51.100.{n}:1").parse().unwrap();
        world.send(attempt(&world, "agent@t1.example", "wrong password").peer_addr(from))
    };
    let replies = futures_util::future::join_all((0..30).map(guess)).await;
    let checked = replies.iter().filter(|reply| reply.status == 401).count();
    assert_eq!(checked, 10, "the quota, and not what is checked at the same time");
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
async fn a_renewal_whose_answer_was_lost_can_be_repeated_on_any_node_until_the_newer_token_was_used() {
    let world = World::new().await;
    let first = sign_in(&world).await.cookie("frontdesk_refresh");
    let answer = refresh(&world, &first).await;
    assert_eq!(answer.status, 200);
    let second = answer.cookie("frontdesk_refresh");
    assert_ne!(first.value(), second.value());
    let token = answer.body["access_token"].as_str().unwrap().to_owned();

    // The answer is lost: with a lid that shuts, the next attempt may come hours later, and to another node.
    world.pass(Duration::from_secs(8 * 3_600));
    let other = world.another_node();
    for node in [&world, &other, &other] {
        let repeated = refresh(node, &first).await;
        assert_eq!(repeated.status, 200, "{}", repeated.text);
        assert_eq!(repeated.cookie("frontdesk_refresh").value(), second.value());
    }
    let third = refresh(&other, &second).await;
    assert_eq!(third.status, 200);

    assert_eq!(refresh(&world, &first).await.code(), (401, "unauthenticated"), "a second holder used it");
    let third = third.cookie("frontdesk_refresh");
    assert_eq!(refresh(&world, &third).await.code(), (401, "unauthenticated"), "so the log-in is ended");
    world.pass(Duration::from_secs(4));
    let me = world.send(world.request(Method::GET, "/api/v1/me").insert_header(bearer(&token))).await;
    assert_eq!(me.code(), (401, "unauthenticated"));
}

#[actix_web::test]
async fn of_many_renewals_at_once_all_get_the_same_token() {
    let world = World::new().await;
    let first = sign_in(&world).await.cookie("frontdesk_refresh");
    let answers = futures_util::future::join_all((0..8).map(|_| refresh(&world, &first))).await;
    let tokens: std::collections::BTreeSet<_> =
        answers.iter().map(|answer| answer.cookie("frontdesk_refresh").value().to_owned()).collect();
    assert_eq!(tokens.len(), 1);
}

#[actix_web::test]
async fn signing_in_again_ends_the_former_log_in_of_the_browser_and_no_other() {
    let world = World::new().await;
    let elsewhere = sign_in(&world).await.cookie("frontdesk_refresh");
    let former = sign_in(&world).await.cookie("frontdesk_refresh");
    let again = attempt(&world, &world.ours.agent.email, PASSWORD).cookie(former.clone());
    let now = world.send(again).await.cookie("frontdesk_refresh");
    assert_eq!(refresh(&world, &former).await.code().0, 401);
    for cookie in [now, elsewhere] {
        assert_eq!(refresh(&world, &cookie).await.status, 200);
    }
}

/// Also on a node that the change was not made on: within the time that it believes what it knows.
#[actix_web::test]
async fn a_new_password_ends_every_log_in_but_the_one_that_sets_it() {
    let world = World::new().await;
    let other = world.another_node();
    let signed_in = sign_in(&world).await;
    let (cookie, token) = (signed_in.cookie("frontdesk_refresh"), signed_in.body["access_token"].as_str().unwrap());
    let me = |node: &World, token: &str| node.request(Method::GET, "/api/v1/me").insert_header(bearer(token));
    for node in [&world, &other] {
        assert_eq!(node.send(me(node, token)).await.status, 200);
    }
    let path = format!("/api/v1/agents/{}", world.ours.agent.id);
    let change = json!({ "password": "second-password-2" });
    assert_eq!(world.patch_as(&world.ours.owner, &path, &change).await.status, 200);
    assert_eq!(world.send(me(&world, token)).await.code(), (401, "unauthenticated"));
    world.pass(Duration::from_secs(4));
    assert_eq!(other.send(me(&other, token)).await.code(), (401, "unauthenticated"));
    assert_eq!(refresh(&other, &cookie).await.code(), (401, "unauthenticated"));

    let admin = world.send(attempt(&world, "admin@t1.example", PASSWORD)).await;
    let elsewhere = world.send(attempt(&world, "admin@t1.example", PASSWORD)).await;
    let (own, elsewhere) = (&admin.body["access_token"], &elsewhere.body["access_token"]);
    let path = format!("/api/v1/agents/{}", world.ours.admin.id);
    let change = world.request(Method::PATCH, &path).insert_header(bearer(own.as_str().unwrap())).set_json(&change);
    assert_eq!(world.send(change).await.status, 200);
    assert_eq!(world.send(me(&world, own.as_str().unwrap())).await.status, 200);
    assert_eq!(world.send(me(&world, elsewhere.as_str().unwrap())).await.code(), (401, "unauthenticated"));
}

#[actix_web::test]
async fn a_log_in_from_before_a_deactivation_does_not_come_back_with_the_agent() {
    let world = World::new().await;
    let signed_in = sign_in(&world).await;
    let (cookie, token) = (signed_in.cookie("frontdesk_refresh"), signed_in.body["access_token"].as_str().unwrap());
    let path = format!("/api/v1/agents/{}", world.ours.agent.id);
    for active in [false, true] {
        let changed = world.patch_as(&world.ours.owner, &path, &json!({ "active": active })).await;
        assert_eq!(changed.status, 200);
        let me = world.request(Method::GET, "/api/v1/me").insert_header(bearer(token));
        assert_eq!(world.send(me).await.code(), (401, "unauthenticated"));
        assert_eq!(refresh(&world, &cookie).await.code(), (401, "unauthenticated"));
    }
    sign_in(&world).await;
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
        parts.settings.server.console_origins = vec!["https://console.example".parse().unwrap()];
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
async fn an_address_with_an_international_domain_signs_in_as_typed_and_as_browsers_send_it() {
    let world = World::new().await;
    let new = json!({
        "email": "Ren\u{e9}e@B\u{fc}cher.example", "name": "Ren\u{e9}e", "role": "agent", "password": PASSWORD,
    });
    let made = world.post_as(&world.ours.owner, "/api/v1/agents", &new).await;
    assert_eq!(made.body["email"], "ren\u{e9}e@xn--bcher-kva.example", "{}", made.text);
    let former = frontdesk_domain::Agent {
        id: frontdesk_domain::AgentId(uuid::Uuid::from_u128(7)),
        email: "eve@b\u{fc}cher.example".to_owned(),
        ..world.ours.agent.clone()
    };
    let hash = frontdesk_api::hash_password(&world.state.settings.auth, PASSWORD).unwrap();
    world.store.put_agent(&former, &hash).await.unwrap();
    for email in ["ren\u{e9}e@b\u{fc}cher.example", "ren\u{e9}e@xn--bcher-kva.example", "eve@xn--bcher-kva.example"] {
        assert_eq!(world.send(attempt(&world, email, PASSWORD)).await.status, 200, "{email}");
    }
}

#[actix_web::test]
async fn signing_in_says_to_come_back_while_the_database_is_away() {
    let world = World::new().await;
    world.store.set_available(false);
    let reply = world.send(attempt(&world, "agent@t1.example", PASSWORD)).await;
    assert_eq!(reply.code(), (503, "unavailable"));
    assert_eq!(reply.body["retryable"], true);
}
