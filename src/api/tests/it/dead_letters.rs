//! What could not be filed: read, tried again and dropped by those who lead agents, of their own tenant only.

use bytes::Bytes;
use frontdesk_domain::{
    Agent, ClientId, Command, ConversationKey, DeadLetterKind, Decision, InboxRules, ItemRef, MessageText, Partition,
    Principal, Request, participant::KindName,
};
use frontdesk_memory::parse_subject;
use frontdesk_ports::{
    Clock, ConversationStore, DeadLetter, DeadLetterScope, DeadLetterSink, DeadLetterStore, StoredDeadLetter,
};
use frontdesk_protocol::Envelope;
use serde_json::json;
use uuid::Uuid;

use crate::world::{Desk, World, v7};

/// The next message of a desk's contact, accepted and not filed.
async fn unfiled(world: &World, desk: &Desk, text: &str) -> Envelope {
    let key = key(desk);
    let conversation = world.store.load(key).await.unwrap().unwrap().conversation;
    let request = Request {
        client_id: ClientId(v7()),
        principal: Principal::Contact(desk.contact.id),
        author_name: "Grace".to_owned(),
        repeat: false,
        command: Command::say(MessageText::new(text).unwrap()),
    };
    let Decision::Append(entry) =
        conversation.decide_unseen(&request, InboxRules::default(), world.clock.now()).unwrap()
    else {
        panic!("nothing to append")
    };
    Envelope::new(key, entry, None)
}

async fn dead_letter(world: &World, desk: &Desk, log_seq: u64, payload: Bytes) -> String {
    let ConversationKey { tenant, conversation } = key(desk);
    let dead_letter = DeadLetter {
        stream: "MESSAGES-0".to_owned(),
        consumer: "persist".to_owned(),
        subject: parse_subject(&format!("desk.msg.{}.{tenant}.{conversation}", Partition::of(&key(desk)))),
        log_seq,
        reason: "the database refuses it".to_owned(),
        payload,
    };
    world.log.store(&dead_letter).await.unwrap();
    format!("/api/v1/dead-letters/{}", dead_letter.id())
}

const fn key(desk: &Desk) -> ConversationKey {
    ConversationKey { tenant: desk.tenant, conversation: desk.conversation }
}

async fn count(world: &World) -> u64 {
    world.log.count().await.unwrap()
}

fn leaders(desk: &Desk) -> [&Agent; 3] {
    [&desk.owner, &desk.admin, &desk.supervisor]
}

#[actix_web::test]
async fn leaders_list_their_tenants_dead_letters_in_pages_and_see_what_is_in_them() {
    let world = World::new().await;
    let message = unfiled(&world, &world.ours, "did not get through").await;
    dead_letter(&world, &world.ours, 1, message.encode()).await;
    for log_seq in 2..=5 {
        dead_letter(&world, &world.ours, log_seq, Bytes::from_static(b"\xc1 nonsense")).await;
    }
    for leader in leaders(&world.ours) {
        let (mut seen, mut path) = (Vec::new(), "/api/v1/dead-letters?limit=2".to_owned());
        loop {
            let page = world.get_as(leader, &path).await;
            assert_eq!(page.status, 200, "{}", page.text);
            let items = page.body["items"].as_array().unwrap();
            assert!(items.len() <= 2);
            seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(cursor) = page.body["next_cursor"].as_str() else { break };
            path = format!("/api/v1/dead-letters?limit=2&cursor={cursor}");
        }
        assert_eq!(seen, (1..=5).map(|n| format!("MESSAGES-0.persist.{n}")).collect::<Vec<_>>());
    }
    let readable = world.get_as(&world.ours.owner, "/api/v1/dead-letters/MESSAGES-0.persist.1").await;
    assert_eq!(readable.body["entry"]["event"]["text"], "did not get through", "{}", readable.text);
    assert_eq!((&readable.body["seq"], &readable.body["queue"]), (&json!(3), &json!("persist")));
    assert_eq!(readable.body["conversation"], json!(world.ours.conversation));
    let about = json!({ "kind": "conversation", "id": world.ours.conversation });
    assert_eq!((&readable.body["kind"], &readable.body["item"]), (&json!("entry"), &about));
    assert_eq!(
        (&readable.body["reason"], &readable.body["redeliveries"]),
        (&json!("the database refuses it"), &json!(0))
    );
    let nonsense = world.get_as(&world.ours.owner, "/api/v1/dead-letters/MESSAGES-0.persist.2").await;
    assert_eq!((&nonsense.body["entry"], &nonsense.body["payload"]), (&json!(null), &json!("wSBub25zZW5zZQ==")));
    for cursor in ["x", "-1", "+1", "01", "99999999999999999999"] {
        let reply = world.get_as(&world.ours.owner, &format!("/api/v1/dead-letters?cursor={cursor}")).await;
        assert_eq!(reply.code(), (400, "bad_cursor"), "{cursor}");
    }
    for id in ["x", "a.b.c", "MESSAGES-0.persist.01", "MESSAGES-0.*.1", "%3E.persist.1"] {
        let reply = world.get_as(&world.ours.owner, &format!("/api/v1/dead-letters/{id}")).await;
        assert_eq!(reply.code(), (400, "invalid"), "{id}");
    }
}

