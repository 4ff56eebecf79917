//! What a tenant sets for itself and its inboxes.

use serde_json::{Value, json};

use crate::world::{SHOP_ORIGIN, World};

const TENANT: &str = "/api/v1/settings/tenant";

fn of_inbox(world: &World) -> String {
    format!("/api/v1/settings/inbox/{}", world.ours.inbox.id)
}

fn body(expected_version: u64, document: &Value) -> Value {
    json!({ "expected_version": expected_version, "document": document })
}

#[actix_web::test]
async fn what_is_set_for_the_tenant_holds_for_its_inboxes_until_they_set_something_else() {
    let world = World::new().await;
    let nothing = world.get_as(&world.ours.owner, TENANT).await;
    assert_eq!((nothing.status.as_u16(), &nothing.body["version"]), (200, &json!(0)), "{}", nothing.text);
    assert_eq!(nothing.body["document"], json!({}));

    let tenant = json!({"widget": {"title": "Acme", "colour": "#112233"}});
    let written = world.put_as(&world.ours.owner, TENANT, &body(0, &tenant)).await;
    assert_eq!((written.status.as_u16(), &written.body["version"]), (200, &json!(1)), "{}", written.text);
    assert_eq!(written.body["by"], json!({"kind": "agent", "id": world.ours.owner.id.to_string()}));
    let inbox = json!({"widget": {"colour": "#445566"}});
    assert_eq!(world.put_as(&world.ours.admin, &of_inbox(&world), &body(0, &inbox)).await.status, 200);

    let effective = world.get_as(&world.ours.agent, &format!("{}/effective", of_inbox(&world))).await;
    assert_eq!(effective.status, 200, "{}", effective.text);
    let (values, sources) = (&effective.body["values"]["widget"], &effective.body["sources"]["widget"]);
    assert_eq!((&values["title"], &sources["title"]), (&json!("Acme"), &json!("tenant")));
    assert_eq!((&values["colour"], &sources["colour"]), (&json!("#445566"), &json!("inbox")));
    assert_eq!((&values["greeting"], &sources["greeting"]), (&json!(""), &json!("default")));
    let of_tenant = world.get_as(&world.ours.agent, &format!("{TENANT}/effective")).await;
    assert_eq!(of_tenant.body["values"]["widget"]["colour"], "#112233");
}

#[actix_web::test]
async fn a_change_of_another_version_is_refused_with_who_wrote_what_is_there() {
    let world = World::new().await;
    let first = json!({"widget": {"title": "first"}});
    let written = world.put_as(&world.ours.admin, TENANT, &body(0, &first)).await;
    let late = world.put_as(&world.ours.owner, TENANT, &body(0, &json!({"widget": {"title": "late"}}))).await;
    assert_eq!(late.code(), (409, "conflict"), "{}", late.text);
    assert_eq!(late.body["newer"]["version"], 1);
    assert_eq!(late.body["newer"]["at"], written.body["at"]);
    assert_eq!(late.body["newer"]["by"]["id"], world.ours.admin.id.to_string());
    assert_eq!(world.get_as(&world.ours.owner, TENANT).await.body["document"], first);
    // The same content is no change.
    let same = world.put_as(&world.ours.owner, TENANT, &body(1, &first)).await;
    assert_eq!(same.body["version"], 1);
}

#[actix_web::test]
async fn an_unknown_or_wrong_setting_is_refused_with_its_place_and_changes_nothing() {
    let world = World::new().await;
    for (document, field) in [
        (json!({"widget": {"color": "#000000"}}), "widget.color"),
        (json!({"wigdet": {}}), "wigdet"),
        (json!({"conversation": {"max_message_bytes": 99_999}}), "conversation.max_message_bytes"),
        (json!({"general": {"time_zone": "Mars/Olympus"}}), "general.time_zone"),
        (json!("text"), "document"),
    ] {
        let refused = world.put_as(&world.ours.owner, TENANT, &body(0, &document)).await;
        assert_eq!(refused.code(), (422, "invalid_setting"), "{}", refused.text);
        assert_eq!(refused.body["field"], field);
    }
    let unknown = json!({ "expected_version": 0, "document": {}, "force": true });
    assert_eq!(world.put_as(&world.ours.owner, TENANT, &unknown).await.code(), (400, "invalid"));
    assert_eq!(world.get_as(&world.ours.owner, TENANT).await.body["version"], 0);
}

#[actix_web::test]
async fn going_back_makes_a_new_version_and_all_of_them_stay_in_the_history() {
    let world = World::new().await;
    let titled = |title: &str| json!({"widget": {"title": title}});
    for (expected, title) in [(0, "one"), (1, "two"), (2, "three")] {
        let written = world.put_as(&world.ours.owner, TENANT, &body(expected, &titled(title))).await;
        assert_eq!(written.status, 200, "{}", written.text);
    }
    let restore = format!("{TENANT}/restore");
    let back = world.post_as(&world.ours.admin, &restore, &json!({"expected_version": 3, "version": 1})).await;
    assert_eq!((back.status.as_u16(), &back.body["version"]), (200, &json!(4)), "{}", back.text);
    assert_eq!((&back.body["document"], &back.body["restored_from"]), (&titled("one"), &json!(1)));
    let late = world.post_as(&world.ours.admin, &restore, &json!({"expected_version": 3, "version": 2})).await;
    assert_eq!(late.code(), (409, "conflict"));
    let absent = world.post_as(&world.ours.admin, &restore, &json!({"expected_version": 4, "version": 9})).await;
    assert_eq!(absent.code(), (404, "not_found"));

    let history = world.get_as(&world.ours.owner, &format!("{TENANT}/history?limit=3")).await;
    let versions = |reply: &Value| -> Vec<_> {
        reply["items"].as_array().unwrap().iter().map(|item| item["version"].as_u64().unwrap()).collect()
    };
    assert_eq!(versions(&history.body), [4, 3, 2]);
    let rest = world.get_as(&world.ours.owner, &format!("{TENANT}/history?before=2")).await;
    assert_eq!((versions(&rest.body), &rest.body["items"][0]["document"]), (vec![1], &titled("one")));

    let audit = world.get_as(&world.ours.owner, "/api/v1/audit?act=settings.changed").await;
    assert_eq!(audit.body["items"].as_array().unwrap().len(), 4);
    let change = json!([{"field": "widget.title", "before": "\"three\"", "after": "\"one\""}]);
    assert_eq!(audit.body["items"][0]["changes"], change);
}

