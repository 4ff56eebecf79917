//! How urgent a conversation is: chosen by one agent, seen by all.

use frontdesk_tests::harness::{Agent, Browser, System, Window, until};
use serde_json::json;

use super::{
    DESKTOP, open_widget,
    pages::{choose, fits_on_a_phone},
    sign_in, write,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_priority_that_an_agent_sets_is_marked_in_every_list_and_told_in_the_conversation() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let rest = Agent::ada(&system, node).await.rest(node);
    let (shop, desk) = (browser.window("shop", DESKTOP).await, browser.window("desk", DESKTOP).await);
    let other = browser.window("other", DESKTOP).await;
    open_widget(&shop, node).await;
    write(&shop, "The server room is on fire").await;
    for (window, account) in [(&desk, &system.demo().owner), (&other, &system.demo().agent)] {
        sign_in(window, node, account).await;
        window.click("tab-unassigned").await;
    }
    desk.click("conversation-row").await;

    for (value, mark) in [("urgent", Some("Urgent")), ("high", Some("High")), ("low", None), ("", None)] {
        choose(&desk, "priority", value).await;
        let expected: Vec<String> = mark.into_iter().map(str::to_owned).collect();
        for window in [&desk, &other] {
            until("the list marks it", async || (window.texts("priority-mark").await == expected).then_some(())).await;
        }
        if value == "urgent" {
            desk.picture("console-priority-1280x800").await;
            fits_on_a_phone(&desk, "console-priority").await;
            desk.resize(DESKTOP).await;
        }
    }
    for told in ["set the priority to Urgent", "set the priority to Low", "cleared the priority"] {
        tells(&desk, told).await;
    }
    let row = rest.get_ok("/api/v1/conversations").await["items"][0].clone();
    assert_eq!(row["fields"], json!(null), "nothing is set any more: {row}");
}

async fn tells(desk: &Window, told: &str) {
    let wanted = |message: &serde_json::Value| message.to_string().contains(told);
    desk.message(told, wanted).await;
}
