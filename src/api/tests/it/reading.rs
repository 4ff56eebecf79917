//! Lists and pages.

use frontdesk_domain::{Participant, ReceiptKind};
use frontdesk_ports::{ConversationStore, Presence, ReceiptUpdate};
use frontdesk_protocol::socket::PresenceState;
use serde_json::{Value, json};

use crate::world::{World, v7};

fn seqs(body: &Value) -> Vec<u64> {
    body["entries"].as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()).collect()
}

#[actix_web::test]
async fn conversations_are_found_by_status_and_holder() {
    let world = World::new().await;
    let agent = &world.ours.agent;
    let path = format!("/api/v1/conversations/{}/claim", world.ours.conversation);
    world.post_as(agent, &path, &json!({ "client_id": v7() })).await;
    let other = world.ours.admin.id;
    for (query, found) in [
        ("", 1),
        ("?status=all", 1),
        ("?status=open", 1),
        ("?status=resolved", 0),
        ("?assignee=me", 1),
        ("?assignee=none", 0),
        ("?assignee=any", 1),
        (&format!("?assignee={other}"), 0),
        (&format!("?status=open&assignee={}&inbox={}&limit=1", agent.id, world.ours.inbox.id), 1),
        (&format!("?contact={}", world.ours.contact.id), 1),
    ] {
        let reply = world.get_as(agent, &format!("/api/v1/conversations{query}")).await;
        assert_eq!(reply.body["items"].as_array().map(Vec::len), Some(found), "{query}: {}", reply.text);
        assert_eq!(reply.body["next_cursor"], Value::Null);
    }
}

#[actix_web::test]
async fn entries_come_forwards_backwards_and_newest_first_without_holes() {
    let world = World::new().await;
    let agent = &world.ours.agent;
    let base = format!("/api/v1/conversations/{}", world.ours.conversation);
    for n in 0..6 {
        let note = json!({ "client_id": v7(), "text": format!("note {n}") });
        world.post_as(agent, &format!("{base}/notes"), &note).await;
    }
    for (query, expected, more) in [
        ("", vec![1, 2, 3, 4, 5, 6, 7, 8], false),
        ("?limit=3", vec![6, 7, 8], true),
        ("?limit=8", vec![1, 2, 3, 4, 5, 6, 7, 8], false),
        ("?after_seq=0&limit=3", vec![1, 2, 3], true),
        ("?after_seq=5&limit=3", vec![6, 7, 8], false),
        ("?after_seq=8", vec![], false),
        ("?before_seq=4&limit=2", vec![2, 3], true),
        ("?before_seq=3&limit=2", vec![1, 2], false),
        ("?before_seq=1", vec![], false),
        ("?after_seq=9223372036854775807", vec![], false),
    ] {
        let reply = world.get_as(agent, &format!("{base}/messages{query}")).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.text);
        assert_eq!((seqs(&reply.body), &reply.body["more"]), (expected, &json!(more)), "{query}");
    }
    let past_the_end = world.get_as(agent, &format!("{base}/messages?after_seq=9223372036854775808")).await;
    assert_eq!(past_the_end.code(), (400, "invalid"));
}

#[actix_web::test]
async fn contacts_are_searched_literally_and_page_by_page() {
    let world = World::new().await;
    let agent = &world.ours.agent;
    let find = async |text: &str| {
        let reply = world.get_as(agent, &format!("/api/v1/contacts?text={text}")).await;
        assert_eq!(reply.status, 200, "{text}: {}", reply.text);
        reply.body["items"].as_array().unwrap().len()
    };
    assert_eq!((find("grace").await, find("%25").await, find("_").await), (1, 0, 0));
    assert_eq!((find("%27%20or%201%3D1%20--").await, find("").await), (0, 1));
    let page = world.get_as(agent, "/api/v1/contacts?limit=1").await;
    assert_eq!(page.body["items"][0]["id"], json!(world.ours.contact.id));
}

#[actix_web::test]
async fn receipts_and_a_conversation_show_what_is_persisted() {
    let world = World::new().await;
    let base = format!("/api/v1/conversations/{}", world.ours.conversation);
    let key = frontdesk_domain::ConversationKey { tenant: world.ours.tenant, conversation: world.ours.conversation };
    assert_eq!(world.get_as(&world.ours.agent, &format!("{base}/receipts")).await.body["items"], json!([]));
    let member = Participant::Contact(world.ours.contact.id);
    let update = ReceiptUpdate { key, member, kind: ReceiptKind::Read, up_to_seq: 2 };
    world.store.raise_receipts(&[update]).await.unwrap();
    let receipts = world.get_as(&world.ours.agent, &format!("{base}/receipts")).await;
    assert_eq!(receipts.body["items"], json!([{ "member": member, "delivered": 2, "read": 2 }]));
    let one = world.get_as(&world.ours.agent, &base).await;
    assert_eq!(one.body["preview"]["text"], "secret of t1");
    assert_eq!((&one.body["last_seq"], &one.body["status"]), (&json!(2), &json!("open")));
}

#[actix_web::test]
async fn agents_are_listed_with_their_presence_or_unknown() {
    let world = World::new().await;
    let member = Participant::Agent(world.ours.agent.id);
    let ttl = std::time::Duration::from_secs(60);
    world.state.presence.set(world.ours.tenant, member, v7(), PresenceState::Online, ttl).await.unwrap();
    let reply = world.get_as(&world.ours.agent, "/api/v1/agents").await;
    let states: Vec<_> = reply.body["items"].as_array().unwrap().iter().map(|agent| &agent["presence"]).collect();
    assert_eq!(states.iter().filter(|state| ***state == "online").count(), 1, "{}", reply.text);
    assert!(!reply.text.contains("argon2"), "no hash leaves the desk");

    let blind = World::with(|parts| parts.presence = std::sync::Arc::new(Blind)).await;
    let reply = blind.get_as(&blind.ours.agent, "/api/v1/agents").await;
    assert_eq!((reply.status.as_u16(), &reply.body["items"][0]["presence"]), (200, &json!("unknown")));
}

/// A store of presence that does not answer.
struct Blind;

#[async_trait::async_trait]
impl Presence for Blind {
    async fn set(
        &self,
        _: frontdesk_domain::TenantId,
        _: Participant,
        _: uuid::Uuid,
        _: PresenceState,
        _: std::time::Duration,
    ) -> Result<(), frontdesk_ports::PresenceError> {
        Err(frontdesk_ports::PresenceError("away".into()))
    }

    async fn get(
        &self,
        _: frontdesk_domain::TenantId,
        _: &[Participant],
    ) -> Result<Vec<PresenceState>, frontdesk_ports::PresenceError> {
        Err(frontdesk_ports::PresenceError("away".into()))
    }
}
