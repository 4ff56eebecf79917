//! Who the visitor of a shop is: one person in all tabs, through every change of the page, and another one when the
//! page says so. What is refused is said in words.

use std::process::Command;

use frontdesk_tests::harness::{Agent, Browser, Rest, Shop, System, Window, eventually, until, widget_tag};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    DESKTOP, PHONE, is_kept, is_text,
    pages::{go_to, reach, value_of},
    sign_in, spoken, texts, write,
};

/// A desk, and a shop on another origin that its inbox allows.
async fn desk_and_shop() -> (System, Shop, Rest) {
    let (system, shop) = (System::up(), Shop::start().await);
    let rest = Agent::ada(&system, system.gateway(0)).await.rest(system.gateway(0));
    let change = json!({ "origins": [shop.origin()] }).to_string();
    let address = format!("/api/v1/inboxes/{}", system.demo().inbox);
    let headers = [("content-type", "application/json")];
    let changed = rest.request(Method::PATCH, &address, &headers, Some(change.into())).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    (system, shop, rest)
}

fn tag(system: &System, attributes: &str) -> String {
    widget_tag(system.gateway(0), &system.demo().inbox, attributes)
}

/// Opens the panel, if it is not open.
async fn open_panel(tab: &Window) {
    tab.element("widget-launcher").await;
    if tab.texts("widget-panel").await.is_empty() {
        tab.click("widget-launcher").await;
    }
    tab.element("widget-panel").await;
}

/// Opens a page and its panel, and waits for the connection.
async fn chat_at(tab: &Window, page: &str) {
    tab.open(page).await;
    open_panel(tab).await;
    tab.shows("connection-state", "data-state", "online").await;
}

async fn count(tab: &Window, script: &str) -> u64 {
    tab.run(&format!("return {script}"), Value::Null).await.and_then(|count| count.as_u64()).unwrap_or_default()
}

async fn sockets(tab: &Window) -> u64 {
    count(tab, "seen.sockets.filter((socket) => socket.readyState < 2).length").await
}

async fn kept(tab: &Window, text: &str) {
    tab.message(text, |message| is_text(message, text) && is_kept(message)).await;
}

