//! A contact in the widget and an agent in the console, in real browsers.

mod catching_up;
mod leaving;
mod ledger;
mod manage;
mod pages;
mod permissions;
mod priority;
mod searching;
mod settings;
mod teams;
mod visitors;

use frontdesk_tests::harness::{Browser, Node, System, Window, until};
use serde_json::Value;

const DESKTOP: (u32, u32) = (1280, 800);
const PHONE: (u32, u32) = (390, 844);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_and_an_agent_talk_without_a_reload_and_through_a_kill() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let shop = browser.window("shop", DESKTOP).await;
    let desk = browser.window("desk", DESKTOP).await;

    sign_in(&desk, node, &system.demo().owner).await;
    desk.picture("console-empty-1280x800").await;
    desk.click("tab-unassigned").await;
    open_widget(&shop, node).await;
    shop.picture("widget-open-1280x800").await;

    // The contact writes; the agent sees it without a reload, claims and answers.
    write(&shop, "Where is my teapot? Où est ma théière ?").await;
    desk.click("conversation-row").await;
    desk.message("the question", |message| is_text(message, "Where is my teapot? Où est ma théière ?")).await;
    desk.picture("console-question-1280x800").await;
    desk.click("claim").await;
    desk.element("claim-receipt").await;
    answer(&desk, "It left this morning.").await;
    shop.message("the answer", |message| is_text(message, "It left this morning.") && message["mine"] == false).await;

    // Both messages end as read.
    shop.message("its own, read", |message| is_text(message, "Where is my teapot?") && message["state"] == "read")
        .await;
    desk.message("its own, read", |message| is_text(message, "It left this morning.") && message["state"] == "read")
        .await;

    // A note stays with staff.
    desk.click("composer-note-toggle").await;
    answer(&desk, "Customer sounds impatient.").await;
    desk.message("the note", |message| is_text(message, "impatient") && message["kind"] == "note").await;
    desk.click("composer-note-toggle").await;
    answer(&desk, "Anything else?").await;
    shop.message("what came after the note", |message| is_text(message, "Anything else?")).await;
    assert!(!texts(&shop).await.iter().any(|text| text.contains("impatient")));
    desk.picture("console-conversation-1280x800").await;
    shop.picture("widget-conversation-1280x800").await;

    // The server is killed; both go on writing; everything arrives, once.
    node.kill();
    shop.shows("connection-state", "data-state", "reconnecting").await;
    write(&shop, "Are you still there?").await;
    answer(&desk, "One moment please.").await;
    shop.picture("widget-offline-1280x800").await;
    node.start();
    for window in [&shop, &desk] {
        window.shows("connection-state", "data-state", "online").await;
        window.message("the contact's", |message| is_text(message, "Are you still there?") && is_kept(message)).await;
        window.message("the agent's", |message| is_text(message, "One moment please.") && is_kept(message)).await;
    }
    let expected = [
        "Where is my teapot? Où est ma théière ?",
        "It left this morning.",
        "Anything else?",
        "Are you still there?",
        "One moment please.",
    ];
    for window in [&shop, &desk] {
        let texts = texts(window).await;
        for text in expected {
            assert_eq!(texts.iter().filter(|shown| shown.contains(text)).count(), 1, "{text} in {texts:?}");
        }
    }

    // A reload changes nothing.
    let before = spoken(&shop).await;
    shop.reload().await;
    shop.element("widget-launcher").await;
    if shop.texts("widget-panel").await.is_empty() {
        shop.click("widget-launcher").await;
    }
    until("the same conversation after a reload", async || (spoken(&shop).await == before).then_some(())).await;

    desk.click("resolve").await;
    shop.picture("widget-resolved-1280x800").await;
    desk.picture("console-resolved-1280x800").await;
    for (window, name) in [(&shop, "widget"), (&desk, "console")] {
        window.resize(PHONE).await;
        window.picture(&format!("{name}-390x844")).await;
        assert!(!window.overflows().await, "{name} fits on a phone");
    }
    shop.close().await;
    desk.close().await;
}

async fn sign_in(desk: &Window, node: &Node, (email, password): &(String, String)) {
    desk.open(&format!("{}/console/", node.origin())).await;
    desk.element("login-email").await;
    desk.picture("console-login-1280x800").await;
    desk.type_into("login-email", email).await;
    desk.type_into("login-password", password).await;
    desk.click("login-submit").await;
    desk.shows("connection-state", "data-state", "online").await;
}

async fn open_widget(shop: &Window, node: &Node) {
    shop.open(&format!("{}/demo/", node.origin())).await;
    shop.element("widget-launcher").await;
    shop.picture("shop-1280x800").await;
    shop.click("widget-launcher").await;
    shop.element("widget-panel").await;
}

async fn write(shop: &Window, text: &str) {
    shop.type_into("widget-input", text).await;
    shop.click("widget-send").await;
    shop.message("what was just written", |message| is_text(message, text)).await;
}

async fn answer(desk: &Window, text: &str) {
    desk.type_into("composer", text).await;
    desk.click("composer-send").await;
    desk.message("what was just written", |message| is_text(message, text)).await;
}

async fn texts(window: &Window) -> Vec<String> {
    let messages = window.messages().await;
    messages.iter().filter_map(|message| message["text"].as_str().map(ToOwned::to_owned)).collect()
}

/// Number and text of what was said, in order.
async fn spoken(window: &Window) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let messages = window.messages().await;
    messages
        .iter()
        .filter(|message| message["kind"] == "message")
        .map(|message| (text(&message["seq"]), text(&message["text"])))
        .collect()
}

fn is_text(message: &Value, text: &str) -> bool {
    message["text"].as_str().is_some_and(|shown| shown.contains(text))
}

/// Whether it is beyond "sending".
fn is_kept(message: &Value) -> bool {
    message["seq"].as_str().is_some_and(|seq| !seq.is_empty()) && message["state"] != "failed"
}
