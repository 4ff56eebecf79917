//! Signing out where there is no network, and what a console remembers of its agent.

use frontdesk_tests::harness::{Browser, Rest, System, Window, until};
use serde_json::json;

use super::{DESKTOP, PHONE, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_without_the_desk_says_so_and_is_finished_later() {
    let (system, browser) = (System::up(), Browser::start());
    let node = system.gateway(0);
    let desk = signed_out_without_the_desk(&browser, &system).await;
    desk.picture("console-leaving-1280x800").await;
    desk.resize(PHONE).await;
    assert!(!desk.overflows().await);
    desk.picture("console-leaving-390x844").await;
    node.start();
    until("the desk was told", async || desk.texts("login-leaving").await.is_empty().then_some(())).await;
    desk.reload().await;
    desk.element("login-email").await;
    let body = json!({"email": system.demo().agent.0, "password": system.demo().agent.1});
    assert_eq!(Rest::new(node).post("/api/v1/auth/login", &body).await.status, 200, "the account itself is well");
    sign_in(&desk, node, &system.demo().agent).await;
    desk.element("tab-mine").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_loaded_while_a_sign_out_is_not_finished_asks_to_sign_in() {
    let (system, browser) = (System::up(), Browser::start());
    let node = system.gateway(0);
    let desk = signed_out_without_the_desk(&browser, &system).await;
    // The page is closed before the desk is back.
    desk.open("about:blank").await;
    node.start();
    desk.open(&format!("{}/console/", node.origin())).await;
    desk.element("login-email").await;
    until("the desk was told", async || desk.texts("login-leaving").await.is_empty().then_some(())).await;
    desk.reload().await;
    desk.element("login-email").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_who_is_away_is_away_after_a_reload_and_in_the_next_tab() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, node, &system.demo().agent).await;
    desk.click("account").await;
    desk.click("be-away").await;
    desk.reload().await;
    desk.shows("account", "data-presence", "away").await;
    let second = browser.window("second", DESKTOP).await;
    sign_in(&second, node, &system.demo().agent).await;
    second.shows("account", "data-presence", "away").await;
    second.picture("console-away-1280x800").await;
    second.click("account").await;
    second.click("be-online").await;
    desk.shows("account", "data-presence", "online").await;
}

/// A console that signed out while the desk was away, which it still is.
async fn signed_out_without_the_desk(browser: &Browser, system: &System) -> Window {
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, system.gateway(0), &system.demo().agent).await;
    desk.element("tab-mine").await;
    system.gateway(0).kill();
    desk.click("account").await;
    desk.click("sign-out").await;
    desk.element("login-leaving").await;
    desk
}
