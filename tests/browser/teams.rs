//! Teams, skills and calendars: one of each made and changed.

use frontdesk_tests::harness::{Agent, until};
use serde_json::json;

use super::{
    DESKTOP,
    pages::{
        choose, fill_in, fits_on_a_phone, is_not_deleted, open_page, open_thing, owner_at_a_console, reach, replace,
        save, save_changes, shows,
    },
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_makes_a_calendar_a_team_with_it_and_a_skill_of_an_agent() {
    let (system, _browser, desk) = owner_at_a_console().await;
    let node = system.gateway(0);
    let rest = Agent::ada(&system, node).await.rest(node);

    open_page(&desk, "calendars").await;
    desk.click("new").await;
    fill_in(&desk, &[("name", "Office")]).await;
    replace(&desk, "time_zone", "Asia/Shanghai").await;
    fill_in(&desk, &[("saturday", "ten to noon")]).await;
    save(&desk, "error-saturday", "09:00-17:00").await;
    replace(&desk, "saturday", "10:00-12:00").await;
    reach(&desk, "save").await;
    reach(&desk, "add-day").await;
    desk.run(SET_DATE, json!("2026-12-25")).await;
    desk.type_into("day-name", "Christmas").await;
    save_changes(&desk).await;
    // Days of a file are shown before they are saved.
    desk.run(GIVE_FILE, json!(FILE)).await.expect("the page runs scripts");
    reach(&desk, "import-look").await;
    shows(&desk, "import-found", "1 day was found").await;
    reach(&desk, "import-save").await;
    desk.shows("import-found", "data-saved", "true").await;
    desk.picture("manage-calendar-1280x800").await;
    let calendars = rest.get_ok("/api/v1/calendars").await;
    let office = &calendars["items"][0];
    let dates: Vec<_> = office["special_days"].as_array().expect("days").iter().map(|day| &day["date"]).collect();
    assert_eq!(dates, ["2026-02-16", "2026-12-25"]);
    assert_eq!(office["weekly"]["saturday"], json!([{"from": "10:00", "to": "12:00"}]));

    desk.click("to-teams").await;
    desk.click("new").await;
    fill_in(&desk, &[("name", "Billing")]).await;
    desk.click("check-member-Bob").await;
    choose(&desk, "field-calendar", office["id"].as_str().expect("an id")).await;
    reach(&desk, "save").await;
    open_thing(&desk, "Billing").await;
    reach(&desk, "check-active").await;
    save_changes(&desk).await;
    fits_on_a_phone(&desk, "manage-team").await;
    desk.resize(DESKTOP).await;
    let team = rest.get_ok("/api/v1/teams").await["items"][0].clone();
    assert_eq!((&team["active"], &team["calendar"]), (&json!(false), &office["id"]));
    assert_eq!(team["members"].as_array().map(Vec::len), Some(1));

    // A calendar that a team has is not deleted.
    desk.click("to-calendars").await;
    open_thing(&desk, "Office").await;
    is_not_deleted(&desk, "A team has this calendar").await;
    desk.click("confirm-cancel").await;

    desk.click("to-skills").await;
    desk.click("new").await;
    fill_in(&desk, &[("name", "Spanish")]).await;
    desk.click("save").await;
    let bob = Agent::bob(&system, node).await;
    choose(&desk, "skills-of", &bob.id).await;
    choose(&desk, "level-Spanish", "4").await;
    save_changes(&desk).await;
    desk.picture("manage-skills-1280x800").await;
    until("the level is kept", async || {
        let held = rest.get_ok(&format!("/api/v1/agents/{}/skills", bob.id)).await;
        (held["skills"][0]["level"] == 4).then_some(())
    })
    .await;
    desk.close().await;
}

const SET_DATE: &str = "
    const field = all('day-date').at(-1);
    field.value = arguments[0];
    field.dispatchEvent(new Event('input', { bubbles: true }));
";
const GIVE_FILE: &str = "
    const field = all('import-file')[0];
    const files = new DataTransfer();
    files.items.add(new File([arguments[0]], 'days.ics', { type: 'text/calendar' }));
    field.files = files.files;
    field.dispatchEvent(new Event('change', { bubbles: true }));
    return true;
";
const FILE: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260216\r\nSUMMARY:Spring festival\r\nEND:VEVENT\r\n\
    END:VCALENDAR\r\n";
