//! Roles that a tenant makes.

use serde_json::{Value, json};

use crate::world::World;

const ROLES: &str = "/api/v1/roles";

fn grants(permissions: &[(&str, &str)]) -> Value {
    permissions.iter().map(|(permission, scope)| json!({ "permission": permission, "scope": scope })).collect()
}

async fn made(world: &World, name: &str, permissions: &[(&str, &str)]) -> String {
    let role = json!({ "name": name, "grants": grants(permissions) });
    let made = world.post_as(&world.ours.owner, ROLES, &role).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    made.body["id"].as_str().expect("a role has an id").to_owned()
}

#[actix_web::test]
async fn an_agent_may_do_what_a_role_of_the_tenant_allows_as_it_changes() {
    let world = World::new().await;
    let id = made(&world, "Auditor", &[("read", "tenant"), ("oversee", "tenant")]).await;
    let agent = format!("/api/v1/agents/{}", world.ours.agent.id);
    let given = world.patch_as(&world.ours.owner, &agent, &json!({ "role": id })).await;
    assert_eq!((given.status.as_u16(), &given.body["role"]), (200, &json!(id)), "{}", given.text);
    let me = world.get_as(&world.ours.agent, "/api/v1/me").await;
    assert_eq!(me.body["grants"], grants(&[("read", "tenant"), ("oversee", "tenant")]));
    assert_eq!(world.get_as(&world.ours.agent, "/api/v1/ledger").await.status, 200);
    assert_eq!(world.get_as(&world.ours.agent, "/api/v1/dead-letters").await.code(), (403, "forbidden"));
    let say = format!("/api/v1/conversations/{}/messages", world.ours.conversation);
    let body = json!({ "client_id": uuid::Uuid::now_v7(), "text": "hi" });
    assert_eq!(world.post_as(&world.ours.agent, &say, &body).await.code(), (403, "forbidden"));

    let more = json!({ "grants": grants(&[("read", "tenant"), ("handle_dead_letters", "tenant")]) });
    assert_eq!(world.patch_as(&world.ours.owner, &format!("{ROLES}/{id}"), &more).await.status, 200);
    assert_eq!(world.get_as(&world.ours.agent, "/api/v1/ledger").await.code(), (403, "forbidden"));
    assert_eq!(world.get_as(&world.ours.agent, "/api/v1/dead-letters").await.status, 200);
}

