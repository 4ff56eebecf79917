//! Changing agents and inboxes.

use frontdesk_domain::{Agent, Role};
use frontdesk_ports::{Agents as _, Inboxes as _};
use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

fn newcomer(email: &str, role: &str) -> Value {
    json!({ "email": email, "name": "New", "role": role, "password": "a long new password" })
}

fn path(agent: &Agent) -> String {
    format!("/api/v1/agents/{}", agent.id)
}

async fn reload(world: &World, agent: &Agent) -> Agent {
    world.store.agent(agent.tenant, agent.id).await.unwrap().unwrap()
}

#[actix_web::test]
async fn only_owners_and_admins_change_anything() {
    let world = World::new().await;
    let inbox = format!("/api/v1/inboxes/{}", world.ours.inbox.id);
    for plain in [&world.ours.agent, &world.ours.supervisor] {
        let made = world.post_as(plain, "/api/v1/agents", &newcomer("n@t1.example", "agent")).await;
        let changed = world.patch_as(plain, &path(&world.ours.agent), &json!({ "role": "owner" })).await;
        let opened = world.patch_as(plain, &inbox, &json!({ "origins": ["https://evil.example"] })).await;
        for reply in [made, changed, opened] {
            assert_eq!(reply.code(), (403, "forbidden"));
        }
    }
    assert_eq!(reload(&world, &world.ours.agent).await, world.ours.agent);
    assert_eq!(world.store.inbox(world.ours.inbox.id).await.unwrap().as_ref(), Some(&world.ours.inbox));
}

#[actix_web::test]
async fn a_new_agent_can_sign_in_and_its_address_is_taken_whatever_its_case() {
    let world = World::new().await;
    let made = world.post_as(&world.ours.admin, "/api/v1/agents", &newcomer("New@T1.example", "supervisor")).await;
    assert_eq!((made.status.as_u16(), &made.body["email"]), (201, &json!("new@t1.example")), "{}", made.text);
    let login = json!({ "email": "new@t1.example", "password": "a long new password" });
    assert_eq!(world.send(world.post("/api/v1/auth/login", &login)).await.status, 200);
    for email in ["NEW@t1.example", "agent@t2.example"] {
        let again = world.post_as(&world.ours.owner, "/api/v1/agents", &newcomer(email, "agent")).await;
        assert_eq!(again.code(), (409, "taken"), "{email}");
    }
}

#[actix_web::test]
async fn only_an_owner_touches_owners() {
    let world = World::new().await;
    let (owner, admin) = (&world.ours.owner, &world.ours.admin);
    let attempts = [
        world.post_as(admin, "/api/v1/agents", &newcomer("n@t1.example", "owner")).await,
        world.patch_as(admin, &path(owner), &json!({ "name": "x" })).await,
        world.patch_as(admin, &path(owner), &json!({ "password": "a password of mine" })).await,
        world.patch_as(admin, &path(owner), &json!({ "active": false })).await,
        world.patch_as(admin, &path(&world.ours.agent), &json!({ "role": "owner" })).await,
        world.patch_as(admin, &path(admin), &json!({ "role": "owner" })).await,
    ];
    for reply in attempts {
        assert_eq!(reply.code(), (403, "forbidden"), "{}", reply.text);
    }
    assert_eq!(world.patch_as(owner, &path(admin), &json!({ "role": "owner" })).await.status, 200);
}

#[actix_web::test]
async fn nobody_locks_themselves_out_and_one_active_owner_remains() {
    let world = World::new().await;
    let (owner, admin) = (&world.ours.owner, &world.ours.admin);
    for change in [json!({ "role": "agent" }), json!({ "active": false })] {
        let reply = world.patch_as(owner, &path(owner), &change).await;
        assert_eq!(reply.code(), (409, "not_yourself"), "{}", reply.text);
    }
    assert_eq!(world.patch_as(owner, &path(owner), &json!({ "name": "Boss" })).await.body["name"], "Boss");

    assert_eq!(world.patch_as(owner, &path(admin), &json!({ "role": "owner" })).await.status, 200);
    let admin = &reload(&world, admin).await;
    assert_eq!(world.patch_as(admin, &path(owner), &json!({ "active": false })).await.status, 200);
    let reply = world.patch_as(admin, &path(admin), &json!({ "active": false })).await;
    assert_eq!(reply.code(), (409, "not_yourself"));
}

#[actix_web::test]
async fn of_two_owners_who_demote_each_other_at_once_one_remains() {
    let world = World::new().await;
    let (one, two) = (&world.ours.owner, &world.ours.admin);
    assert_eq!(world.patch_as(one, &path(two), &json!({ "role": "owner" })).await.status, 200);
    let two = &reload(&world, two).await;
    let demote = json!({ "role": "agent" });
    let (first, second) = (path(two), path(one));
    let (a, b) = tokio::join!(world.patch_as(one, &first, &demote), world.patch_as(two, &second, &demote));
    let done = [a.status.as_u16(), b.status.as_u16()];
    assert!(done.contains(&200), "{done:?}");
    let roles = [reload(&world, one).await.role, reload(&world, two).await.role];
    assert_eq!(roles.iter().filter(|role| **role == Role::Owner).count(), 1, "{roles:?} after {done:?}");
}

#[actix_web::test]
async fn a_changed_password_counts_at_once_and_an_unchanged_one_stays() {
    let world = World::new().await;
    let agent = &world.ours.agent;
    let login = async |password: &str| {
        let body = json!({ "email": agent.email, "password": password });
        world.send(world.post("/api/v1/auth/login", &body)).await.status.as_u16()
    };
    world.patch_as(&world.ours.admin, &path(agent), &json!({ "name": "Ada" })).await;
    assert_eq!(login(PASSWORD).await, 200);
    let short = world.patch_as(&world.ours.admin, &path(agent), &json!({ "password": "short" })).await;
    assert_eq!(short.code(), (400, "invalid"));
    world.patch_as(&world.ours.admin, &path(agent), &json!({ "password": "another long one" })).await;
    assert_eq!((login(PASSWORD).await, login("another long one").await), (401, 200));
}

#[actix_web::test]
async fn origins_of_an_inbox_are_whole_origins() {
    let world = World::new().await;
    let inbox = format!("/api/v1/inboxes/{}", world.ours.inbox.id);
    for wrong in ["*", "null", "https://*.example", "https://a.example/", "a.example", "javascript://x", "https://a b"]
    {
        let reply = world.patch_as(&world.ours.admin, &inbox, &json!({ "origins": [wrong] })).await;
        assert_eq!(reply.code(), (400, "invalid"), "{wrong}");
    }
    let change = json!({ "name": " New ", "greeting": "", "origins": ["HTTPS://A.example:443", "https://a.example"] });
    let reply = world.patch_as(&world.ours.admin, &inbox, &change).await;
    assert_eq!(reply.body["origins"], json!(["https://a.example"]), "{}", reply.text);
    assert_eq!((&reply.body["name"], &reply.body["greeting"]), (&json!("New"), &json!("")));
}