/// All texts that the visitor sees in the end, in order.
async fn says(tab: &Window, expected: &[&str]) {
    let mut last = Vec::new();
    let same = eventually(async || {
        last = spoken(tab).await.into_iter().map(|(_, text)| text).collect();
        (last == expected).then_some(())
    });
    assert!(same.await.is_some(), "{last:?}, and not {expected:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tabs_of_one_site_share_one_contact_and_one_conversation() {
    let (system, shop, rest) = desk_and_shop().await;
    let browser = Browser::start();
    let contacts = async || rest.get_ok("/api/v1/contacts").await["items"].as_array().unwrap().len();
    let before = contacts().await;
    let page = shop.page("/", &tag(&system, ""));
    let window = browser.window("shop", DESKTOP).await;
    let a = window.tab().await;
    window.open(&page).await;
    window.element("widget-launcher").await;
    let b = window.new_tab().await;
    window.open(&page).await;
    window.element("widget-launcher").await;

    window.to_tab(&a).await;
    window.click("widget-launcher").await;
    write(&window, "one").await;
    kept(&window, "one").await;
    window.to_tab(&b).await;
    open_panel(&window).await;
    write(&window, "two").await;
    kept(&window, "two").await;
    for tab in [&b, &a] {
        window.to_tab(tab).await;
        says(&window, &["one", "two"]).await;
        window.reload().await;
        open_panel(&window).await;
        says(&window, &["one", "two"]).await;
    }
    assert_eq!(contacts().await, before + 1, "one contact");
    let listed = rest.get_ok("/api/v1/conversations?status=open").await;
    let of_inbox = |row: &&Value| row["inbox"] == json!(system.demo().inbox);
    assert_eq!(listed["items"].as_array().unwrap().iter().filter(of_inbox).count(), 1, "one conversation: {listed}");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_introduction_that_cannot_be_used_is_left_out_and_the_chat_works() {
    let (system, shop, _) = desk_and_shop().await;
    let browser = Browser::start();
    let long = "名".repeat(40);
    let odd = [
        r#"data-email="" data-name="""#.to_owned(),
        r#"data-email="none""#.to_owned(),
        format!(r#"data-name="{long}""#),
        "data-name=\"Ada\nLovelace\"".to_owned(),
        r#"data-email="a@b@c.example" data-name="&#7;""#.to_owned(),
        format!(r#"data-email="{}@shop.example""#, "a".repeat(300)),
    ];
    let window = browser.window("shop", DESKTOP).await;
    for (number, attributes) in odd.iter().enumerate() {
        let page = shop.page(&format!("/{number}"), &tag(&system, attributes));
        chat_at(&window, &page).await;
        write(&window, &format!("by {number}")).await;
        kept(&window, &format!("by {number}")).await;
        assert!(count(&window, "seen.sessions").await <= 2, "{attributes}");
    }
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_person_at_the_same_browser_begins_with_nothing() {
    let (system, shop, _) = desk_and_shop().await;
    let browser = Browser::start();
    let window = browser.window("shop", DESKTOP).await;
    let page = |path: &str, attributes: &str| shop.page(path, &tag(&system, attributes));
    let [guest, ada, bea] =
        [page("/guest", ""), page("/a", r#"data-email="A@x.test""#), page("/b", r#"data-email="b@x.test""#)];

    // A guest who signs in stays who it is.
    chat_at(&window, &guest).await;
    write(&window, "before signing in").await;
    kept(&window, "before signing in").await;
    chat_at(&window, &ada).await;
    says(&window, &["before signing in"]).await;
    write(&window, "a secret of a").await;
    kept(&window, "a secret of a").await;
    window.type_into("widget-input", "half a thought of a").await;

    // Another address, the first one again, and then no address: each begins with nothing.
    for page in [&bea, &ada, &guest] {
        chat_at(&window, page).await;
        assert_eq!(texts(&window).await, Vec::<String>::new());
        assert_eq!(typed(&window).await, "");
        write(&window, "by another person").await;
        kept(&window, "by another person").await;
        says(&window, &["by another person"]).await;
    }
    // A shop whose script knows when its visitor signs out.
    window.run("window.Frontdesk.reset()", Value::Null).await;
    until("nothing of the person before", async || texts(&window).await.is_empty().then_some(())).await;
    window.shows("connection-state", "data-state", "online").await;
    write(&window, "after the reset").await;
    kept(&window, "after the reset").await;
    says(&window, &["after the reset"]).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proven_visitor_finds_the_same_conversation_at_another_browser() {
    let (system, shop, rest) = desk_and_shop().await;
    let browser = Browser::start();
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, system.gateway(0), &system.demo().owner).await;
    go_to(&desk, &format!("inboxes/{}", system.demo().inbox)).await;
    reach(&desk, "new-secret").await;
    let secret = value_of(&desk, "secret").await;
    desk.element("identity-secret").await;
    for width in [DESKTOP, PHONE] {
        desk.resize(width).await;
        desk.run("all('identity-secrets')[0].scrollIntoView()", Value::Null).await;
        desk.picture(&format!("console-identity-{}x{}", width.0, width.1)).await;
        assert!(!desk.overflows().await);
    }

    // The proof that the server of the shop makes.
    let page = shop.page("/", &tag(&system, ""));
    let windows = [browser.window("here", DESKTOP).await, browser.window("elsewhere", DESKTOP).await];
    let proof = |id: &str| json!({ "id": id, "hash": hmac_sha256(&secret, id) });
    let identify = "window.Frontdesk.identify(arguments[0])";
    chat_at(&windows[0], &page).await;
    write(&windows[0], "before it was known").await;
    kept(&windows[0], "before it was known").await;
    for window in &windows {
        window.open(&page).await;
        window.element("widget-launcher").await;
        window.run(identify, proof("42")).await;
        open_panel(window).await;
        says(window, &["before it was known"]).await;
    }
    write(&windows[1], "from elsewhere").await;
    says(&windows[0], &["before it was known", "from elsewhere"]).await;

    // Another one at the same browser, by a proof and then by one that proves nothing.
    windows[0].run(identify, proof("43")).await;
    until("nothing of the person before", async || texts(&windows[0]).await.is_empty().then_some(())).await;
    windows[0].run(identify, json!({ "id": "42", "hash": "0".repeat(64) })).await;
    windows[0].shows("connection-state", "data-state", "online").await;
    write(&windows[0], "not proven").await;
    kept(&windows[0], "not proven").await;
    says(&windows[0], &["not proven"]).await;
    says(&windows[1], &["before it was known", "from elsewhere"]).await;

    // Removed, the secret proves nothing more.
    desk.resize(DESKTOP).await;
    reach(&desk, "remove-secret").await;
    desk.picture("console-identity-remove-1280x800").await;
    desk.click("confirm-action").await;
    until("the secret is gone", async || desk.texts("identity-secret").await.is_empty().then_some(())).await;
    let left = rest.get_ok(&format!("/api/v1/inboxes/{}/identity-secrets", system.demo().inbox)).await;
    assert_eq!(left["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_widget_survives_routers_copies_and_a_second_tag() {
    let (system, shop, _) = desk_and_shop().await;
    let browser = Browser::start();
    let window = browser.window("shop", DESKTOP).await;
    let widgets = async || count(&window, "document.querySelectorAll('frontdesk-widget').length").await;
    let launchers = async || count(&window, "all('widget-launcher').length").await;

    // The same tag twice, as a theme and a plugin have it.
    let twice = shop.page("/twice", &tag(&system, "").repeat(2));
    chat_at(&window, &twice).await;
    assert_eq!((widgets().await, launchers().await, sockets(&window).await), (1, 1, 1));
    write(&window, "still here").await;
    kept(&window, "still here").await;
    window.type_into("widget-input", "half a thou").await;

    // A router replaces the body.
    window.run("document.body.replaceWith(document.createElement('body'))", Value::Null).await;
    until("the widget is back", async || (widgets().await == 1 && launchers().await == 1).then_some(())).await;
    says(&window, &["still here"]).await;
    assert_eq!((sockets(&window).await, typed(&window).await.as_str()), (1, "half a thou"));

    // It goes back to a copy of an earlier body, and runs the tag of that page again.
    let again = "
        const body = document.body.cloneNode(true);
        document.body.replaceWith(body);
        const tag = document.querySelector('script[data-inbox]');
        const next = document.createElement('script');
        for (const { name, value } of tag.attributes) next.setAttribute(name, value);
        tag.replaceWith(next);
    ";
    for _ in 0..2 {
        window.run(again, Value::Null).await;
        until("one widget", async || (widgets().await == 1 && launchers().await == 1).then_some(())).await;
        says(&window, &["still here"]).await;
        assert_eq!((sockets(&window).await, typed(&window).await.as_str()), (1, "half a thou"));
    }
    write(&window, "ght").await;
    says(&window, &["still here", "half a thought"]).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_panel_and_what_was_typed_are_there_on_the_next_page() {
    let (system, shop, _) = desk_and_shop().await;
    let browser = Browser::start();
    let window = browser.window("shop", DESKTOP).await;
    let [first, second] = ["/first", "/second"].map(|path| shop.page(path, &tag(&system, "")));
    chat_at(&window, &first).await;
    window.type_into("widget-input", "Do you have it in").await;
    window.open(&second).await;
    window.element("widget-panel").await;
    assert_eq!(typed(&window).await, "Do you have it in");
    let focused = window.run("return document.activeElement === document.body", Value::Null).await;
    assert_eq!(focused, Some(Value::Bool(true)), "the next page keeps its focus");
    window.picture("widget-next-page-1280x800").await;
    window.type_into("widget-input", " blue?").await;
    window.click("widget-send").await;
    kept(&window, "Do you have it in blue?").await;
    window.click("widget-launcher").await;
    window.open(&first).await;
    window.element("widget-launcher").await;
    assert!(window.texts("widget-panel").await.is_empty(), "a panel that was shut stays shut");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_an_input_method_do_not_shut_the_panel() {
    let (system, shop, _) = desk_and_shop().await;
    let browser = Browser::start();
    let window = browser.window("shop", DESKTOP).await;
    chat_at(&window, &shop.page("/", &tag(&system, ""))).await;
    let press = |options: &str| {
        format!(
            "all('widget-input')[0].dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Escape', bubbles: true, composed: true, {options} }}))"
        )
    };
    for options in ["isComposing: true", "keyCode: 229"] {
        window.run(&press(options), Value::Null).await;
        // What was pressed has been drawn when the next frame is.
        window
            .run(
                "return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
                Value::Null,
            )
            .await;
        assert_eq!(count(&window, "all('widget-panel').length").await, 1, "{options}");
    }
    window.run(&press(""), Value::Null).await;
    until("the panel shuts", async || window.texts("widget-panel").await.is_empty().then_some(())).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_is_not_allowed_says_so_in_words_and_does_not_try_again() {
    let (system, shop) = (System::up(), Shop::start().await);
    let browser = Browser::start();
    let window = browser.window("shop", DESKTOP).await;
    window.open(&shop.page("/", &tag(&system, ""))).await;
    open_panel(&window).await;
    window.shows("connection-state", "data-problem", "forbidden_origin").await;
    window.shows("connection-state", "data-state", "stopped").await;
    assert_eq!(window.texts("connection-state").await, ["This chat is not available on this site."]);
    assert_eq!(count(&window, "all('widget-input').length").await, 0, "there is no point in writing");
    let lines = window.run("return seen.lines", Value::Null).await.unwrap();
    let lines: Vec<_> =
        lines.as_array().unwrap().iter().filter(|line| line.as_str().unwrap().starts_with("Frontdesk")).collect();
    assert!(lines.len() == 1 && lines[0].as_str().unwrap().contains(&shop.origin()), "{lines:?}");
    assert_eq!((count(&window, "seen.sessions").await, sockets(&window).await), (1, 0));
    window.picture("widget-not-allowed-1280x800").await;
    window.resize(PHONE).await;
    window.picture("widget-not-allowed-390x844").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_that_was_never_connected_promises_nothing() {
    let system = System::up();
    let browser = Browser::start();
    let window = browser.window("shop", DESKTOP).await;
    window.open(&format!("{}/demo/", system.gateway(0).origin())).await;
    window.element("widget-launcher").await;
    system.gateway(0).kill();
    open_panel(&window).await;
    window.shows("connection-state", "data-state", "reconnecting").await;
    assert_eq!(window.texts("connection-state").await, ["The chat cannot be reached. Trying again…"]);
    window.picture("widget-never-connected-1280x800").await;
    system.gateway(0).start();
    // At once, and not after the wait that has grown meanwhile.
    window.run("dispatchEvent(new Event('online'))", Value::Null).await;
    window.shows("connection-state", "data-state", "online").await;
    window.close().await;
}

/// What stands in the field.
async fn typed(window: &Window) -> String {
    let value = window.run("return all('widget-input')[0]?.value ?? null", Value::Null).await;
    value.and_then(|value| value.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}

/// HMAC-SHA256 in hexadecimal digits, by a program of others, as the server of a shop would make it.
fn hmac_sha256(secret: &str, text: &str) -> String {
    let made = Command::new("node")
        .args(["-p", "require('crypto').createHmac('sha256', process.argv[1]).update(process.argv[2]).digest('hex')"])
        .args([secret, text])
        .output()
        .expect("node is installed");
    String::from_utf8(made.stdout).expect("digits").trim().to_owned()
}
