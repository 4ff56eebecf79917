//! Roles that reach a part of the conversations.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::World;

/// Gives the plain agent of ours a role with these grants; the path of the role.
async fn give(world: &World, grants: &Value) -> String {
    let role = json!({ "name": "Narrow", "grants": grants });
    let made = world.post_as(&world.ours.owner, "/api/v1/roles", &role).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    let agent = format!("/api/v1/agents/{}", world.ours.agent.id);
    let given = world.patch_as(&world.ours.owner, &agent, &json!({ "role": made.body["id"] })).await;
    assert_eq!(given.status, 200, "{}", given.text);
    format!("/api/v1/roles/{}", made.body["id"].as_str().unwrap())
}

fn grants(scope: &str) -> Value {
    json!([{ "permission": "read", "scope": scope }, { "permission": "converse", "scope": scope }])
}

/// Asserts that the plain agent sees and answers the conversation of ours everywhere, or nowhere.
async fn assert_sees(world: &World, sees: bool) {
    let (agent, id) = (&world.ours.agent, world.ours.conversation);
    let listed = world.get_as(agent, "/api/v1/conversations").await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), usize::from(sees), "{}", listed.text);
    assert_eq!(listed.text.contains("secret"), sees);
    assert!(listed.body["next_cursor"].is_null());
    let expected = if sees { 200 } else { 404 };
    for path in [
        format!("/api/v1/conversations/{id}"),
        format!("/api/v1/conversations/{id}/messages"),
        format!("/api/v1/conversations/{id}/receipts"),
        format!("/api/v1/contacts/{}", world.ours.contact.id),
    ] {
        let reply = world.get_as(agent, &path).await;
        assert_eq!(reply.status, expected, "{path}: {}", reply.text);
    }
    let note = json!({ "client_id": Uuid::now_v7(), "text": "noted" });
    let reply = world.post_as(agent, &format!("/api/v1/conversations/{id}/notes"), &note).await;
    assert_eq!(reply.status, expected, "{}", reply.text);
    assert_eq!(world.get_as(agent, "/api/v1/contacts").await.code(), (403, "forbidden"), "all contacts are for others");
    for path in ["/api/v1/agents", "/api/v1/inboxes", "/api/v1/teams", "/api/v1/me"] {
        assert_eq!(world.get_as(agent, path).await.status, 200, "{path}");
    }
}

async fn lead(world: &World, act: &str, mut body: Value) {
    body["client_id"] = json!(Uuid::now_v7());
    let path = format!("/api/v1/conversations/{}/{act}", world.ours.conversation);
    let reply = world.post_as(&world.ours.supervisor, &path, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[actix_web::test]
async fn an_agent_with_a_narrow_role_sees_its_own_conversations_alone() {
    let world = World::new().await;
    give(&world, &grants("own")).await;
    assert_sees(&world, false).await;
    lead(&world, "assign", json!({ "agent": world.ours.agent.id })).await;
    assert_sees(&world, true).await;
    lead(&world, "assign", json!({ "agent": world.ours.owner.id })).await;
    assert_sees(&world, false).await;
}

#[actix_web::test]
async fn a_scope_follows_teams_and_their_inboxes_as_they_change() {
    let world = World::new().await;
    let ours = &world.ours;
    let role = give(&world, &grants("inbox")).await;
    let team = json!({ "name": "Shop", "members": [ours.agent.id], "inboxes": [ours.inbox.id] });
    let team = world.post_as(&ours.owner, "/api/v1/teams", &team).await;
    assert_eq!((team.status.as_u16(), &team.body["inboxes"]), (201, &json!([ours.inbox.id])), "{}", team.text);
    let team = format!("/api/v1/teams/{}", team.body["id"].as_str().unwrap());
    let change = async |body: Value| {
        let changed = world.patch_as(&ours.owner, &team, &body).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    };
    assert_sees(&world, true).await;
    change(json!({ "active": false })).await;
    assert_sees(&world, false).await;
    change(json!({ "active": true, "inboxes": [] })).await;
    assert_sees(&world, false).await;

    let of_team = world.patch_as(&ours.owner, &role, &json!({ "grants": grants("team") })).await;
    assert_eq!(of_team.status, 200, "{}", of_team.text);
    lead(&world, "assign", json!({ "agent": ours.admin.id })).await;
    assert_sees(&world, false).await;
    change(json!({ "members": [ours.agent.id, ours.admin.id] })).await;
    let read = world.get_as(&ours.agent, &format!("/api/v1/conversations/{}", ours.conversation)).await;
    assert_eq!(read.status, 200, "a colleague holds it: {}", read.text);
    change(json!({ "members": [ours.admin.id] })).await;
    assert_sees(&world, false).await;
    let unknown = world.patch_as(&ours.owner, &team, &json!({ "inboxes": [world.theirs.inbox.id] })).await;
    assert_eq!(unknown.code(), (422, "no_reference"), "another tenant's inbox");
}
