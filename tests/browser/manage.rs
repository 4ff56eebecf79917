//! The pages on which a tenant is managed: addresses that lead to a place, and one thing made and changed on each.

use frontdesk_tests::harness::{Agent, Browser, System, Window, until};
use serde_json::{Value, json};

use super::{
    DESKTOP, PHONE,
    pages::{
        choose, fill_in, fits_on_a_phone, go_back, go_to, has_value, is_not_deleted, open_page, open_thing,
        owner_at_a_console, reach, replace, save, save_changes, shows, value_of,
    },
    sign_in,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_leads_to_its_place_through_reloads_and_the_back_button() {
    let (system, _browser, desk) = owner_at_a_console().await;
    let node = system.gateway(0);

    // A link from a colleague, and a reload of it.
    desk.open(&format!("{}/console/#/audit?act=role.created", node.origin())).await;
    for _ in 0..2 {
        desk.element("audit").await;
        assert_eq!(value_of(&desk, "filter-act").await, "role.created");
        desk.reload().await;
    }
    // Its code and its style sheet came when it was opened, those of other screens did not.
    desk.element("audit").await;
    assert_eq!(loaded(&desk, "/screens/audit/").await, [true, true]);
    assert_eq!(loaded(&desk, "/screens/roles/").await, [false, false]);

    desk.click("to-roles").await;
    desk.element("roles").await;
    desk.click("new").await;
    desk.element("role-form").await;
    for place in ["roles", "audit"] {
        go_back(&desk).await;
        desk.element(place).await;
    }
    assert_eq!(value_of(&desk, "filter-act").await, "role.created", "the filter is part of the place");

    // An address that leads nowhere says so, and the rest goes on.
    go_to(&desk, "no/such/place").await;
    desk.element("no-screen").await;
    desk.picture("console-no-screen-1280x800").await;
    desk.click("tab-mine").await;
    until("the lists are back", async || desk.texts("no-screen").await.is_empty().then_some(())).await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_makes_a_role_gives_it_to_a_new_agent_and_reads_both_in_the_audit_trail() {
    let (system, _browser, desk) = owner_at_a_console().await;
    let node = system.gateway(0);

    open_page(&desk, "roles").await;
    desk.click("new").await;
    fill_in(&desk, &[("name", "Trainee")]).await;
    desk.click("check-converse").await;
    choose(&desk, "scope-converse", "own").await;
    // What was not saved is not left by one click.
    desk.click("to-agents").await;
    desk.click("confirm-cancel").await;
    desk.picture("manage-role-1280x800").await;
    save(&desk, "things", "Trainee").await;
    // A name that is taken is said at the field.
    desk.click("new").await;
    fill_in(&desk, &[("name", "Trainee")]).await;
    save(&desk, "error-name", "taken").await;
    desk.picture("manage-role-taken-1280x800").await;
    desk.click("to-agents").await;
    desk.click("confirm-action").await;

    // A new agent with this role; what is missing is said at its field, and nothing is sent.
    desk.element("agents").await;
    desk.click("new").await;
    fill_in(&desk, &[("name", "Cara")]).await;
    save(&desk, "error-email", "needed").await;
    fill_in(&desk, &[("email", "cara@demo.test"), ("password", "a long enough password")]).await;
    let role = desk.run(ROLE_BY_NAME, json!("Trainee")).await.expect("the role can be chosen");
    choose(&desk, "field-role", role.as_str().expect("an id")).await;
    save(&desk, "things", "Cara").await;
    shows(&desk, "things", "Trainee").await;
    let trainee = Agent::login(node, &("cara@demo.test".to_owned(), "a long enough password".to_owned())).await;
    let grants = trainee.rest(node).get_ok("/api/v1/me").await["grants"].clone();
    assert_eq!(grants, json!([{"permission": "read", "scope": "tenant"}, {"permission": "converse", "scope": "own"}]));

    // The name is changed on a phone.
    desk.resize(PHONE).await;
    open_thing(&desk, "Cara").await;
    desk.element("agent-form").await;
    fill_in(&desk, &[("name", " Lee")]).await;
    save_changes(&desk).await;
    fits_on_a_phone(&desk, "manage-agent").await;
    desk.click("up").await;
    shows(&desk, "things", "Cara Lee").await;
    desk.resize(DESKTOP).await;

    desk.click("to-audit").await;
    for act in ["role.created", "agent.created", "agent.changed"] {
        desk.shows("audit-entry", "data-act", act).await;
    }
    shows(&desk, "audit-entry", "Cara Lee").await;
    desk.picture("manage-audit-1280x800").await;
    choose(&desk, "filter-act", "role.created").await;
    until("the others are filtered out", async || (desk.texts("audit-entry").await.len() == 1).then_some(())).await;
    desk.click("check-chain").await;
    shows(&desk, "chain", "Complete and unchanged").await;

    // A role that an agent has is not deleted.
    desk.click("to-roles").await;
    open_thing(&desk, "Trainee").await;
    is_not_deleted(&desk, "An agent has this role").await;
    desk.picture("manage-role-in-use-1280x800").await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_makes_an_inbox_and_disables_it() {
    let (system, _browser, desk) = owner_at_a_console().await;
    let node = system.gateway(0);
    open_page(&desk, "inboxes").await;
    desk.click("new").await;
    fill_in(&desk, &[("name", "Returns"), ("origins", "https://shop.example/basket")]).await;
    save(&desk, "error-origins", "https://shop.example/basket").await;
    replace(&desk, "origins", "https://shop.example").await;
    desk.click("save").await;
    // It is shown with what pages have to carry.
    until("the line for pages", async || {
        (desk.run("return all('snippet')[0].value", Value::Null).await?.as_str()?.contains("data-inbox")).then_some(())
    })
    .await;
    desk.picture("manage-inbox-1280x800").await;
    desk.click("check-active").await;
    save_changes(&desk).await;
    let inboxes = Agent::ada(&system, node).await.rest(node).get_ok("/api/v1/inboxes").await;
    let made = inboxes["items"].as_array().and_then(|items| items.iter().find(|inbox| inbox["name"] == "Returns"));
    let made = made.expect("the inbox is there");
    assert_eq!((&made["active"], &made["origins"]), (&json!(false), &json!(["https://shop.example"])));
    desk.resize(PHONE).await;
    desk.click("up").await;
    shows(&desk, "things", "Disabled").await;
    fits_on_a_phone(&desk, "manage-inboxes").await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_changes_settings_sees_that_another_did_and_goes_back() {
    let (system, _browser, desk) = owner_at_a_console().await;
    let node = system.gateway(0);
    open_page(&desk, "settings").await;
    desk.shows("setting-widget.title", "data-set", "false").await;
    reach(&desk, "toggle-widget.title").await;
    fill_in(&desk, &[("widget.title", "Teapots")]).await;
    save(&desk, "version", "Version 1").await;

    // A value that is out of its limits is said at its field, by the server's word.
    reach(&desk, "toggle-widget.colour").await;
    fill_in(&desk, &[("widget.colour", "red")]).await;
    save(&desk, "error-widget.colour", "#3d5afe").await;
    desk.picture("manage-settings-1280x800").await;

    // Another owner's change is not overwritten: the page says so, and shows it when asked.
    let other = Agent::ada(&system, node).await.rest(node);
    let body = json!({"expected_version": 1, "document": {"widget": {"title": "Kettles"}}}).to_string().into_bytes();
    let headers = [("content-type", "application/json")];
    let written = other.request(reqwest::Method::PUT, "/api/v1/settings/tenant", &headers, Some(body)).await;
    assert_eq!(written.status, 200);
    reach(&desk, "toggle-widget.colour").await;
    fill_in(&desk, &[("widget.title", " and cups")]).await;
    desk.click("save").await;
    desk.element("changed-meanwhile").await;
    assert_eq!(value_of(&desk, "field-widget.title").await, "Teapots and cups", "what was typed is still there");
    desk.picture("manage-settings-meanwhile-1280x800").await;
    desk.click("reload-theirs").await;
    has_value(&desk, "field-widget.title", "Kettles").await;

    // Back to the first version, as a third.
    desk.click("to-history").await;
    desk.click("back-to-1").await;
    desk.click("confirm-action").await;
    desk.shows("version-entry", "data-version", "3").await;
    shows(&desk, "version-entry", "as in version 1").await;
    desk.picture("manage-history-1280x800").await;
    assert_eq!(other.get_ok("/api/v1/settings/tenant").await["document"]["widget"]["title"], "Teapots");
    fits_on_a_phone(&desk, "manage-history").await;
    desk.click("up").await;
    desk.element("settings-form").await;
    fits_on_a_phone(&desk, "manage-settings").await;

    // A team sets what it does not inherit.
    assert_eq!(other.post("/api/v1/teams", &json!({ "name": "Billing" })).await.status, 201);
    let teams = other.get_ok("/api/v1/teams").await;
    let path = format!("settings/team/{}", teams["items"][0]["id"].as_str().expect("a team has an id"));
    go_to(&desk, &path).await;
    desk.reload().await;
    desk.shows("setting-widget.title", "data-set", "false").await;
    let id = path.rsplit('/').next().unwrap_or_default();
    has_value(&desk, "scope", id).await;
    reach(&desk, "toggle-widget.greeting").await;
    fill_in(&desk, &[("widget.greeting", "Bills, please")]).await;
    save(&desk, "version", "Version 1").await;
    desk.picture("manage-settings-team-390x844").await;
    assert_eq!(other.get_ok(&format!("/api/v1/{path}")).await["document"]["widget"]["greeting"], "Bills, please");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_shown_no_page_that_manages() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, node, &system.demo().agent).await;
    assert!(desk.texts("to-manage").await.is_empty());
    for place in ["agents", "roles/new", "audit", "inboxes", "settings", "teams/new", "skills", "calendars"] {
        desk.open(&format!("{}/console/#/{place}", node.origin())).await;
        desk.element("no-screen").await;
        assert!(desk.texts("things").await.is_empty(), "{place}");
    }
    desk.close().await;
}

/// Whether a module and a style sheet below a folder were fetched.
async fn loaded(desk: &Window, folder: &str) -> [bool; 2] {
    let fetched = desk.run(FETCHED, json!(folder)).await.unwrap_or_default();
    let fetched: Vec<String> = serde_json::from_value(fetched).unwrap_or_default();
    [".js", ".css"].map(|ending| fetched.iter().any(|name| name.ends_with(ending)))
}

const ROLE_BY_NAME: &str = "
    return [...all('field-role')[0].options].find((option) => option.textContent === arguments[0])?.value ?? null;
";
const FETCHED: &str = "
    return performance.getEntriesByType('resource').map((one) => one.name).filter((name) => name.includes(arguments[0]));
";
