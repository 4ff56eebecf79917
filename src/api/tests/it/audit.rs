//! What changes leave behind in the audit trail, and who may read it.

use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

async fn trail(world: &World, query: &str) -> Vec<Value> {
    let reply = world.get_as(&world.ours.owner, &format!("/api/v1/audit{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.body["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn a_change_is_there_with_who_what_before_and_after_and_without_the_password() {
    let world = World::new().await;
    let (owner, agent) = (&world.ours.owner, &world.ours.agent);
    let change = json!({ "role": "supervisor", "password": "a password of mine" });
    assert_eq!(world.patch_as(owner, &format!("/api/v1/agents/{}", agent.id), &change).await.status, 200);
    let entries = trail(&world, "").await;
    let expected = json!([
        { "field": "role", "before": "agent", "after": "supervisor" },
        { "field": "password", "before": null, "after": null },
    ]);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["changes"], expected);
    assert_eq!(entries[0]["act"], "agent.changed");
    assert_eq!(entries[0]["actor"], json!({ "kind": "agent", "id": owner.id }));
    assert_eq!(entries[0]["object"], json!({ "kind": "agent", "id": agent.id }));
    assert!(!entries[0].to_string().contains("a password of mine"));
}

#[actix_web::test]
async fn what_is_refused_or_changes_nothing_leaves_no_entry() {
    let world = World::new().await;
    let path = format!("/api/v1/agents/{}", world.ours.agent.id);
    assert_eq!(world.patch_as(&world.ours.agent, &path, &json!({ "role": "owner" })).await.status, 403);
    let same = json!({ "name": world.ours.agent.name });
    assert_eq!(world.patch_as(&world.ours.owner, &path, &same).await.status, 200);
    let own = format!("/api/v1/agents/{}", world.ours.owner.id);
    assert_eq!(world.patch_as(&world.ours.owner, &own, &json!({ "role": "agent" })).await.status, 409);
    assert_eq!(trail(&world, "").await, [] as [Value; 0]);
}

#[actix_web::test]
async fn only_owners_read_it_and_only_of_their_tenant() {
    let world = World::new().await;
    let inbox = format!("/api/v1/inboxes/{}", world.theirs.inbox.id);
    assert_eq!(world.patch_as(&world.theirs.owner, &inbox, &json!({ "name": "New" })).await.status, 200);
    for other in [&world.ours.admin, &world.ours.supervisor, &world.ours.agent] {
        assert_eq!(world.get_as(other, "/api/v1/audit").await.code(), (403, "forbidden"));
    }
    assert_eq!(trail(&world, "").await, [] as [Value; 0]);
    let theirs = world.get_as(&world.theirs.owner, "/api/v1/audit").await;
    assert_eq!(theirs.body["items"][0]["act"], "inbox.changed");
}

#[actix_web::test]
async fn log_ins_are_recorded_with_their_end_and_attempts_that_were_refused() {
    let world = World::new().await;
    let email = &world.ours.agent.email;
    let wrong = json!({ "email": email, "password": "a wrong password" });
    assert_eq!(world.send(world.post("/api/v1/auth/login", &wrong)).await.status, 401);
    let right = json!({ "email": email, "password": PASSWORD });
    let signed_in = world.send(world.post("/api/v1/auth/login", &right)).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    let out = world.post("/api/v1/auth/logout", &json!({})).cookie(signed_in.cookie("frontdesk_refresh"));
    assert_eq!(world.send(out).await.status, 204);
    let mut acts: Vec<_> =
        trail(&world, "").await.iter().map(|entry| entry["act"].as_str().unwrap().to_owned()).collect();
    acts.sort();
    assert_eq!(acts, ["login.began", "login.ended", "login.refused"]);
    let refused = &trail(&world, "?act=login.refused").await[0];
    assert_eq!(refused["actor"], json!({ "kind": "unknown", "id": "" }));
    assert_eq!(refused["object"], json!({ "kind": "agent", "id": world.ours.agent.id }));
}

#[actix_web::test]
async fn it_is_filtered_and_read_page_by_page() {
    let world = World::new().await;
    let (owner, inbox) = (&world.ours.owner, format!("/api/v1/inboxes/{}", world.ours.inbox.id));
    for number in 0..3 {
        let change = json!({ "name": format!("Shop {number}") });
        assert_eq!(world.patch_as(owner, &inbox, &change).await.status, 200);
    }
    let agent = format!("/api/v1/agents/{}", world.ours.agent.id);
    assert_eq!(world.patch_as(owner, &agent, &json!({ "name": "Zed" })).await.status, 200);
    let numbers = |entries: &[Value]| entries.iter().map(|entry| entry["number"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(numbers(&trail(&world, "").await), [4, 3, 2, 1]);
    assert_eq!(numbers(&trail(&world, "?act=inbox.changed").await), [3, 2, 1]);
    assert_eq!(numbers(&trail(&world, "?object_kind=agent").await), [4]);
    assert_eq!(numbers(&trail(&world, &format!("?object={}", world.ours.inbox.id)).await), [3, 2, 1]);
    assert_eq!(numbers(&trail(&world, &format!("?actor=agent:{}", owner.id)).await), [4, 3, 2, 1]);
    assert_eq!(numbers(&trail(&world, "?until=1").await), [0; 0]);
    let first = world.get_as(owner, "/api/v1/audit?limit=3").await;
    assert_eq!(first.body["next_cursor"], "2");
    let second = world.get_as(owner, "/api/v1/audit?limit=3&cursor=2").await;
    assert_eq!(numbers(second.body["items"].as_array().unwrap()), [1]);
    for (query, code) in [("?cursor=x", "bad_cursor"), ("?actor=ada", "invalid"), ("?colour=red", "invalid")] {
        let refused = world.get_as(owner, &format!("/api/v1/audit{query}")).await;
        assert_eq!(refused.code(), (400, code), "{query}");
    }
}

#[actix_web::test]
async fn owners_and_only_they_see_whether_the_chain_of_their_tenant_holds() {
    let world = World::new().await;
    let empty = world.get_as(&world.ours.owner, "/api/v1/audit/chain").await;
    assert_eq!(empty.status, 200, "{}", empty.text);
    assert_eq!((&empty.body["head"], &empty.body["verified_up_to"]), (&json!(0), &json!(0)));
    let inbox = format!("/api/v1/inboxes/{}", world.ours.inbox.id);
    for name in ["One", "Two"] {
        assert_eq!(world.patch_as(&world.ours.owner, &inbox, &json!({ "name": name })).await.status, 200);
    }
    let newest = &trail(&world, "?limit=1").await[0];
    let expected = json!({
        "head": 2, "hash": newest["hash"], "entries": 2, "verified_up_to": 2, "faults": 0, "first_fault": null,
    });
    assert_eq!(world.get_as(&world.ours.owner, "/api/v1/audit/chain").await.body, expected);
    assert_eq!(world.get_as(&world.theirs.owner, "/api/v1/audit/chain").await.body["entries"], 0);
    for other in [&world.ours.admin, &world.ours.supervisor, &world.ours.agent] {
        assert_eq!(world.get_as(other, "/api/v1/audit/chain").await.code(), (403, "forbidden"));
    }
}
