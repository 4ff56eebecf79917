//! Wrong, hostile and random requests: always a problem of 4xx, never a failure.

use actix_web::http::Method;
use frontdesk_ports::Agents as _;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{Reply, SHOP_ORIGIN, World, bearer, v7};

fn is_a_refusal(reply: &Reply) -> Result<(), String> {
    let described = format!("{} {}", reply.status, reply.text);
    let problem = reply.header("content-type") == Some("application/problem+json");
    let fields = ["type", "title", "detail", "code"].iter().all(|name| reply.body[name].is_string());
    let inside = ["src/", ".rs", "sqlx", "panicked", "Uuid(", "0x"].iter().any(|word| reply.text.contains(word));
    let good = reply.status.is_client_error() && problem && fields && !inside;
    if good && reply.body["status"] == json!(reply.status.as_u16()) { Ok(()) } else { Err(described) }
}

#[actix_web::test]
async fn ids_that_are_none_are_refused_before_anything_is_asked() {
    let world = World::new().await;
    for id in ["*", "%3E", "%2a", "a.b", "..", "1", "null", "%00", "%0d%0a", "{}", "01900000000070008000000000000000"] {
        for path in [
            format!("/api/v1/conversations/{id}"),
            format!("/api/v1/conversations/{id}/messages"),
            format!("/api/v1/conversations/{id}/receipts"),
            format!("/api/v1/contacts/{id}"),
        ] {
            let Ok(_) = path.parse::<actix_web::http::Uri>() else { continue };
            let reply = world.get_as(&world.ours.agent, &path).await;
            is_a_refusal(&reply).unwrap();
            assert!([400, 404].contains(&reply.status.as_u16()), "{path}: {}", reply.text);
        }
        let path = format!("/api/v1/conversations/{id}/messages");
        if path.parse::<actix_web::http::Uri>().is_ok() {
            let body = json!({ "client_id": v7(), "text": "hi" });
            is_a_refusal(&world.post_as(&world.ours.agent, &path, &body).await).unwrap();
        }
    }
}

#[actix_web::test]
async fn queries_that_do_not_fit_are_refused() {
    let world = World::new().await;
    let conversations = [
        "status=closed",
        "status=open&status=open",
        "assignee=you",
        "assignee=*",
        "inbox=x",
        "contact=%27",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=1e9",
        "limit=",
        "cursor=nonsense",
        "cursor=%27%20or%201%3D1",
        "cursor=",
        "order=desc",
        "tenant=x",
    ];
    let messages =
        ["after_seq=1&before_seq=2", "after_seq=-1", "after_seq=99999999999999999999", "after_seq=x", "seq=1"];
    let base = format!("/api/v1/conversations/{}/messages", world.ours.conversation);
    let all = conversations.iter().map(|query| format!("/api/v1/conversations?{query}"));
    let all = all.chain(messages.iter().map(|query| format!("{base}?{query}")));
    let contacts = ["cursor=nonsense", "limit=1000", "name=x"];
    for path in all.chain(contacts.iter().map(|query| format!("/api/v1/contacts?{query}"))) {
        let reply = world.get_as(&world.ours.agent, &path).await;
        assert_eq!(reply.status, 400, "{path}: {}", reply.text);
        is_a_refusal(&reply).unwrap();
    }
}

#[actix_web::test]
async fn clients_cannot_set_what_is_the_servers_to_say() {
    let world = World::new().await;
    let (owner, agent) = (&world.ours.owner, &world.ours.agent);
    let base = format!("/api/v1/conversations/{}", world.ours.conversation);
    for (name, value) in [
        ("tenant", json!(world.theirs.tenant)),
        ("seq", json!(1)),
        ("at", json!(0)),
        ("author", json!({ "kind": "agent", "id": owner.id })),
        ("author_name", json!("The boss")),
        ("role", json!("owner")),
        ("conversation", json!(world.theirs.conversation)),
        ("__proto__", json!({})),
    ] {
        let mut body = json!({ "client_id": v7(), "text": "hi" });
        body[name] = value.clone();
        let reply = world.post_as(agent, &format!("{base}/messages"), &body).await;
        assert_eq!(reply.code(), (400, "invalid"), "{name}");
        let mut session = json!({ "inbox": world.ours.inbox.id });
        session[name] = value;
        let request = world.post("/api/v1/widget/session", &session).insert_header(("origin", SHOP_ORIGIN));
        assert_eq!(world.send(request).await.code(), (400, "invalid"), "{name}");
    }
    for name in ["id", "tenant", "created_at", "email", "password_hash"] {
        let change = json!({ name: v7() });
        let path = format!("/api/v1/agents/{}", agent.id);
        assert_eq!(world.patch_as(owner, &path, &change).await.code(), (400, "invalid"), "{name}");
    }
    for name in ["id", "tenant", "created_at"] {
        let path = format!("/api/v1/inboxes/{}", world.ours.inbox.id);
        assert_eq!(world.patch_as(owner, &path, &json!({ name: v7() })).await.code(), (400, "invalid"), "{name}");
    }
    assert_eq!(world.store.agent(agent.tenant, agent.id).await.unwrap().as_ref(), Some(agent));
}

