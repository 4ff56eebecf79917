//! The pages on which a tenant is managed: addresses that lead to a place, and one thing made and changed on each.

use frontdesk_tests::harness::{Agent, Browser, System, Window, until};
use serde_json::{Value, json};

use super::{DESKTOP, PHONE, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_leads_to_its_place_through_reloads_and_the_back_button() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, node, &system.demo().owner).await;

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
        desk.run("history.back()", Value::Null).await;
        desk.element(place).await;
    }
    assert_eq!(value_of(&desk, "filter-act").await, "role.created", "the filter is part of the place");

    // An address that leads nowhere says so, and the rest goes on.
    desk.run("location.hash = '#/no/such/place'", Value::Null).await;
    desk.element("no-screen").await;
    desk.picture("console-no-screen-1280x800").await;
    desk.click("tab-mine").await;
    until("the lists are back", async || desk.texts("no-screen").await.is_empty().then_some(())).await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_makes_a_role_gives_it_to_a_new_agent_and_reads_both_in_the_audit_trail() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, node, &system.demo().owner).await;

    desk.click("to-manage").await;
    desk.click("card-roles").await;
    desk.click("new").await;
    desk.type_into("field-name", "Trainee").await;
    desk.click("check-converse").await;
    choose(&desk, "scope-converse", "own").await;
    // What was not saved is not left by one click.
    desk.click("to-agents").await;
    desk.click("confirm-cancel").await;
    desk.picture("manage-role-1280x800").await;
    desk.click("save").await;
    shows(&desk, "things", "Trainee").await;
    // A name that is taken is said at the field.
    desk.click("new").await;
    desk.type_into("field-name", "Trainee").await;
    desk.click("save").await;
    shows(&desk, "error-name", "taken").await;
    desk.picture("manage-role-taken-1280x800").await;
    desk.click("to-agents").await;
    desk.click("confirm-action").await;

    // A new agent with this role; what is missing is said at its field, and nothing is sent.
    desk.element("agents").await;
    desk.click("new").await;
    desk.type_into("field-name", "Cara").await;
    desk.click("save").await;
    shows(&desk, "error-email", "needed").await;
    desk.type_into("field-email", "cara@demo.test").await;
    desk.type_into("field-password", "a long enough password").await;
    let role = desk.run(ROLE_BY_NAME, json!("Trainee")).await.expect("the role can be chosen");
    choose(&desk, "field-role", role.as_str().expect("an id")).await;
    desk.click("save").await;
    shows(&desk, "things", "Cara").await;
    shows(&desk, "things", "Trainee").await;
    let trainee = Agent::login(node, &("cara@demo.test".to_owned(), "a long enough password".to_owned())).await;
    let grants = trainee.rest(node).get_ok("/api/v1/me").await["grants"].clone();
    assert_eq!(grants, json!([{"permission": "read", "scope": "tenant"}, {"permission": "converse", "scope": "own"}]));

    // The name is changed on a phone.
    desk.resize(PHONE).await;
    open_thing(&desk, "Cara").await;
    desk.element("agent-form").await;
    desk.type_into("field-name", " Lee").await;
    desk.click("save").await;
    shows(&desk, "save-state", "Saved").await;
    desk.picture("manage-agent-390x844").await;
    assert!(!desk.overflows().await, "it fits on a phone");
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
    desk.click("delete").await;
    desk.click("confirm-action").await;
    shows(&desk, "confirm-problem", "An agent has this role").await;
    desk.picture("manage-role-in-use-1280x800").await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_makes_an_inbox_and_disables_it() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, node, &system.demo().owner).await;
    desk.click("to-manage").await;
    desk.click("card-inboxes").await;
    desk.click("new").await;
    desk.type_into("field-name", "Returns").await;
    desk.type_into("field-origins", "https://shop.example/basket").await;
    desk.click("save").await;
    shows(&desk, "error-origins", "https://shop.example/basket").await;
    desk.run("all('field-origins')[0].select()", Value::Null).await;
    desk.type_into("field-origins", "https://shop.example").await;
    desk.click("save").await;
    // It is shown with what pages have to carry.
    until("the line for pages", async || {
        (desk.run("return all('snippet')[0].value", Value::Null).await?.as_str()?.contains("data-inbox")).then_some(())
    })
    .await;
    desk.picture("manage-inbox-1280x800").await;
    desk.click("check-active").await;
    desk.click("save").await;
    shows(&desk, "save-state", "Saved").await;
    let inboxes = Agent::ada(&system, node).await.rest(node).get_ok("/api/v1/inboxes").await;
    let made = inboxes["items"].as_array().and_then(|items| items.iter().find(|inbox| inbox["name"] == "Returns"));
    let made = made.expect("the inbox is there");
    assert_eq!((&made["active"], &made["origins"]), (&json!(false), &json!(["https://shop.example"])));
    desk.resize(PHONE).await;
    desk.click("up").await;
    shows(&desk, "things", "Disabled").await;
    assert!(!desk.overflows().await, "it fits on a phone");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_changes_settings_sees_that_another_did_and_goes_back() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, node, &system.demo().owner).await;
    desk.click("to-manage").await;
    desk.click("card-settings").await;
    desk.shows("setting-widget.title", "data-set", "false").await;
    reach(&desk, "toggle-widget.title").await;
    desk.type_into("field-widget.title", "Teapots").await;
    desk.click("save").await;
    shows(&desk, "version", "Version 1").await;

    // A value that is out of its limits is said at its field, by the server's word.
    reach(&desk, "toggle-widget.colour").await;
    desk.type_into("field-widget.colour", "red").await;
    desk.click("save").await;
    shows(&desk, "error-widget.colour", "#3d5afe").await;
    desk.picture("manage-settings-1280x800").await;

    // Another owner's change is not overwritten: the page says so, and shows it when asked.
    let other = Agent::ada(&system, node).await.rest(node);
    let body = json!({"expected_version": 1, "document": {"widget": {"title": "Kettles"}}}).to_string().into_bytes();
    let headers = [("content-type", "application/json")];
    let written = other.request(reqwest::Method::PUT, "/api/v1/settings/tenant", &headers, Some(body)).await;
    assert_eq!(written.status, 200);
    reach(&desk, "toggle-widget.colour").await;
    desk.type_into("field-widget.title", " and cups").await;
    desk.click("save").await;
    desk.element("changed-meanwhile").await;
    assert_eq!(value_of(&desk, "field-widget.title").await, "Teapots and cups", "what was typed is still there");
    desk.picture("manage-settings-meanwhile-1280x800").await;
    desk.click("reload-theirs").await;
    until("the other's title", async || (value_of(&desk, "field-widget.title").await == "Kettles").then_some(())).await;

    // Back to the first version, as a third.
    desk.click("to-history").await;
    desk.click("back-to-1").await;
    desk.click("confirm-action").await;
    desk.shows("version-entry", "data-version", "3").await;
    shows(&desk, "version-entry", "as in version 1").await;
    desk.picture("manage-history-1280x800").await;
    assert_eq!(other.get_ok("/api/v1/settings/tenant").await["document"]["widget"]["title"], "Teapots");
    desk.resize(PHONE).await;
    desk.picture("manage-history-390x844").await;
    assert!(!desk.overflows().await, "the history fits on a phone");
    desk.click("up").await;
    desk.element("settings-form").await;
    desk.picture("manage-settings-390x844").await;
    assert!(!desk.overflows().await, "the settings fit on a phone");

    // A team sets what it does not inherit.
    let team = json!({ "name": "Billing" }).to_string().into_bytes();
    let made = other.request(reqwest::Method::POST, "/api/v1/teams", &headers, Some(team)).await;
    assert_eq!(made.status, 201);
    let teams = other.get_ok("/api/v1/teams").await;
    let path = format!("settings/team/{}", teams["items"][0]["id"].as_str().expect("a team has an id"));
    desk.run("location.hash = arguments[0]", json!(format!("#/{path}"))).await;
    desk.reload().await;
    desk.shows("setting-widget.title", "data-set", "false").await;
    let id = path.rsplit('/').next().unwrap_or_default();
    until("the team is chosen", async || (value_of(&desk, "scope").await == id).then_some(())).await;
    reach(&desk, "toggle-widget.greeting").await;
    desk.type_into("field-widget.greeting", "Bills, please").await;
    reach(&desk, "save").await;
    desk.click("save").await;
    shows(&desk, "version", "Version 1").await;
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