#[actix_web::test]
async fn redelivering_files_the_entry_or_says_why_not() {
    let world = World::new().await;
    let message = unfiled(&world, &world.ours, "at last").await;
    let good = dead_letter(&world, &world.ours, 1, message.encode()).await;
    let bad = dead_letter(&world, &world.theirs, 2, Bytes::from_static(b"\xc1")).await;
    let reply = world.post_as(&world.ours.supervisor, &format!("{good}/redeliver"), &json!({})).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.body),
        (200, &json!({ "outcome": "settled", "others": 0 })),
        "{}",
        reply.text
    );
    assert_eq!(world.store.load(key(&world.ours)).await.unwrap().unwrap().conversation.last_seq, 3);
    assert_eq!(
        world.post_as(&world.ours.owner, &format!("{good}/redeliver"), &json!({})).await.code(),
        (404, "not_found")
    );

    let reply = world.post_as(&world.theirs.owner, &format!("{bad}/redeliver"), &json!({})).await;
    assert_eq!((reply.status.as_u16(), &reply.body["outcome"]), (200, &json!("failed_again")));
    let held = world.get_as(&world.theirs.owner, &bad).await;
    assert_eq!((&held.body["redeliveries"], &held.body["reason"]), (&json!(1), &reply.body["reason"]));
    world.log.set_unavailable(true);
    let away = world.post_as(&world.theirs.owner, &format!("{bad}/redeliver"), &json!({})).await;
    assert_eq!(away.code(), (503, "unavailable"));
}

#[actix_web::test]
async fn dropping_an_accepted_entry_that_is_not_filed_needs_force() {
    let world = World::new().await;
    let message = unfiled(&world, &world.ours, "precious").await;
    let precious = dead_letter(&world, &world.ours, 1, message.encode()).await;
    let nonsense = dead_letter(&world, &world.ours, 2, Bytes::from_static(b"\xc1")).await;
    assert_eq!(world.delete_as(&world.ours.admin, &nonsense).await.status, 204);
    assert_eq!(world.delete_as(&world.ours.admin, &precious).await.code(), (409, "leaves_a_hole"));
    assert_eq!(count(&world).await, 1);
    assert_eq!(world.delete_as(&world.ours.admin, &format!("{precious}?force=true")).await.status, 204);
    assert_eq!(count(&world).await, 0);
    assert_eq!(world.delete_as(&world.ours.admin, &precious).await.code(), (404, "not_found"));
}

