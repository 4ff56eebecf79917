//! Inboxes are created, changed, disabled and enabled.

use serde_json::json;

use crate::world::{SHOP_ORIGIN, World};

const INBOXES: &str = "/api/v1/inboxes";

#[actix_web::test]
async fn an_inbox_of_any_kind_is_created_and_listed_for_its_tenant_only() {
    let world = World::new().await;
    let new = json!({ "name": "Shop", "greeting": "Hi", "origins": [SHOP_ORIGIN] });
    let made = world.post_as(&world.ours.admin, INBOXES, &new).await;
    assert_eq!((made.status.as_u16(), &made.body["kind"], &made.body["active"]), (201, &json!("web"), &json!(true)));
    let other = world.post_as(&world.ours.owner, INBOXES, &json!({ "kind": "telegram", "name": "Shop" })).await;
    assert_eq!((other.status.as_u16(), &other.body["kind"]), (201, &json!("telegram")), "names need not be unique");
    let listed = world.get_as(&world.ours.agent, INBOXES).await;
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 3);
    assert!(listed.body["items"].as_array().unwrap().contains(&other.body));
    assert_eq!(world.get_as(&world.theirs.agent, INBOXES).await.body["items"].as_array().unwrap().len(), 1);
    let path = format!("{INBOXES}/{}", made.body["id"].as_str().unwrap());
    let foreign = world.patch_as(&world.theirs.owner, &path, &json!({ "active": false })).await;
    assert_eq!(foreign.code(), (404, "not_found"));
}

#[actix_web::test]
async fn creating_and_disabling_need_the_permission_and_sound_fields() {
    let world = World::new().await;
    let path = format!("{INBOXES}/{}", world.ours.inbox.id);
    for plain in [&world.ours.agent, &world.ours.supervisor] {
        assert_eq!(world.post_as(plain, INBOXES, &json!({ "name": "x" })).await.code(), (403, "forbidden"));
        assert_eq!(world.patch_as(plain, &path, &json!({ "active": false })).await.code(), (403, "forbidden"));
    }
    for wrong in [
        json!({}),
        json!({ "name": " " }),
        json!({ "name": "x", "kind": "No Word" }),
        json!({ "name": "x", "kind": "" }),
        json!({ "name": "x", "active": false }),
        json!({ "name": "x", "origins": ["shop.example/path"] }),
    ] {
        assert_eq!(world.post_as(&world.ours.owner, INBOXES, &wrong).await.code(), (400, "invalid"), "{wrong}");
    }
    let kind = world.patch_as(&world.ours.owner, &path, &json!({ "kind": "api" })).await;
    assert_eq!(kind.code(), (400, "invalid"), "a kind never changes");
}

#[actix_web::test]
async fn a_disabled_inbox_makes_no_new_contacts_and_known_ones_come_back() {
    let world = World::new().await;
    let session = async |token: Option<&str>| {
        let body = json!({ "inbox": world.ours.inbox.id, "token": token });
        let asked = world.post("/api/v1/widget/session", &body).insert_header(("origin", SHOP_ORIGIN));
        world.send(asked).await
    };
    let before = session(None).await;
    let token = before.body["token"].as_str().unwrap();
    assert_eq!(before.body["inbox"]["active"], json!(true));
    let path = format!("{INBOXES}/{}", world.ours.inbox.id);
    let disabled = world.patch_as(&world.ours.owner, &path, &json!({ "active": false })).await;
    assert_eq!((disabled.status.as_u16(), &disabled.body["active"]), (200, &json!(false)));
    assert_eq!(session(None).await.code(), (409, "inbox_disabled"));
    let known = session(Some(token)).await;
    assert_eq!((known.status.as_u16(), &known.body["contact"]), (200, &before.body["contact"]));
    assert_eq!(known.body["inbox"]["active"], json!(false));
    world.patch_as(&world.ours.owner, &path, &json!({ "active": true })).await;
    assert_eq!(session(None).await.status.as_u16(), 200);
    let trail = world.get_as(&world.ours.owner, "/api/v1/audit").await;
    let acts: Vec<_> = trail.body["items"].as_array().unwrap().iter().map(|entry| &entry["act"]).collect();
    assert_eq!(acts, ["inbox.changed", "inbox.changed"]);
}

#[actix_web::test]
async fn only_web_inboxes_open_a_widget() {
    let world = World::new().await;
    let new = json!({ "kind": "api", "name": "Bridge", "origins": [SHOP_ORIGIN] });
    let made = world.post_as(&world.ours.owner, INBOXES, &new).await;
    let body = json!({ "inbox": made.body["id"] });
    let asked = world.post("/api/v1/widget/session", &body).insert_header(("origin", SHOP_ORIGIN));
    assert_eq!(world.send(asked).await.code(), (403, "forbidden_origin"));
}