#[actix_web::test]
async fn bodies_that_are_no_json_or_of_another_shape_are_refused() {
    let world = World::new().await;
    let token = world.token(&world.ours.agent).await;
    let path = format!("/api/v1/conversations/{}/messages", world.ours.conversation);
    let id = v7();
    let deep = format!("{{\"client_id\":\"{id}\",\"text\":{}", "[".repeat(20_000));
    let bodies = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        "\u{feff}{}".to_owned(),
        "{\"client_id\":1,\"text\":\"hi\"}".to_owned(),
        format!("{{\"client_id\":\"{id}\"}}"),
        format!("{{\"client_id\":\"{id}\",\"text\":null}}"),
        format!("{{\"client_id\":\"{id}\",\"text\":[\"hi\"]}}"),
        format!("{{\"client_id\":\"{id}\",\"text\":NaN}}"),
        format!("{{\"client_id\":\"{id}\",\"text\":\"a\",\"text\":\"b\"}}"),
        format!("{{\"client_id\":\"{id}\",\"text\":\"\\u0000\"}}"),
        format!("{{\"client_id\":\"{id}\",\"text\":\"\\u200b\\ufeff\"}}"),
        format!("[\"{id}\",false,\"hi\"]"),
        format!("{{\"client_id\":\"{id}\",\"text\":\"a\"}} trailing"),
        deep,
    ];
    for body in bodies {
        let request = world.request(Method::POST, &path).insert_header(bearer(&token));
        let request = request.insert_header(("content-type", "application/json")).set_payload(body.clone());
        let reply = world.send(request).await;
        assert_eq!(reply.code(), (400, "invalid"), "{body:.80}");
        is_a_refusal(&reply).unwrap();
    }
    let request = world.request(Method::POST, &path).insert_header(bearer(&token));
    let request = request.insert_header(("content-type", "application/json")).set_payload(vec![0xff, 0xfe, 0x00]);
    is_a_refusal(&world.send(request).await).unwrap();
}

