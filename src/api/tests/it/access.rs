//! What belongs to another tenant, contact or agent looks as if it did not exist.

use actix_web::http::Method;
use frontdesk_domain::{ClientId, Command, ConversationId, ConversationKey, MessageText, Principal, Request};
use frontdesk_ports::{Agents as _, Commands, Contacts as _, ConversationStore, Inboxes as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::{World, bearer, v7};

/// Every write to a conversation, with a body that fits.
fn writes(agent: Uuid) -> Vec<(&'static str, Value)> {
    let until = 1_750_000_100_000_i64;
    let bodies = [
        ("messages", json!({ "text": "hi" })),
        ("notes", json!({ "text": "hi" })),
        ("claim", json!({})),
        ("assign", json!({ "agent": agent })),
        ("transfer", json!({ "agent": agent })),
        ("unassign", json!({})),
        ("resolve", json!({})),
        ("reopen", json!({})),
        ("pend", json!({})),
        ("snooze", json!({ "until": until })),
        ("tags", json!({ "tag": "vip" })),
        ("untag", json!({ "tag": "vip" })),
        ("fields", json!({ "change": { "field": "priority", "value": "high" } })),
    ];
    let named = bodies.into_iter().map(|(path, mut body)| {
        body["client_id"] = json!(v7());
        (path, body)
    });
    named.collect()
}

#[actix_web::test]
async fn nothing_of_another_tenant_can_be_read_and_it_looks_absent() {
    let world = World::new().await;
    let theirs = &world.theirs;
    let absent = Uuid::from_u128(77);
    for (path, id) in [
        ("/api/v1/conversations/{}", theirs.conversation.0),
        ("/api/v1/conversations/{}/messages", theirs.conversation.0),
        ("/api/v1/conversations/{}/messages?after_seq=0", theirs.conversation.0),
        ("/api/v1/conversations/{}/receipts", theirs.conversation.0),
        ("/api/v1/contacts/{}", theirs.contact.id.0),
    ] {
        for agent in [&world.ours.agent, &world.ours.owner] {
            let foreign = world.get_as(agent, &path.replace("{}", &id.to_string())).await;
            let missing = world.get_as(agent, &path.replace("{}", &absent.to_string())).await;
            assert_eq!(foreign.code(), (404, "not_found"), "{path}");
            assert_eq!(foreign.text, missing.text, "{path}");
        }
        let own = world.get_as(&theirs.agent, &path.replace("{}", &id.to_string())).await;
        assert_eq!(own.status, 200, "{path}: {}", own.text);
    }
}

#[actix_web::test]
async fn nothing_of_another_tenant_can_be_changed() {
    let world = World::new().await;
    let key = ConversationKey { tenant: world.theirs.tenant, conversation: world.theirs.conversation };
    let before = world.store.load(key).await.unwrap();
    for (path, body) in writes(world.ours.agent.id.0) {
        let path = format!("/api/v1/conversations/{}/{path}", world.theirs.conversation);
        let reply = world.post_as(&world.ours.owner, &path, &body).await;
        assert_eq!(reply.code(), (404, "not_found"), "{path}: {}", reply.text);
    }
    assert_eq!(world.store.load(key).await.unwrap(), before);

    let inbox = format!("/api/v1/inboxes/{}", world.theirs.inbox.id);
    let reply = world.patch_as(&world.ours.owner, &inbox, &json!({ "origins": ["https://evil.example"] })).await;
    assert_eq!(reply.code(), (404, "not_found"));
    assert_eq!(world.store.inbox(world.theirs.inbox.id).await.unwrap().as_ref(), Some(&world.theirs.inbox));

    let agent = format!("/api/v1/agents/{}", world.theirs.agent.id);
    let reply = world.patch_as(&world.ours.owner, &agent, &json!({ "active": false })).await;
    assert_eq!(reply.code(), (404, "not_found"));
    assert!(world.store.agent(world.theirs.tenant, world.theirs.agent.id).await.unwrap().unwrap().active);
}

#[actix_web::test]
async fn ids_of_another_tenant_find_nothing_as_second_parameters_either() {
    let world = World::new().await;
    let (ours, theirs) = (&world.ours, &world.theirs);
    for path in ["assign", "transfer"] {
        let path = format!("/api/v1/conversations/{}/{path}", ours.conversation);
        for stranger in [theirs.agent.id.0, Uuid::from_u128(77), ours.contact.id.0] {
            let body = json!({ "client_id": v7(), "agent": stranger });
            let reply = world.post_as(&ours.supervisor, &path, &body).await;
            assert_eq!(reply.code(), (422, "no_such_agent"));
        }
    }
    for query in [
        format!("inbox={}", theirs.inbox.id),
        format!("contact={}", theirs.contact.id),
        format!("assignee={}", theirs.agent.id),
    ] {
        let reply = world.get_as(&ours.owner, &format!("/api/v1/conversations?{query}")).await;
        assert_eq!((reply.status.as_u16(), &reply.body["items"]), (200, &json!([])), "{query}");
    }
    for path in ["/api/v1/conversations", "/api/v1/contacts", "/api/v1/agents", "/api/v1/inboxes"] {
        let reply = world.get_as(&ours.owner, path).await;
        assert!(!reply.text.contains("t2") && !reply.text.contains(&theirs.conversation.to_string()), "{path}");
    }
}

#[actix_web::test]
async fn a_contact_reads_its_own_conversation_without_notes_and_no_other() {
    let world = World::new().await;
    let ours = &world.ours;
    let notes = format!("/api/v1/conversations/{}/notes", ours.conversation);
    let noted = world.post_as(&ours.agent, &notes, &json!({ "client_id": v7(), "text": "mind the cat" })).await;
    assert_eq!(noted.status, 200, "{}", noted.text);

    let neighbour = frontdesk_domain::Contact { id: frontdesk_domain::ContactId(v7()), ..ours.contact.clone() };
    world.store.put_contact(&neighbour).await.unwrap();
    let opened = ClientId(v7());
    let private = ConversationId::for_opening(ours.tenant, neighbour.id, opened);
    let ask = |client_id, command| Request {
        client_id,
        principal: Principal::Contact(neighbour.id),
        author_name: String::new(),
        command,
        repeat: false,
    };
    let key = ConversationKey { tenant: ours.tenant, conversation: private };
    world.commands.execute(key, ask(opened, Command::open(ours.inbox.id))).await.unwrap();
    let text = MessageText::new("private").unwrap();
    world.commands.execute(key, ask(ClientId(v7()), Command::say(text))).await.unwrap();

    let token = world.state.tokens.issue_visitor(&ours.contact).token;
    let path = |id: ConversationId| format!("/api/v1/widget/conversations/{id}/messages");
    let read = async |id| world.send(world.request(Method::GET, &path(id)).insert_header(bearer(&token))).await;
    let own = read(ours.conversation).await;
    assert_eq!((own.status.as_u16(), own.body["entries"].as_array().unwrap().len()), (200, 2), "{}", own.text);
    assert!(!own.text.contains("cat"));
    let absent = read(ConversationId(Uuid::from_u128(77))).await;
    for other in [private, world.theirs.conversation] {
        let reply = read(other).await;
        assert_eq!((reply.code(), &reply.text), ((404, "not_found"), &absent.text));
    }
    for path in ["/api/v1/conversations", "/api/v1/me", "/api/v1/contacts", "/api/v1/agents", "/api/v1/inboxes"] {
        let reply = world.send(world.request(Method::GET, path).insert_header(bearer(&token))).await;
        assert_eq!(reply.code(), (401, "unauthenticated"), "{path}");
    }
    let staff = world.token(&ours.agent).await;
    let request = world.request(Method::GET, &path(ours.conversation)).insert_header(bearer(&staff));
    assert_eq!(world.send(request).await.code(), (401, "unauthenticated"), "a token for the other audience");
}

#[actix_web::test]
async fn without_a_token_nothing_is_there_to_read_or_write() {
    let world = World::new().await;
    let id = world.ours.conversation;
    let reads = [
        "/api/v1/me".to_owned(),
        "/api/v1/inboxes".to_owned(),
        "/api/v1/agents".to_owned(),
        "/api/v1/contacts".to_owned(),
        format!("/api/v1/contacts/{}", world.ours.contact.id),
        "/api/v1/conversations".to_owned(),
        format!("/api/v1/conversations/{id}"),
        format!("/api/v1/conversations/{id}/messages"),
        format!("/api/v1/conversations/{id}/receipts"),
        format!("/api/v1/widget/conversations/{id}/messages"),
    ];
    for path in reads {
        let reply = world.send(world.request(Method::GET, &path)).await;
        assert_eq!(reply.code(), (401, "unauthenticated"), "{path}");
    }
    for (path, body) in writes(world.ours.agent.id.0) {
        let path = format!("/api/v1/conversations/{id}/{path}");
        assert_eq!(world.send(world.post(&path, &body)).await.code(), (401, "unauthenticated"), "{path}");
    }
    let agent = json!({ "email": "a@b", "name": "x", "role": "owner", "password": "long enough it is" });
    assert_eq!(world.send(world.post("/api/v1/agents", &agent)).await.code(), (401, "unauthenticated"));
}
