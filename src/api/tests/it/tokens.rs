//! Tokens that are none.

use std::{sync::Arc, time::Duration};

use actix_web::http::Method;
use frontdesk_api::{Keys, TokenAuthenticator, Tokens};
use frontdesk_domain::{LoginId, Role};
use frontdesk_ports::{Agents as _, Authenticator, Logins as _, TokenAudience};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::world::{NOW, World, bearer};

/// The parts of a token, and what it is signed with.
fn parts(world: &World, token: &str) -> (Value, Value, Vec<u8>) {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = |n| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(n).unwrap()).unwrap()).unwrap();
    let keys: Value = serde_json::from_slice(&std::fs::read(&world.key_file).unwrap()).unwrap();
    let secret = URL_SAFE_NO_PAD.decode(keys[0]["secret"].as_str().unwrap()).unwrap();
    (part(0), part(1), secret)
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[actix_web::test]
async fn forged_and_foreign_tokens_are_refused_alike() {
    let world = World::new().await;
    let good = world.token(&world.ours.agent).await;
    let (header, claims, secret) = parts(&world, &good);
    let kid = header["kid"].as_str().unwrap().to_owned();
    let sign = |algorithm, kid: Option<&str>, secret: &[u8], claims: &Value| {
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
    };
    let hs256 = |claims: &Value| sign(Algorithm::HS256, Some(&kid), &secret, claims);
    let none = {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let header = json!({ "alg": "none", "typ": "JWT", "kid": kid }).to_string();
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()))
    };
    let visitor = world.state.tokens.issue_visitor(&world.ours.contact).token;
    let exp = claims["exp"].as_i64().unwrap();
    let forged = [
        ("alg none", none.clone()),
        ("alg none with the signature of another", format!("{none}{}", good.rsplit('.').next().unwrap())),
        ("no signature", format!("{}.", good.rsplit_once('.').unwrap().0)),
        ("another algorithm", sign(Algorithm::HS384, Some(&kid), &secret, &claims)),
        ("another key", sign(Algorithm::HS256, Some(&kid), b"another secret of thirty-two bytes", &claims)),
        ("unknown kid", sign(Algorithm::HS256, Some("../../etc/passwd"), &secret, &claims)),
        ("no kid", sign(Algorithm::HS256, None, &secret, &claims)),
        ("a contact's token", visitor),
        ("another audience", hs256(&with(claims.clone(), "aud", json!("widget")))),
        ("several audiences", hs256(&with(claims.clone(), "aud", json!(["widget", "console"])))),
        ("another issuer", hs256(&with(claims.clone(), "iss", json!("elsewhere")))),
        ("no audience", hs256(&without(claims.clone(), "aud"))),
        ("no issuer", hs256(&without(claims.clone(), "iss"))),
        ("no end", hs256(&without(claims.clone(), "exp"))),
        ("an end as text", hs256(&with(claims.clone(), "exp", json!("9999999999")))),
        ("over", hs256(&with(claims.clone(), "exp", json!(NOW.0 / 1000 - 6)))),
        ("over for ever", hs256(&with(claims.clone(), "exp", json!(i64::MIN)))),
        ("another role", hs256(&with(claims.clone(), "role", json!("root")))),
        ("an unknown log-in", hs256(&with(claims.clone(), "login", json!(uuid::Uuid::new_v4())))),
        ("another tenant", hs256(&with(claims.clone(), "tenant", json!(world.theirs.tenant)))),
        ("nothing", String::new()),
        ("noise", "a.b.c".to_owned()),
        ("far too long", format!("{good}{}", "A".repeat(10_000))),
    ];
    let mut answers = std::collections::BTreeSet::new();
    for (what, token) in forged {
        let reply = world.send(world.request(Method::GET, "/api/v1/me").insert_header(bearer(&token))).await;
        assert_eq!(reply.code(), (401, "unauthenticated"), "{what}");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
        answers.insert(reply.text);
    }
    assert_eq!(answers.len(), 1, "the answer does not tell what was wrong");
    assert!(exp > NOW.0 / 1000);
    assert_eq!(world.send(world.request(Method::GET, "/api/v1/me").insert_header(bearer(&good))).await.status, 200);
}

#[actix_web::test]
async fn a_token_in_two_headers_or_another_scheme_is_none() {
    let world = World::new().await;
    let token = world.token(&world.ours.agent).await;
    let request = || world.request(Method::GET, "/api/v1/me");
    let twice = request().append_header(bearer(&token)).append_header(bearer(&token));
    let basic = request().insert_header(("authorization", format!("Basic {token}")));
    let in_address = world.request(Method::GET, &format!("/api/v1/me?access_token={token}"));
    let in_cookie = request().cookie(actix_web::cookie::Cookie::new("access_token", token.clone()));
    for request in [twice, basic, in_address, in_cookie, request().insert_header(("x-user", "owner"))] {
        assert_eq!(world.send(request).await.code(), (401, "unauthenticated"));
    }
}