#[actix_web::test]
async fn texts_are_taken_without_what_cannot_be_seen_or_kept() {
    let world = World::new().await;
    let token = world.token(&world.ours.owner).await;
    let send = |method: Method, path: String, body: String| {
        let request = world.request(method, &path).insert_header(bearer(&token));
        world.send(request.insert_header(("content-type", "application/json")).set_payload(body))
    };
    let base = format!("/api/v1/conversations/{}", world.ours.conversation);
    for text in [r"a\u0000b\u0085", r"hi \ud83d", r"\ude42\ud83d\ude42"] {
        let body = format!(r#"{{"client_id":"{}","text":"{text}"}}"#, v7());
        let reply = send(Method::POST, format!("{base}/messages"), body).await;
        assert_eq!(reply.status, 200, "{text}: {}", reply.text);
    }
    let change = r#"{"name":" Jose\u0301\n\u0000\ud83d ","greeting":"\u200b"}"#.to_owned();
    let inbox = send(Method::PATCH, format!("/api/v1/inboxes/{}", world.ours.inbox.id), change).await;
    assert_eq!((&inbox.body["name"], &inbox.body["greeting"]), (&json!("Jos\u{e9} \u{fffd}"), &json!("")));
    let blank = send(Method::PATCH, format!("/api/v1/inboxes/{}", world.ours.inbox.id), r#"{"name":"\u200b"}"#.into());
    assert_eq!(blank.await.code(), (400, "invalid"));
    let change = r#"{"expected_version":0,"document":{"widget":{"title":"Cafe\u0301\u0000"}}}"#.to_owned();
    let settings = send(Method::PUT, "/api/v1/settings/tenant".to_owned(), change).await;
    assert_eq!(settings.body["document"]["widget"]["title"], "Caf\u{e9}", "{}", settings.text);
}

#[actix_web::test]
async fn a_header_that_names_no_host_is_refused_on_every_path() {
    let world = World::new().await;
    for path in ["/healthz", "/console/", "/api/v1/me", "/nowhere"] {
        for host in ["a b", "user@evil.example", "desk.example:port"] {
            let reply = world.send(world.request(Method::GET, path).insert_header(("host", host))).await;
            assert_eq!(reply.code(), (400, "invalid"), "{path} {host}");
        }
    }
    let reply = world.send(world.request(Method::GET, "/healthz").insert_header(("host", "desk.example:8443"))).await;
    assert_eq!(reply.status, 200);
}

#[actix_web::test]
async fn no_body_of_any_route_may_be_an_array() {
    let world = World::new().await;
    let description = serde_json::to_value(frontdesk_api::openapi()).unwrap();
    let token = world.token(&world.ours.owner).await;
    let mut asked = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        let with_body = item.as_object().unwrap().iter().filter(|(_, what)| what["requestBody"].is_object());
        for (method, _) in with_body {
            let path = path.replace("{id}", &v7().to_string()).replace("{scope}", "inbox");
            for body in ["[]", "[\"a\",\"b\"]"] {
                let request = world.request(method.to_uppercase().parse().unwrap(), &path);
                let request = request.insert_header(bearer(&token)).insert_header(("origin", SHOP_ORIGIN));
                let request = request.insert_header(("content-type", "application/json")).set_payload(body);
                let reply = world.send(request).await;
                assert_eq!(reply.code(), (400, "invalid"), "{method} {path} {body}");
                asked += 1;
            }
        }
    }
    assert!(asked > 50, "{asked}");
}

#[derive(Debug, Clone)]
struct Wild {
    method: &'static str,
    path: String,
    query: String,
    header: (&'static str, String),
    body: Vec<u8>,
}

fn wild() -> impl Strategy<Value = Wild> {
    let method = prop::sample::select(vec!["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "HEAD"]);
    let path = prop::sample::select(vec![
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
        "/api/v1/agents",
        "/api/v1/agents/{}",
        "/api/v1/inboxes/{}",
        "/api/v1/contacts/{}",
        "/api/v1/conversations/{}",
        "/api/v1/conversations/{}/messages",
        "/api/v1/conversations/{}/assign",
        "/api/v1/conversations/{}/snooze",
        "/api/v1/conversations/{}/tags",
        "/api/v1/widget/session",
        "/api/v1/widget/conversations/{}/messages",
        "/ws/widget",
        "/{}",
    ]);
    let id =
        prop_oneof!["[a-z0-9-]{0,40}", "(%[0-9a-f]{2}){1,12}", Just("00000000-0000-0000-0000-0000000000ff".to_owned())];
    let name = prop::sample::select(vec!["text", "cursor", "limit", "status", "after_seq", "inbox", "x"]);
    let query = (name, "([a-z0-9]|%[0-9a-f]{2}){0,20}").prop_map(|(name, value)| format!("?{name}={value}"));
    let header = (
        prop::sample::select(vec![
            "authorization",
            "origin",
            "x-forwarded-for",
            "cookie",
            "accept-encoding",
            "content-encoding",
        ]),
        "[ -~]{0,60}",
    );
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        json_value().prop_map(|value| value.to_string().into_bytes()),
    ];
    (method, path, id, query, header, body).prop_map(|(method, path, id, query, header, body)| Wild {
        method,
        path: path.replace("{}", &id),
        query,
        header,
        body,
    })
}

fn json_value() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "client_id",
        "text",
        "email",
        "password",
        "inbox",
        "token",
        "agent",
        "until",
        "tag",
        "y",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,30}".prop_map(Value::from),
        Just(json!("00000000-0000-0000-0000-0000000000ff")),
    ];
    let leaf = leaf.prop_recursive(3, 20, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Value::from));
    prop::collection::vec((name, leaf), 0..5)
        .prop_map(|fields| Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

#[test]
fn no_input_makes_the_server_fail() {
    let system = actix_web::rt::System::new();
    let world = system.block_on(World::new());
    let token = system.block_on(world.token(&world.ours.agent));
    let config = ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(wild in wild(), signed_in in any::<bool>())| {
        let Ok(uri) = format!("{}{}", wild.path, wild.query).parse::<actix_web::http::Uri>() else { return Ok(()) };
        let mut request = world.request(wild.method.parse().unwrap(), &uri.to_string());
        if signed_in {
            request = request.insert_header(bearer(&token));
        }
        request = request.append_header((wild.header.0, wild.header.1.clone()));
        request = request.insert_header(("content-type", "application/json")).set_payload(wild.body.clone());
        let reply = system.block_on(world.send(request));
        let right = ["/api/v1/agents", "/"].contains(&wild.path.as_str()) && ["GET", "HEAD"].contains(&wild.method);
        prop_assume!(!right, "a list and a page that look at no query");
        prop_assert!(is_a_refusal(&reply).is_ok(), "{} {}", reply.status, reply.text);
    });
}
