//! A contact's session, and which pages may begin one.

use std::time::Duration;

use actix_web::{http::Method, test::TestRequest};
use frontdesk_domain::{ContactId, TenantId};
use frontdesk_ports::{Contacts as _, Inboxes as _};
use serde_json::{Value, json};

use crate::world::{OWN_ORIGIN, Reply, SHOP_ORIGIN, World};

const SESSION: &str = "/api/v1/widget/session";

fn session(world: &World, origin: &str, body: &Value) -> TestRequest {
    world.post(SESSION, body).insert_header(("origin", origin))
}

fn preflight(world: &World, origin: &str) -> TestRequest {
    let request = world.request(Method::OPTIONS, SESSION).insert_header(("origin", origin));
    request.insert_header(("access-control-request-method", "POST"))
}

async fn begin(world: &World, body: Value) -> Reply {
    let reply = world.send(session(world, SHOP_ORIGIN, &body)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply
}

async fn stored(world: &World, tenant: TenantId, reply: &Reply) -> frontdesk_domain::Contact {
    let id: ContactId = reply.body["contact"]["id"].as_str().unwrap().parse().unwrap();
    world.store.contact(tenant, id).await.unwrap().unwrap()
}

#[actix_web::test]
async fn a_new_visitor_becomes_a_contact_and_is_recognised_the_next_time() {
    let world = World::new().await;
    let inbox = world.ours.inbox.id;
    let first = begin(&world, json!({ "inbox": inbox, "name": "Hedy", "email": "H@x.example" })).await;
    let defaults = json!({
        "id": inbox, "name": "Shop", "greeting": "Hello", "colour": "", "offline_text": "", "language": null,
        "max_message_bytes": 16_384, "typing_indicator": true, "active": true,
    });
    assert_eq!(first.body["inbox"], defaults);
    assert_eq!((&first.body["conversation"], &first.body["contact"]["name"]), (&Value::Null, &json!("Hedy")));
    let contact = stored(&world, world.ours.tenant, &first).await;
    assert_eq!((contact.inbox, contact.email.as_str()), (inbox, "h@x.example"));

    world.pass(Duration::from_secs(3_600));
    let again = begin(&world, json!({ "inbox": inbox, "token": first.body["token"], "name": "Eve" })).await;
    assert_eq!(again.body["contact"], first.body["contact"], "a token's contact is not renamed by a page");
    assert_ne!(again.body["token"], first.body["token"]);
    assert_eq!(world.get_as(&world.ours.agent, "/api/v1/contacts").await.body["items"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn a_returning_contact_finds_its_conversation() {
    let world = World::new().await;
    let token = world.state.tokens.issue_visitor(&world.ours.contact).token;
    let reply = begin(&world, json!({ "inbox": world.ours.inbox.id, "token": token })).await;
    assert_eq!(reply.body["conversation"], json!(world.ours.conversation));
}

#[actix_web::test]
async fn a_token_of_elsewhere_begins_a_new_contact() {
    let world = World::new().await;
    let foreign = world.state.tokens.issue_visitor(&world.theirs.contact).token;
    let staff = world.token(&world.ours.agent).await;
    let unknown = frontdesk_domain::Contact { id: ContactId(uuid::Uuid::from_u128(7)), ..world.ours.contact.clone() };
    let erased = world.state.tokens.issue_visitor(&unknown).token;
    for token in [foreign, staff, erased, "x".to_owned()] {
        let reply = begin(&world, json!({ "inbox": world.ours.inbox.id, "token": token })).await;
        let contact = stored(&world, world.ours.tenant, &reply).await;
        assert!(contact.id != world.theirs.contact.id && contact.id != unknown.id);
    }
}

#[actix_web::test]
async fn only_pages_of_the_inbox_may_begin_a_session_and_absent_inboxes_look_the_same() {
    let world = World::new().await;
    let body = json!({ "inbox": world.ours.inbox.id });
    let absent = world.send(session(&world, SHOP_ORIGIN, &json!({ "inbox": uuid::Uuid::from_u128(7) }))).await;
    assert_eq!(absent.code(), (403, "forbidden_origin"));
    for origin in [
        "https://evil.example",
        "https://other.example",
        "null",
        "http://shop.example",
        "https://shop.example.evil",
        "https://shop.example:8443",
        "https://SHOP.example@evil.example",
        "",
    ] {
        let reply = world.send(session(&world, origin, &body)).await;
        assert_eq!((reply.code(), &reply.text), ((403, "forbidden_origin"), &absent.text), "{origin}");
        let shared = (reply.header("access-control-allow-origin"), reply.header("access-control-allow-credentials"));
        assert_eq!(shared, (Some("*"), None), "the page of {origin} can read why");
    }
    assert_eq!(world.send(world.post(SESSION, &body)).await.code(), (403, "forbidden_origin"));
    let two = session(&world, SHOP_ORIGIN, &body).append_header(("origin", "https://evil.example"));
    assert_eq!(world.send(two).await.code(), (403, "forbidden_origin"));
    assert_eq!(world.send(session(&world, OWN_ORIGIN, &body)).await.status, 200, "the demo shop");
    let referrer = world.post(SESSION, &body).insert_header(("referer", "https://shop.example/"));
    assert_eq!(world.send(referrer).await.code(), (403, "forbidden_origin"));
}

#[actix_web::test]
async fn an_origin_is_stored_as_browsers_send_it_or_refused() {
    let world = World::new().await;
    let inbox = world.ours.inbox.id;
    let path = format!("/api/v1/inboxes/{inbox}");
    for (typed, sent) in [
        ("https://Shop.example:443", "https://shop.example"),
        ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
        ("https://\u{4f8b}\u{5b50}.\u{4e2d}\u{56fd}", "https://xn--fsqu00a.xn--fiqs8s"),
    ] {
        let reply = world.patch_as(&world.ours.owner, &path, &json!({ "origins": [typed] })).await;
        assert_eq!(reply.body["origins"], json!([sent]), "{typed}");
        assert_eq!(world.send(session(&world, sent, &json!({ "inbox": inbox }))).await.status, 200, "{typed}");
    }
    for typed in ["https://*.shop.example", "*", "null", "shop.example", "https://shop.example/path"] {
        let reply = world.patch_as(&world.ours.owner, &path, &json!({ "origins": [typed] })).await;
        assert_eq!(reply.code().0, 400, "{typed}: {}", reply.text);
    }
}

#[actix_web::test]
async fn an_origin_that_an_older_version_stored_as_it_was_typed_lets_its_pages_in() {
    let world = World::new().await;
    let typed = ["https://B\u{fc}cher.example", "http://shop.example:80", "https://*.shop.example"];
    let origins = typed.map(str::to_owned).to_vec();
    let inbox = frontdesk_domain::Inbox { origins, ..world.ours.inbox.clone() };
    world.store.put_inbox(&inbox).await.unwrap();
    let body = json!({ "inbox": inbox.id });
    for origin in ["https://xn--bcher-kva.example", "http://shop.example"] {
        let begun = world.send(session(&world, origin, &body)).await;
        let shared = (begun.status.as_u16(), begun.header("access-control-allow-origin"));
        assert_eq!(shared, (200, Some(origin)), "{origin}");
    }
    assert_eq!(world.send(session(&world, "https://a.shop.example", &body)).await.status, 403, "no wildcards");
}

#[actix_web::test]
async fn answers_are_shared_with_exactly_the_page_that_asked_and_without_cookies() {
    let world = World::new().await;
    let asked = session(&world, SHOP_ORIGIN, &json!({ "inbox": world.ours.inbox.id }));
    let begun = world.send(asked).await;
    assert_eq!((begun.status.as_u16(), begun.header("access-control-allow-origin")), (200, Some(SHOP_ORIGIN)));
    let wrong = world.send(session(&world, SHOP_ORIGIN, &json!({ "inbox": 7 }))).await;
    assert_eq!((wrong.code().0, wrong.header("access-control-allow-origin")), (400, Some("*")));
    let mut replies = vec![begun, wrong];
    for origin in [SHOP_ORIGIN, "https://evil.example", "null"] {
        let reply = world.send(preflight(&world, origin)).await;
        assert_eq!((reply.status.as_u16(), reply.header("access-control-allow-origin")), (204, Some("*")), "{origin}");
        replies.push(reply);
    }
    for reply in replies {
        assert!(reply.header("access-control-allow-credentials").is_none());
        assert_eq!(reply.header("vary"), Some("Origin"));
    }
    let staff_route = world.request(Method::OPTIONS, "/api/v1/conversations").insert_header(("origin", SHOP_ORIGIN));
    let reply = world.send(staff_route.insert_header(("access-control-request-method", "GET"))).await;
    assert_eq!(reply.code(), (403, "forbidden_origin"), "a shop's page reads nothing of the staff's");
}

#[actix_web::test]
async fn a_changed_origin_counts_at_once() {
    let world = World::new().await;
    let inbox = world.ours.inbox.id;
    begin(&world, json!({ "inbox": inbox })).await;
    let change = json!({ "origins": ["https://new.example"] });
    world.patch_as(&world.ours.owner, &format!("/api/v1/inboxes/{inbox}"), &change).await;
    let body = json!({ "inbox": inbox });
    assert_eq!(world.send(session(&world, SHOP_ORIGIN, &body)).await.code(), (403, "forbidden_origin"));
    let new = world.send(session(&world, "https://new.example", &body)).await;
    assert_eq!(new.header("access-control-allow-origin"), Some("https://new.example"));
}

#[actix_web::test]
async fn new_contacts_are_limited_per_address_and_known_ones_are_not() {
    let world = World::with(|parts| parts.settings.limits.new_contacts_per_minute = 2).await;
    let body = json!({ "inbox": world.ours.inbox.id });
    let first = begin(&world, body.clone()).await;
    begin(&world, body.clone()).await;
    let refused = world.send(session(&world, SHOP_ORIGIN, &body)).await;
    assert_eq!(refused.code(), (429, "rate_limited"));
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"), "the page can read how long to wait");
    assert_eq!(refused.header("access-control-expose-headers"), Some("retry-after, x-request-id"));
    let elsewhere = session(&world, SHOP_ORIGIN, &body).peer_addr("198.51.100.1:1".parse().unwrap());
    assert_eq!(world.send(elsewhere).await.status, 200);
    begin(&world, json!({ "inbox": world.ours.inbox.id, "token": first.body["token"] })).await;
}

#[actix_web::test]
async fn who_was_here_before_can_go_on_while_the_database_is_away() {
    let world = World::new().await;
    let first = begin(&world, json!({ "inbox": world.ours.inbox.id, "name": "Hedy" })).await;
    world.store.set_available(false);
    world.pass(Duration::from_secs(60));
    let again = begin(&world, json!({ "inbox": world.ours.inbox.id, "token": first.body["token"] })).await;
    assert_eq!(again.body["contact"], first.body["contact"]);
    let stranger = world.send(session(&world, SHOP_ORIGIN, &json!({ "inbox": world.ours.inbox.id }))).await;
    assert_eq!(stranger.code(), (503, "unavailable"));
}

#[actix_web::test]
async fn no_route_of_the_widget_serves_a_page_of_an_origin_that_the_inbox_does_not_name() {
    let world = World::new().await;
    let token = world.state.tokens.issue_visitor(&world.ours.contact).token;
    let description = serde_json::to_value(frontdesk_api::openapi()).unwrap();
    let mut tried = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        if !path.starts_with("/api/v1/widget/") {
            continue;
        }
        let address = path.replace("{id}", &world.ours.conversation.to_string());
        for method in methods.as_object().unwrap().keys() {
            tried += 1;
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let request = match method {
                Method::POST => world.post(&address, &json!({ "inbox": world.ours.inbox.id })),
                _ => world.request(method, &address),
            };
            let request = request.insert_header(("authorization", format!("Bearer {token}")));
            let reply = world.send(request.insert_header(("origin", "https://evil.example"))).await;
            assert_eq!(reply.code(), (403, "forbidden_origin"), "{path}");
        }
    }
    assert!(tried >= 2, "{tried}");
}

#[actix_web::test]
async fn what_cannot_be_used_of_an_introduction_is_left_out() {
    let world = World::new().await;
    let inbox = world.ours.inbox.id;
    for (name, email, kept) in [
        ("", "", ("", "")),
        ("   ", "none", ("", "")),
        ("Ada\r\nBcc: x", "a@b@c", ("Ada Bcc: x", "")),
        ("\u{0}\u{7}", " Ada@Shop.Example ", ("", "ada@shop.example")),
        (&"\u{540d}".repeat(40), &format!("{}@x.example", "a".repeat(300)), (&*"\u{540d}".repeat(33), "")),
        (&format!("{} Lovelace", "a".repeat(95)), "a@b", (&*format!("{} Love", "a".repeat(95)), "a@b")),
    ] {
        let reply = begin(&world, json!({ "inbox": inbox, "name": name, "email": email })).await;
        let contact = stored(&world, world.ours.tenant, &reply).await;
        assert_eq!((contact.name.as_str(), contact.email.as_str()), kept, "{name:?} {email:?}");
    }
}

#[actix_web::test]
async fn a_later_introduction_joins_the_contact_and_another_person_gets_another_one() {
    let world = World::new().await;
    let inbox = world.ours.inbox.id;
    let guest = begin(&world, json!({ "inbox": inbox })).await;
    let token = &guest.body["token"];
    let known = begin(&world, json!({ "inbox": inbox, "token": token, "name": "Ada", "email": "a@x.test" })).await;
    assert_eq!(known.body["contact"], json!({ "id": guest.body["contact"]["id"], "name": "Ada" }));
    assert_eq!(stored(&world, world.ours.tenant, &known).await.email, "a@x.test");
    let same = begin(&world, json!({ "inbox": inbox, "token": token, "email": "A@X.test", "name": "Eve" })).await;
    assert_eq!(same.body["contact"], known.body["contact"], "what is known is not changed by a page");
    let other = begin(&world, json!({ "inbox": inbox, "token": token, "email": "b@x.test" })).await;
    assert_ne!(other.body["contact"]["id"], known.body["contact"]["id"]);
    assert_eq!(stored(&world, world.ours.tenant, &known).await.email, "a@x.test");
}

#[test]
fn pages_know_the_kind_of_every_code() {
    let table = frontdesk_console::asset("widget/shared/refusals.js").unwrap();
    let table = String::from_utf8(table.bytes.into_owned()).unwrap();
    for code in frontdesk_api::Code::ALL {
        let word = format!("'{}'", code.as_str());
        assert_eq!(table.matches(&word).count(), 1, "{word} has one kind in src/console/shared/refusals.js");
    }
}
