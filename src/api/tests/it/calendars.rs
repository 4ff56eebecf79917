//! Business calendars, and days that are imported into them.

use serde_json::{Value, json};

use crate::world::{World, v7};

const CALENDARS: &str = "/api/v1/calendars";

fn office() -> Value {
    let day = json!([{ "from": "09:00", "to": "17:00" }]);
    let weekly = json!({ "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day });
    json!({ "name": "Office", "time_zone": "Asia/Shanghai", "weekly": weekly })
}

fn file(events: &[(&str, &str)]) -> String {
    let events: String = events
        .iter()
        .map(|(date, summary)| {
            format!("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{date}\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\n")
        })
        .collect();
    format!("BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n")
}

#[actix_web::test]
async fn a_calendar_is_created_changed_asked_and_deleted_unless_a_team_has_it() {
    let world = World::new().await;
    let owner = &world.ours.owner;
    let made = world.post_as(owner, CALENDARS, &office()).await;
    assert_eq!((made.status.as_u16(), &made.body["version"]), (201, &json!(1)), "{}", made.text);
    let path = format!("{CALENDARS}/{}", made.body["id"].as_str().unwrap());
    let extra = json!([{ "date": "2026-02-14", "kind": "extra_working", "hours": [{ "from": "10:00", "to": "12:00" }] },
        { "date": "2026-02-16", "name": "春节", "kind": "closed" }]);
    let changed = world.patch_as(owner, &path, &json!({ "special_days": extra, "expected_version": 1 })).await;
    assert_eq!((changed.status.as_u16(), &changed.body["version"]), (200, &json!(2)), "{}", changed.text);
    assert_eq!(changed.body["special_days"][1]["name"], "春节");
    let late = json!({ "name": "x", "expected_version": 1 });
    assert_eq!(world.patch_as(owner, &path, &late).await.code(), (409, "conflict"));
    // Saturday 14 February 2026, 09:00 in Shanghai.
    let asked = world.get_as(&world.ours.agent, &format!("{path}/open?at=1771030800000")).await;
    assert_eq!((&asked.body["open"], &asked.body["next_open"]), (&json!(false), &json!(1_771_034_400_000_i64)));
    assert_eq!(world.get_as(&world.ours.agent, CALENDARS).await.body["items"], json!([changed.body]));
    let team = json!({ "name": "Billing", "calendar": made.body["id"] });
    let team = world.post_as(owner, "/api/v1/teams", &team).await;
    assert_eq!(team.status.as_u16(), 201, "{}", team.text);
    assert_eq!(world.delete_as(owner, &path).await.code(), (409, "in_use"));
    let team = format!("/api/v1/teams/{}", team.body["id"].as_str().unwrap());
    world.patch_as(owner, &team, &json!({ "calendar": null })).await;
    assert_eq!(world.delete_as(owner, &path).await.status.as_u16(), 204);
}

#[actix_web::test]
async fn days_of_a_file_are_looked_at_before_they_are_saved() {
    let world = World::new().await;
    let owner = &world.ours.owner;
    let made = world.post_as(owner, CALENDARS, &office()).await;
    let path = format!("{CALENDARS}/{}", made.body["id"].as_str().unwrap());
    let text = file(&[("20260214", "春节 班"), ("20260216", "春节 休"), ("20260215T100000Z", "会议 休")]);
    let preview = json!({ "text": text, "as": "closed", "matching": "休" });
    let seen = world.post_as(owner, &format!("{path}/import"), &preview).await;
    assert_eq!((seen.status.as_u16(), &seen.body["saved"]), (200, &json!(false)), "{}", seen.text);
    assert_eq!(seen.body["days"][0]["date"], "2026-02-16");
    assert_eq!((&seen.body["skipped"][0]["line"], &seen.body["unmatched"]), (&json!(10), &json!(1)));
    assert_eq!(world.get_as(owner, CALENDARS).await.body["items"][0], made.body, "nothing was saved");
    let hours = json!([{ "from": "09:00", "to": "17:00" }]);
    let save = json!({ "text": text, "as": "extra_working", "matching": "班", "hours": hours, "save": true });
    let saved = world.post_as(owner, &format!("{path}/import"), &save).await;
    assert_eq!((saved.status.as_u16(), &saved.body["calendar"]["version"]), (200, &json!(2)), "{}", saved.text);
    let held = &world.get_as(owner, CALENDARS).await.body["items"][0]["special_days"];
    assert_eq!((&held[0]["date"], &held[0]["kind"]), (&json!("2026-02-14"), &json!("extra_working")));
    for (wrong, detail) in [
        (json!({ "text": "BEGIN:VCALENDAR\nrubbish", "as": "closed" }), "line 2"),
        (json!({ "text": text, "as": "extra_working" }), "need hours"),
        (json!({ "text": text, "as": "closed", "hours": hours }), "have no hours"),
    ] {
        let refused = world.post_as(owner, &format!("{path}/import"), &wrong).await;
        assert_eq!(refused.code(), (400, "invalid"), "{wrong}");
        assert!(refused.body["detail"].as_str().unwrap().contains(detail), "{}", refused.text);
    }
}

#[actix_web::test]
async fn calendars_are_for_those_who_administer_and_of_one_tenant() {
    let world = World::new().await;
    let made = world.post_as(&world.ours.owner, CALENDARS, &office()).await;
    let path = format!("{CALENDARS}/{}", made.body["id"].as_str().unwrap());
    let import = json!({ "text": file(&[]), "as": "closed" });
    for plain in [&world.ours.agent, &world.ours.supervisor] {
        assert_eq!(world.post_as(plain, CALENDARS, &office()).await.code(), (403, "forbidden"));
        assert_eq!(world.patch_as(plain, &path, &json!({ "name": "x" })).await.code(), (403, "forbidden"));
        assert_eq!(world.post_as(plain, &format!("{path}/import"), &import).await.code(), (403, "forbidden"));
        assert_eq!(world.delete_as(plain, &path).await.code(), (403, "forbidden"));
    }
    let theirs = &world.theirs.owner;
    assert_eq!(world.patch_as(theirs, &path, &json!({ "name": "x" })).await.code(), (404, "not_found"));
    assert_eq!(world.post_as(theirs, &format!("{path}/import"), &import).await.code(), (404, "not_found"));
    assert_eq!(world.get_as(theirs, &format!("{path}/open")).await.code(), (404, "not_found"));
    assert_eq!(world.delete_as(theirs, &path).await.code(), (404, "not_found"));
    assert_eq!(world.get_as(theirs, CALENDARS).await.body["items"], json!([]));
    let foreign = json!({ "name": "x", "calendar": made.body["id"] });
    assert_eq!(world.post_as(theirs, "/api/v1/teams", &foreign).await.code(), (422, "no_reference"));
    let owner = &world.ours.owner;
    for (field, wrong) in [
        ("time_zone", json!("Mars/Olympus")),
        ("weekly", json!({ "monday": [{ "from": "9:00", "to": "10:00" }] })),
        ("weekly", json!({ "someday": [] })),
        ("weekly", json!({ "monday": [{ "from": "09:00", "to": "12:00" }, { "from": "11:00", "to": "13:00" }] })),
        ("special_days", json!([{ "date": "2026-02-30", "kind": "closed" }])),
        ("special_days", json!([{ "date": "2026-02-03", "kind": "extra_working", "hours": [] }])),
        ("name", json!("")),
    ] {
        let change = json!({ field: wrong });
        assert_eq!(world.patch_as(owner, &path, &change).await.code(), (400, "invalid"), "{change}");
    }
    let nowhere = format!("{CALENDARS}/{}", v7());
    assert_eq!(world.delete_as(owner, &nowhere).await.code(), (404, "not_found"));
}