#[actix_web::test]
async fn a_token_ends_with_its_time_but_not_a_moment_early() {
    let world = World::new().await;
    let token = world.token(&world.ours.agent).await;
    let me = || world.request(Method::GET, "/api/v1/me").insert_header(bearer(&token));
    world.pass(Duration::from_secs(900));
    assert_eq!(world.send(me()).await.status, 200, "clocks may lie a little apart");
    world.pass(Duration::from_secs(6));
    assert_eq!(world.send(me()).await.code(), (401, "unauthenticated"));
}

#[actix_web::test]
async fn after_a_rotation_old_and_new_tokens_are_good_until_the_old_key_goes() {
    let world = World::new().await;
    let old = world.token(&world.ours.agent).await;
    Keys::rotate(&world.key_file, NOW).unwrap();
    world.state.tokens.keys().reload().unwrap();
    world.pass(Duration::from_secs(60));
    let new = world.token(&world.ours.agent).await;
    assert_ne!(parts(&world, &old).0["kid"], parts(&world, &new).0["kid"]);
    let good = |token: &str| world.state.tokens.verify_access(token).is_ok();
    assert!(good(&old) && good(&new));
    Keys::rotate(&world.key_file, NOW).unwrap();
    world.state.tokens.keys().reload().unwrap();
    assert!(!good(&old) && good(&new));
}

#[actix_web::test]
async fn a_socket_takes_only_tokens_of_its_audience_and_learns_what_changed() {
    let world = World::new().await;
    let tokens = Arc::clone(&world.state.tokens);
    let authenticator = {
        let (store, clock) = (world.store.clone(), world.clock.clone());
        TokenAuthenticator::new(Arc::clone(&tokens), store, Arc::clone(&world.state.memberships), clock)
    };
    let access = world.token(&world.ours.agent).await;
    let visitor = tokens.issue_visitor(&world.ours.contact).token;
    let widget = TokenAudience::Widget(world.ours.inbox.id);
    assert!(authenticator.authenticate(&visitor, TokenAudience::Console).await.is_err());
    assert!(authenticator.authenticate(&access, widget).await.is_err());
    assert!(authenticator.authenticate(&visitor, TokenAudience::Widget(world.theirs.inbox.id)).await.is_err());

    world.store.set_available(false);
    let contact = authenticator.authenticate(&visitor, widget).await.unwrap();
    let agent = authenticator.authenticate(&access, TokenAudience::Console).await.unwrap();
    assert!(authenticator.recheck(&[contact.clone(), agent.clone()]).await.is_err(), "nothing is known: keep them");
    world.store.set_available(true);
    assert_eq!(authenticator.recheck(&[contact.clone(), agent.clone()]).await.unwrap(), Default::default());

    let (mut changed, hash) = world.store.agent_by_email("agent@t1.example").await.unwrap().unwrap();
    (changed.role, changed.name) = (Role::Supervisor, "Ada".to_owned());
    world.store.put_agent(&changed, &hash).await.unwrap();
    let found = authenticator.recheck(&[contact.clone(), agent.clone()]).await.unwrap();
    assert_eq!((found.ended.len(), found.changed.len()), (0, 1));
    assert_eq!((found.changed[0].0, &*found.changed[0].1.name), (1, "Ada"));

    let again = authenticator.authenticate(&access, TokenAudience::Console).await.unwrap();
    assert_eq!(again, found.changed[0].1, "an old token brings back no former role");

    world.store.revoke_login(world.ours.tenant, agent.login().unwrap()).await.unwrap();
    assert!(authenticator.authenticate(&access, TokenAudience::Console).await.is_err(), "its log-in has ended");
    assert_eq!(authenticator.recheck(&[contact.clone(), agent.clone()]).await.unwrap().ended, [1]);
    world.pass(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(authenticator.recheck(&[contact, agent]).await.unwrap().ended, [0, 1]);
}

#[test]
fn keys_of_another_desk_make_no_tokens_for_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(frontdesk_ports::ManualClock::default());
    let tokens = |name: &str| {
        let keys = Arc::new(Keys::open(folder.path().join(name), NOW).unwrap());
        Tokens::new(keys, clock.clone(), Duration::from_secs(60), Duration::from_secs(60))
    };
    let agent = frontdesk_domain::Agent {
        id: frontdesk_domain::AgentId(uuid::Uuid::nil()),
        tenant: frontdesk_domain::TenantId(uuid::Uuid::nil()),
        email: "a@b".to_owned(),
        name: "A".to_owned(),
        role: Role::Owner,
        active: true,
        created_at: NOW,
    };
    let token = tokens("one").issue_access(&agent, LoginId(uuid::Uuid::nil())).token;
    assert!(tokens("one").verify_access(&token).is_ok() && tokens("other").verify_access(&token).is_err());
}
