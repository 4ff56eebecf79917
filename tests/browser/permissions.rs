//! What a console shows follows from what its agent may do, as it changes.

use frontdesk_tests::harness::{Agent, Browser, System, until};
use serde_json::json;

use super::{DESKTOP, open_widget, sign_in, write};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_role_shows_in_an_open_console_without_a_reload() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let owner = Agent::ada(&system, node).await.rest(node);
    let bob = Agent::bob(&system, node).await;
    let (shop, desk) = (browser.window("shop", DESKTOP).await, browser.window("desk", DESKTOP).await);
    open_widget(&shop, node).await;
    write(&shop, "Who may do what here?").await;
    sign_in(&desk, node, &system.demo().agent).await;
    desk.click("tab-unassigned").await;
    desk.click("conversation-row").await;
    assert!(desk.texts("to-ledger").await.is_empty(), "an agent sees no ledger");
    desk.picture("console-agent-1280x800").await;

    for (role, shown) in [("supervisor", true), ("agent", false)] {
        let headers = [("content-type", "application/json")];
        let change = json!({ "role": role }).to_string().into_bytes();
        let path = format!("/api/v1/agents/{}", bob.id);
        assert_eq!(owner.request(reqwest::Method::PATCH, &path, &headers, Some(change)).await.status, 200);
        until("the console follows", async || (desk.texts("to-ledger").await.is_empty() != shown).then_some(())).await;
        desk.picture(&format!("console-became-{role}-1280x800")).await;
        if shown {
            desk.click("to-ledger").await;
            desk.element("ledger-verdict").await;
        }
    }
    assert!(desk.texts("ledger-verdict").await.is_empty(), "the page that is not allowed any more is left");
}
