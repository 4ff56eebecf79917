//! Steps that the tests of the managing pages share: signing in, opening a page, filling a form, saving it.

use frontdesk_tests::harness::{Browser, System, Window, until};
use serde_json::{Value, json};

use super::{DESKTOP, PHONE, sign_in};

/// A system, and a console in which its owner has signed in.
pub(crate) async fn owner_at_a_console() -> (System, Browser, Window) {
    let (system, browser) = (System::up(), Browser::start());
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, system.gateway(0), &system.demo().owner).await;
    (system, browser, desk)
}

/// Opens one of the managing pages by its card.
pub(crate) async fn open_page(desk: &Window, page: &str) {
    desk.click("to-manage").await;
    desk.click(&format!("card-{page}")).await;
}

/// Types into the fields of the form, each by its name.
pub(crate) async fn fill_in(desk: &Window, fields: &[(&str, &str)]) {
    for (name, text) in fields {
        desk.type_into(&format!("field-{name}"), text).await;
    }
}

/// Types into a field in place of what it holds.
pub(crate) async fn replace(desk: &Window, name: &str, text: &str) {
    let field = format!("field-{name}");
    desk.element(&field).await;
    desk.run("all(arguments[0])[0].select()", json!(field)).await;
    desk.type_into(&field, text).await;
}

/// Saves the form, and waits until an element says what came of it.
pub(crate) async fn save(desk: &Window, element: &str, says: &str) {
    reach(desk, "save").await;
    shows(desk, element, says).await;
}

/// Saves the form of a thing that exists.
pub(crate) async fn save_changes(desk: &Window) {
    save(desk, "save-state", "Saved").await;
}

/// Takes a picture of the page on a phone, where nothing may be cut off. The page stays narrow.
pub(crate) async fn fits_on_a_phone(desk: &Window, picture: &str) {
    desk.resize(PHONE).await;
    desk.picture(&format!("{picture}-390x844")).await;
    assert!(!desk.overflows().await, "{picture} fits on a phone");
}

/// Waits until an element shows a text.
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

/// Leads the page to the address below `#/`.
pub(crate) async fn go_to(desk: &Window, place: &str) {
    desk.run("location.hash = arguments[0]", json!(format!("#/{place}"))).await;
}

/// Tries to delete the thing whose form is shown, and waits for the reason why it is kept.
pub(crate) async fn is_not_deleted(desk: &Window, reason: &str) {
    reach(desk, "delete").await;
    desk.click("confirm-action").await;
    shows(desk, "confirm-problem", reason).await;
}

/// Waits until a field has a value.
pub(crate) async fn has_value(desk: &Window, name: &str, value: &str) {
    until(&format!("{name} is {value}"), async || (value_of(desk, name).await == value).then_some(())).await;
}

/// The value of a field.
pub(crate) async fn value_of(desk: &Window, name: &str) -> String {
    desk.element(name).await;
    let value = desk.run("return all(arguments[0])[0].value", json!(name)).await.expect("the page runs scripts");
    value.as_str().unwrap_or_default().to_owned()
}

/// Goes back by one page, as the browser's button does.
pub(crate) async fn go_back(desk: &Window) {
    desk.run("history.back()", Value::Null).await;
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