#[actix_web::test]
async fn a_role_that_changed_since_it_was_read_is_neither_changed_nor_deleted() {
    let world = World::new().await;
    let owner = &world.ours.owner;
    let path = format!("{ROLES}/{}", made(&world, "Reader", &[("read", "tenant")]).await);
    let changed = world.patch_as(owner, &path, &json!({ "name": "Night", "expected_version": 1 })).await;
    assert_eq!((changed.status.as_u16(), &changed.body["version"]), (200, &json!(2)), "{}", changed.text);
    let stale = world.patch_as(owner, &path, &json!({ "name": "Late", "expected_version": 1 })).await;
    assert_eq!(stale.code(), (409, "conflict"));
    assert_eq!(world.delete_as(owner, &format!("{path}?expected_version=1")).await.code(), (409, "conflict"));
    let listed = world.get_as(owner, ROLES).await;
    let held = listed.body["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&held["name"], &held["version"]), (&json!("Night"), &json!(2)));
    assert_eq!(listed.body["items"][0]["version"], json!(null), "built-in roles have none");
    assert_eq!(world.delete_as(owner, &format!("{path}?expected_version=2")).await.status, 204);
}

#[actix_web::test]
async fn a_role_in_use_stays_and_the_built_in_ones_cannot_be_changed() {
    let world = World::new().await;
    let id = made(&world, "Reader", &[("read", "tenant")]).await;
    let (path, agent) = (format!("{ROLES}/{id}"), format!("/api/v1/agents/{}", world.ours.agent.id));
    world.patch_as(&world.ours.owner, &agent, &json!({ "role": id })).await;
    assert_eq!(world.delete_as(&world.ours.owner, &path).await.code(), (409, "role_in_use"));
    world.patch_as(&world.ours.owner, &agent, &json!({ "role": "agent" })).await;
    assert_eq!(world.delete_as(&world.ours.owner, &path).await.status, 204);
    assert_eq!(world.delete_as(&world.ours.owner, &path).await.code(), (404, "not_found"));
    let again = world.patch_as(&world.ours.owner, &agent, &json!({ "role": id })).await;
    assert_eq!(again.code(), (422, "no_such_role"));
    for built_in in ["owner", "agent"] {
        let path = format!("{ROLES}/{built_in}");
        assert_eq!(world.delete_as(&world.ours.owner, &path).await.code(), (400, "invalid"));
        assert_eq!(world.patch_as(&world.ours.owner, &path, &json!({ "name": "x" })).await.code(), (400, "invalid"));
    }
    let listed = world.get_as(&world.ours.admin, ROLES).await;
    let ids: Vec<_> = listed.body["items"].as_array().unwrap().iter().map(|role| role["id"].clone()).collect();
    assert_eq!(ids, ["owner", "admin", "supervisor", "agent"]);
}

#[actix_web::test]
async fn nobody_grants_what_they_may_not_do_themselves() {
    let world = World::new().await;
    let id = made(&world, "Registrar", &[("read", "tenant"), ("administer", "tenant")]).await;
    let supervisor = format!("/api/v1/agents/{}", world.ours.supervisor.id);
    world.patch_as(&world.ours.owner, &supervisor, &json!({ "role": id })).await;
    let registrar = &world.ours.supervisor;
    let more = json!({ "name": "More", "grants": grants(&[("read", "tenant"), ("oversee", "tenant")]) });
    assert_eq!(world.post_as(registrar, ROLES, &more).await.code(), (403, "forbidden"));
    let own = json!({ "grants": grants(&[("read", "tenant"), ("converse", "tenant")]) });
    assert_eq!(world.patch_as(registrar, &format!("{ROLES}/{id}"), &own).await.code(), (409, "not_yourself"));
    let other = format!("/api/v1/agents/{}", world.ours.agent.id);
    for role in ["admin", "supervisor", "owner"] {
        let given = world.patch_as(registrar, &other, &json!({ "role": role })).await;
        assert_eq!(given.code(), (403, "forbidden"), "{role}");
    }
    let less = json!({ "name": "Less", "grants": grants(&[("read", "tenant")]) });
    assert_eq!(world.post_as(registrar, ROLES, &less).await.status.as_u16(), 201);
}

#[actix_web::test]
async fn roles_are_for_those_who_administer_and_of_one_tenant() {
    let world = World::new().await;
    let id = made(&world, "Reader", &[("read", "tenant")]).await;
    let role = json!({ "name": "x", "grants": grants(&[("read", "tenant")]) });
    for plain in [&world.ours.agent, &world.ours.supervisor] {
        assert_eq!(world.get_as(plain, ROLES).await.code(), (403, "forbidden"));
        assert_eq!(world.post_as(plain, ROLES, &role).await.code(), (403, "forbidden"));
        assert_eq!(world.delete_as(plain, &format!("{ROLES}/{id}")).await.code(), (403, "forbidden"));
    }
    let theirs = &world.theirs.owner;
    assert_eq!(world.delete_as(theirs, &format!("{ROLES}/{id}")).await.code(), (404, "not_found"));
    let agent = format!("/api/v1/agents/{}", world.theirs.agent.id);
    assert_eq!(world.patch_as(theirs, &agent, &json!({ "role": id })).await.code(), (422, "no_such_role"));
    let taken = world.post_as(&world.ours.admin, ROLES, &json!({ "name": "Reader", "grants": role["grants"] })).await;
    assert_eq!(taken.code(), (409, "taken"));
    for (name, wrong) in [("Owner", grants(&[("read", "tenant")])), ("A", grants(&[("converse", "tenant")]))] {
        let refused = world.post_as(&world.ours.owner, ROLES, &json!({ "name": name, "grants": wrong })).await;
        assert_eq!(refused.code(), (400, "invalid"), "{name}");
    }
}
