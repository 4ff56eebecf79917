//! Teams, skills and who has them.

use serde_json::json;

use crate::world::{World, v7};

const TEAMS: &str = "/api/v1/teams";
const SKILLS: &str = "/api/v1/skills";

#[actix_web::test]
async fn a_team_is_created_changed_set_inactive_with_its_members_and_deleted() {
    let world = World::new().await;
    let owner = &world.ours.owner;
    let members = json!([world.ours.agent.id, world.ours.supervisor.id]);
    let new = json!({ "name": "Billing", "members": members, "default_inbox": world.ours.inbox.id });
    let made = world.post_as(owner, TEAMS, &new).await;
    assert_eq!((made.status.as_u16(), &made.body["version"]), (201, &json!(1)), "{}", made.text);
    let path = format!("{TEAMS}/{}", made.body["id"].as_str().unwrap());
    let inactive = world.patch_as(owner, &path, &json!({ "active": false, "default_inbox": null })).await;
    assert_eq!(inactive.status.as_u16(), 200, "{}", inactive.text);
    assert_eq!(inactive.body["members"].as_array().unwrap().len(), 2);
    assert_eq!((&inactive.body["active"], &inactive.body["default_inbox"]), (&json!(false), &json!(null)));
    let late = json!({ "name": "Accounts", "expected_version": 1 });
    assert_eq!(world.patch_as(owner, &path, &late).await.code(), (409, "conflict"));
    assert_eq!(world.post_as(owner, TEAMS, &json!({ "name": "Billing" })).await.code(), (409, "taken"));
    let listed = world.get_as(&world.ours.agent, TEAMS).await;
    assert_eq!(listed.body["items"], json!([inactive.body]));
    assert_eq!(world.delete_as(owner, &path).await.status.as_u16(), 204);
    assert_eq!(world.delete_as(owner, &path).await.code(), (404, "not_found"));
    let trail = world.get_as(owner, "/api/v1/audit").await;
    let acts: Vec<_> = trail.body["items"].as_array().unwrap().iter().map(|entry| &entry["act"]).collect();
    assert_eq!(acts, ["team.deleted", "team.changed", "team.created"]);
}

#[actix_web::test]
async fn a_team_refers_to_agents_inboxes_and_calendars_of_its_tenant_only() {
    let world = World::new().await;
    for wrong in [
        json!({ "name": "x", "members": [world.theirs.agent.id] }),
        json!({ "name": "x", "default_inbox": world.theirs.inbox.id }),
        json!({ "name": "x", "calendar": v7() }),
    ] {
        let refused = world.post_as(&world.ours.owner, TEAMS, &wrong).await;
        assert_eq!(refused.code(), (422, "no_reference"), "{wrong}");
    }
    assert_eq!(world.get_as(&world.ours.owner, TEAMS).await.body["items"], json!([]));
}

#[actix_web::test]
async fn teams_and_skills_are_for_those_who_administer_and_of_one_tenant() {
    let world = World::new().await;
    let team = world.post_as(&world.ours.owner, TEAMS, &json!({ "name": "Billing" })).await;
    let skill = world.post_as(&world.ours.owner, SKILLS, &json!({ "name": "Spanish" })).await;
    assert_eq!((team.status.as_u16(), skill.status.as_u16()), (201, 201));
    for (list, made, word) in [(TEAMS, team, "team"), (SKILLS, skill, "skill")] {
        let path = format!("{list}/{}", made.body["id"].as_str().unwrap());
        for plain in [&world.ours.agent, &world.ours.supervisor] {
            assert_eq!(world.post_as(plain, list, &json!({ "name": "x" })).await.code(), (403, "forbidden"));
            assert_eq!(world.patch_as(plain, &path, &json!({ "name": "x" })).await.code(), (403, "forbidden"));
            assert_eq!(world.delete_as(plain, &path).await.code(), (403, "forbidden"));
        }
        let theirs = &world.theirs.owner;
        assert_eq!(world.patch_as(theirs, &path, &json!({ "name": "x" })).await.code(), (404, "not_found"), "{word}");
        assert_eq!(world.delete_as(theirs, &path).await.code(), (404, "not_found"), "{word}");
        assert_eq!(world.get_as(theirs, list).await.body["items"], json!([]), "{word}");
        for name in [json!(""), json!(" "), json!("\u{200b}"), json!(7)] {
            let refused = world.post_as(&world.ours.owner, list, &json!({ "name": name })).await;
            assert_eq!(refused.code(), (400, "invalid"), "{word} {name}");
        }
    }
}

#[actix_web::test]
async fn agents_have_skills_at_a_level_until_the_skill_is_deleted() {
    let world = World::new().await;
    let owner = &world.ours.owner;
    let mut ids = Vec::new();
    for name in ["Spanish", "Refunds"] {
        ids.push(world.post_as(owner, SKILLS, &json!({ "name": name })).await.body["id"].clone());
    }
    ids.sort_by_key(ToString::to_string);
    let path = format!("/api/v1/agents/{}/skills", world.ours.agent.id);
    assert_eq!(world.get_as(&world.ours.agent, &path).await.body["skills"], json!([]));
    let both = json!({ "skills": [{ "skill": ids[0], "level": 5 }, { "skill": ids[1], "level": 1 }] });
    let set = world.patch_as(owner, &path, &both).await;
    assert_eq!((set.status.as_u16(), &set.body["skills"]), (200, &both["skills"]), "{}", set.text);
    for (wrong, code) in [
        (json!([{ "skill": ids[0], "level": 6 }]), (400, "invalid")),
        (json!([{ "skill": ids[0], "level": 0 }]), (400, "invalid")),
        (json!([{ "skill": ids[0], "level": 1 }, { "skill": ids[0], "level": 2 }]), (400, "invalid")),
        (json!([{ "skill": v7(), "level": 1 }]), (422, "no_reference")),
    ] {
        assert_eq!(world.patch_as(owner, &path, &json!({ "skills": wrong })).await.code(), code, "{wrong}");
    }
    assert_eq!(world.patch_as(&world.ours.supervisor, &path, &both).await.code(), (403, "forbidden"));
    let foreign = format!("/api/v1/agents/{}/skills", world.theirs.agent.id);
    assert_eq!(world.patch_as(owner, &foreign, &both).await.code(), (404, "not_found"));
    assert_eq!(world.get_as(owner, &foreign).await.code(), (404, "not_found"));
    let skill = format!("{SKILLS}/{}", ids[0].as_str().unwrap());
    let renamed = world.patch_as(owner, &skill, &json!({ "name": "Castilian" })).await;
    assert_eq!(renamed.body["name"], json!("Castilian"));
    assert_eq!(world.delete_as(owner, &skill).await.status.as_u16(), 204);
    assert_eq!(world.get_as(owner, &path).await.body["skills"], json!([{ "skill": ids[1], "level": 1 }]));
}