#[actix_web::test]
async fn dead_letters_of_another_tenant_and_of_none_do_not_exist() {
    let world = World::new().await;
    let message = unfiled(&world, &world.theirs, "secret of t2").await;
    let foreign = dead_letter(&world, &world.theirs, 1, message.encode()).await;
    let stray = DeadLetter {
        stream: "INBOUND".to_owned(),
        consumer: "ingest".to_owned(),
        subject: parse_subject("noise"),
        log_seq: 7,
        reason: "of no tenant".to_owned(),
        payload: Bytes::new(),
    };
    world.log.store(&stray).await.unwrap();
    let stray = format!("/api/v1/dead-letters/{}", stray.id());
    let list = world.get_as(&world.ours.owner, "/api/v1/dead-letters").await;
    assert_eq!((list.status.as_u16(), &list.body["items"]), (200, &json!([])));
    let absent = world.get_as(&world.ours.owner, "/api/v1/dead-letters/MESSAGES-0.persist.99").await;
    for path in [&foreign, &stray] {
        let read = world.get_as(&world.ours.owner, path).await;
        assert_eq!((read.code(), &read.text), ((404, "not_found"), &absent.text));
        let again = world.post_as(&world.ours.owner, &format!("{path}/redeliver"), &json!({})).await;
        assert_eq!(again.code(), (404, "not_found"));
        assert_eq!(world.delete_as(&world.ours.owner, &format!("{path}?force=true")).await.code(), (404, "not_found"));
    }
    assert_eq!(count(&world).await, 2);
    assert_eq!(world.store.load(key(&world.theirs)).await.unwrap().unwrap().conversation.last_seq, 2);

    // Nor does a record show another tenant's words because they were logged under our subject.
    let smuggled = dead_letter(&world, &world.ours, 3, message.encode()).await;
    let shown = world.get_as(&world.ours.owner, &smuggled).await;
    assert_eq!((&shown.body["entry"], &shown.body["seq"]), (&json!(null), &json!(null)));
    let again = world.post_as(&world.ours.owner, &format!("{smuggled}/redeliver"), &json!({})).await;
    assert_eq!(again.body["outcome"], "failed_again", "{}", again.text);
    assert_eq!(world.store.load(key(&world.theirs)).await.unwrap().unwrap().conversation.last_seq, 2);
    let held = world.log.list(DeadLetterScope::Tenant(world.ours.tenant), 0, 10).await.unwrap();
    assert_eq!(held.len(), 1);
}

#[actix_web::test]
async fn plain_agents_neither_read_nor_touch_them_and_supervisors_drop_nothing() {
    let world = World::new().await;
    let path = dead_letter(&world, &world.ours, 1, Bytes::from_static(b"\xc1")).await;
    let agent = &world.ours.agent;
    for reply in [
        world.get_as(agent, "/api/v1/dead-letters").await,
        world.get_as(agent, &path).await,
        world.post_as(agent, &format!("{path}/redeliver"), &json!({})).await,
        world.delete_as(agent, &path).await,
        world.delete_as(&world.ours.supervisor, &path).await,
    ] {
        assert_eq!(reply.code(), (403, "forbidden"), "{}", reply.text);
    }
    assert_eq!(count(&world).await, 1);
}

#[actix_web::test]
async fn a_kind_of_a_newer_version_is_shown_by_its_name_and_refused_to_redelivery() {
    let world = World::new().await;
    let path = dead_letter(&world, &world.ours, 1, Bytes::from_static(b"\xc1")).await;
    let stored = world.log.list(DeadLetterScope::Installation, 0, 1).await.unwrap().remove(0);
    let (kind, item) =
        (KindName::new("assignment").unwrap(), ItemRef::Other(KindName::new("queue").unwrap(), Uuid::nil()));
    let newer = StoredDeadLetter { kind: DeadLetterKind::Unknown(kind), item: Some(item), ..stored };
    world.log.restore(newer);
    let shown = world.get_as(&world.ours.owner, &path).await;
    let about = json!({ "kind": "queue", "id": Uuid::nil() });
    assert_eq!((&shown.body["kind"], &shown.body["item"]), (&json!("assignment"), &about), "{}", shown.text);
    assert_eq!(shown.body["conversation"], json!(null));
    let reply = world.post_as(&world.ours.owner, &format!("{path}/redeliver"), &json!({})).await;
    assert_eq!(reply.code(), (409, "not_redeliverable"));
    assert_eq!(count(&world).await, 1);
}