pub(crate) async fn shows(desk: &Window, name: &str, text: &str) {
    until(&format!("{name} shows {text}"), async || {
        desk.texts(name).await.iter().any(|shown| shown.contains(text)).then_some(())
    })
    .await;
}

/// Clicks on what may lie below the bar that stays at the bottom of a long form.
pub(crate) async fn reach(desk: &Window, name: &str) {
    desk.element(name).await;
    desk.run("all(arguments[0])[0].scrollIntoView({ block: 'center' })", json!(name)).await;
    desk.click(name).await;
}

/// Chooses a value in a list of choices, as a person does.
pub(crate) async fn choose(desk: &Window, name: &str, value: &str) {
    desk.element(name).await;
    desk.run(CHOOSE, json!([name, value])).await.expect("the page runs scripts");
}

/// Follows the entry of a list with this name.
pub(crate) async fn open_thing(desk: &Window, name: &str) {
    until(&format!("an entry {name}"), async || {
        let found = desk.run(OPEN_THING, json!(name)).await?;
        (found == true).then_some(())
    })
    .await;
}

async fn value_of(desk: &Window, name: &str) -> String {
    desk.element(name).await;
    let value = desk.run("return all(arguments[0])[0].value", json!(name)).await.expect("the page runs scripts");
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether a module and a style sheet below a folder were fetched.
async fn loaded(desk: &Window, folder: &str) -> [bool; 2] {
    let fetched = desk.run(FETCHED, json!(folder)).await.unwrap_or_default();
    let fetched: Vec<String> = serde_json::from_value(fetched).unwrap_or_default();
    [".js", ".css"].map(|ending| fetched.iter().any(|name| name.ends_with(ending)))
}

const CHOOSE: &str = "
    const [[name, value]] = arguments;
    const field = all(name)[0];
    field.value = value;
    field.dispatchEvent(new Event('change', { bubbles: true }));
    return true;
";
const OPEN_THING: &str = "
    const thing = all('thing').find((one) => one.querySelector('strong').textContent === arguments[0]);
    thing?.click();
    return Boolean(thing);
";
const ROLE_BY_NAME: &str = "
    return [...all('field-role')[0].options].find((option) => option.textContent === arguments[0])?.value ?? null;
";
const FETCHED: &str = "
    return performance.getEntriesByType('resource').map((one) => one.name).filter((name) => name.includes(arguments[0]));
";
