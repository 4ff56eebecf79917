//! What a tenant sets, in open pages: the snooze menu, the longest message, the display name.

use frontdesk_tests::harness::{Agent, Browser, System, Window, until};
use reqwest::Method;
use serde_json::{Value, json};

use super::{DESKTOP, PHONE, open_widget, sign_in, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_take_effect_in_open_consoles_and_what_is_too_long_is_told_in_words() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let rest = Agent::ada(&system, node).await.rest(node);
    let (shop, desk) = (browser.window("shop", DESKTOP).await, browser.window("desk", DESKTOP).await);
    open_widget(&shop, node).await;
    write(&shop, "A short message").await;
    sign_in(&desk, node, &system.demo().owner).await;
    desk.click("tab-unassigned").await;
    desk.click("conversation-row").await;
    desk.click("claim").await;
    let defaults = ["—", "For 1 hour", "For 4 hours", "For 1 day", "For 1 week"];
    let mornings = ["Until tomorrow, 9:00", "Until Monday, 9:00"];
    menu(&desk, &[&defaults[..], &mornings].concat()).await;

    // The console is open all the while.
    let document = json!({
        "general": {"display_name": "Tea & Co", "time_zone": "Asia/Shanghai"},
        "conversation": {"snooze_presets_minutes": [30, 2880], "max_message_bytes": 100},
    });
    let body = json!({ "expected_version": 0, "document": document }).to_string();
    let headers = [("content-type", "application/json")];
    let written = rest.request(Method::PUT, "/api/v1/settings/tenant", &headers, Some(body.into())).await;
    assert_eq!(written.status, 200, "{}", written.text);
    let mornings = ["Until tomorrow, 9:00 (Asia/Shanghai)", "Until Monday, 9:00 (Asia/Shanghai)"];
    menu(&desk, &[&["—", "For 30 minutes", "For 2 days"][..], &mornings].concat()).await;
    until("the console has the name", async || {
        let title = desk.run("return document.title", Value::Null).await?;
        title.as_str()?.ends_with("Tea & Co").then_some(())
    })
    .await;

    // The composer says so before it is sent.
    let long = "twelve bytes".repeat(10);
    desk.type_into("composer", &long).await;
    until("the console says the limit", async || {
        let hint = desk.run("return document.querySelector('.composer-hint').textContent", Value::Null).await?;
        (hint == "At most 100 bytes.").then_some(())
    })
    .await;
    desk.picture("console-limits-1280x800").await;
    desk.resize(PHONE).await;
    desk.picture("console-limits-390x844").await;
    assert!(!desk.overflows().await, "it fits on a phone");

    // The widget has the limit of its session, from before; the server refuses.
    write(&shop, &long).await;
    shop.message("its own, refused", |message| message["state"] == "failed").await;
    until("the widget says why", async || {
        let said = shop.texts("message").await;
        said.iter().any(|text| text.contains("This is too long to send at once.")).then_some(())
    })
    .await;
    shop.picture("widget-limits-1280x800").await;

    desk.resize(DESKTOP).await;
    desk.run("localStorage.setItem('frontdesk.language', 'zh-CN')", Value::Null).await;
    desk.reload().await;
    let mornings = ["到明天 9:00（Asia/Shanghai）", "到下周一 9:00（Asia/Shanghai）"];
    menu(&desk, &[&["—", "30分钟", "2天"][..], &mornings].concat()).await;
    desk.picture("console-limits-zh-1280x800").await;
}

async fn menu(desk: &Window, expected: &[&str]) {
    until("the snooze menu has what is set", async || {
        let script =
            "return [...document.querySelectorAll('[data-testid=snooze] option')].map((one) => one.textContent)";
        (desk.run(script, Value::Null).await? == json!(expected)).then_some(())
    })
    .await;
}