#[actix_web::test]
async fn settings_of_others_and_changes_without_the_right_are_refused() {
    let world = World::new().await;
    let document = json!({"widget": {"title": "mine"}});
    let (ours, theirs) = (of_inbox(&world), format!("/api/v1/settings/inbox/{}", world.theirs.inbox.id));
    for path in [TENANT, &ours] {
        for agent in [&world.ours.agent, &world.ours.supervisor] {
            assert_eq!(world.put_as(agent, path, &body(0, &document)).await.code(), (403, "forbidden"), "{path}");
            assert_eq!(world.get_as(agent, path).await.code(), (403, "forbidden"), "{path}");
            assert_eq!(world.get_as(agent, &format!("{path}/history")).await.code(), (403, "forbidden"), "{path}");
        }
    }
    for path in [theirs.clone(), format!("{theirs}/effective"), format!("{theirs}/history")] {
        assert_eq!(world.get_as(&world.ours.owner, &path).await.code(), (404, "not_found"), "{path}");
    }
    assert_eq!(world.put_as(&world.ours.owner, &theirs, &body(0, &document)).await.code(), (404, "not_found"));
    assert_eq!(world.put_as(&world.ours.owner, TENANT, &body(0, &document)).await.status, 200);
    let of_theirs = world.get_as(&world.theirs.owner, TENANT).await;
    assert_eq!(of_theirs.body["version"], 0, "{}", of_theirs.text);
    let effective = world.get_as(&world.theirs.owner, &format!("{theirs}/effective")).await;
    assert_eq!(effective.body["values"]["widget"]["title"], "");
    let no_team = "/api/v1/settings/team/00000000-0000-0000-0000-000000000001";
    assert_eq!(world.get_as(&world.ours.owner, no_team).await.code(), (404, "not_found"));
    let no_scope = world.get_as(&world.ours.owner, &no_team.replace("team", "planet")).await;
    assert!(no_scope.status.is_client_error(), "{}", no_scope.text);
}

#[actix_web::test]
async fn a_team_sets_what_it_does_not_inherit_and_another_tenant_does_not_see_it() {
    let world = World::new().await;
    let owner = &world.ours.owner;
    let team = world.post_as(owner, "/api/v1/teams", &json!({ "name": "Billing" })).await;
    let path = format!("/api/v1/settings/team/{}", team.body["id"].as_str().unwrap());
    assert_eq!(world.put_as(owner, TENANT, &body(0, &json!({"widget": {"title": "Acme"}}))).await.status, 200);
    let document = json!({"general": {"time_zone": "Asia/Shanghai"}});
    let written = world.put_as(owner, &path, &body(0, &document)).await;
    assert_eq!((written.status.as_u16(), &written.body["version"]), (200, &json!(1)), "{}", written.text);
    let effective = world.get_as(&world.ours.agent, &format!("{path}/effective")).await;
    let (values, sources) = (&effective.body["values"], &effective.body["sources"]);
    assert_eq!(
        (&values["general"]["time_zone"], &sources["general"]["time_zone"]),
        (&json!("Asia/Shanghai"), &json!("team"))
    );
    assert_eq!((&values["widget"]["title"], &sources["widget"]["title"]), (&json!("Acme"), &json!("tenant")));
    assert_eq!(world.get_as(&world.theirs.owner, &path).await.code(), (404, "not_found"));
    assert_eq!(world.put_as(&world.theirs.owner, &path, &body(0, &document)).await.code(), (404, "not_found"));
}

#[actix_web::test]
async fn the_schema_describes_what_is_taken() {
    let world = World::new().await;
    let schema = world.get_as(&world.ours.agent, "/api/v1/settings/schema").await;
    assert_eq!(schema.status, 200);
    assert!(schema.body["properties"]["widget"].is_object(), "{}", schema.text);
}

#[actix_web::test]
async fn contacts_get_what_was_set_for_their_inbox_in_place_of_its_own_name_and_greeting() {
    let world = World::new().await;
    let document = json!({
        "widget": {"title": "Acme", "greeting": "Welcome", "colour": "#112233"},
        "general": {"language": "zh-CN"},
        "conversation": {"max_message_bytes": 200, "typing_indicator": false},
    });
    assert_eq!(world.put_as(&world.ours.owner, &of_inbox(&world), &body(0, &document)).await.status, 200);
    let request = world.post("/api/v1/widget/session", &json!({ "inbox": world.ours.inbox.id }));
    let session = world.send(request.insert_header(("origin", SHOP_ORIGIN))).await;
    let expected = json!({
        "id": world.ours.inbox.id, "name": "Acme", "greeting": "Welcome", "colour": "#112233", "offline_text": "",
        "language": "zh-CN", "max_message_bytes": 200, "typing_indicator": false, "active": true,
    });
    assert_eq!(session.body["inbox"], expected, "{}", session.text);
}
