//! A console that was away: it catches up from its cursor, and reads no list anew.

use frontdesk_tests::harness::{Agent, Browser, Coding, Contact, Node, System, Window, command, open, say, until};
use serde_json::Value;

use crate::{DESKTOP, PHONE, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_that_was_away_shows_the_right_lists_without_reading_them_anew() {
    let system = System::cluster_with(1, &[]);
    let (gone, there) = (system.gateway(0), system.gateway(1));
    let contact = Contact::visit(&system, there).await;
    let widget = contact.connect(there, Coding::Json).await;
    let mut opened = Vec::new();
    for text in ["to be claimed", "to be resolved", "to be continued"] {
        let conversation = open(&widget).await;
        widget.ask_ok(&say(&conversation, text)).await;
        opened.push(conversation);
    }
    let browser = Browser::start();
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, gone, &system.demo().owner).await;
    desk.click("tab-unassigned").await;
    desk.listed("all three", &["to be claimed", "to be resolved", "to be continued"], 3).await;
    desk.shows("connection-state", "data-catching-up", "false").await;
    desk.run(KEEP_REQUESTS, Value::Null).await.expect("the page runs scripts");

    gone.kill();
    desk.shows("connection-state", "data-state", "reconnecting").await;
    desk.run(FORGET_REQUESTS, Value::Null).await.expect("the page runs scripts");
    let bob = Agent::bob(&system, there).await;
    let console = bob.connect(there, Coding::Json).await;
    console.ask_ok(&command("claim", &opened[0])).await;
    console.ask_ok(&command("resolve", &opened[1])).await;
    widget.ask_ok(&say(&opened[2], "continued")).await;
    let new = open(&widget).await;
    widget.ask_ok(&say(&new, "brand new")).await;
    assert_eq!(desk.texts("conversation-row").await.len(), 3, "what was known is still shown");
    desk.picture("console-away-1280x800").await;

    gone.start();
    desk.shows("connection-state", "data-state", "online").await;
    desk.listed("what is unassigned now", &["continued", "brand new"], 2).await;
    desk.click("tab-open").await;
    desk.listed("what is open now", &["to be claimed", "continued", "brand new"], 3).await;
    desk.shows("connection-state", "data-catching-up", "false").await;
    desk.picture("console-caught-up-1280x800").await;
    let requests = desk.run(REQUESTS, Value::Null).await.expect("the page runs scripts");
    let requests: Vec<String> = serde_json::from_value(requests).expect("addresses");
    assert!(!requests.is_empty(), "requests are seen");
    assert!(!requests.iter().any(|address| address.contains("/conversations")), "{requests:?}");

    // While the database lags behind the log, it says so.
    system.workers().iter().for_each(Node::kill);
    gone.kill();
    desk.shows("connection-state", "data-state", "reconnecting").await;
    widget.ask_ok(&say(&new, "not in the database yet")).await;
    gone.start();
    desk.shows("connection-state", "data-catching-up", "true").await;
    desk.shows("connection-state", "data-state", "online").await;
    desk.resize(PHONE).await;
    desk.picture("console-catching-up-390x844").await;
    assert!(!desk.overflows().await, "it fits on a phone");
    system.workers().iter().for_each(|worker| drop(worker.start()));
    desk.listed("what was said last", &["to be claimed", "continued", "not in the database yet"], 3).await;
    desk.shows("connection-state", "data-catching-up", "false").await;
    desk.resize(DESKTOP).await;
    desk.close().await;
}

trait Lists {
    async fn listed(&self, what: &str, texts: &[&str], rows: usize);
}

impl Lists for Window {
    /// Waits until the list has so many rows, and one with each of these texts.
    async fn listed(&self, what: &str, texts: &[&str], rows: usize) {
        until(what, async || {
            let shown = self.texts("conversation-row").await;
            let all = texts.iter().all(|text| shown.iter().any(|row| row.contains(text)));
            (all && shown.len() == rows).then_some(())
        })
        .await;
    }
}

const KEEP_REQUESTS: &str = r#"
const { fetch } = window;
window.kept = [];
window.fetch = (address, ...rest) => (window.kept.push(String(address)), fetch(address, ...rest));
return true;
"#;
const FORGET_REQUESTS: &str = "window.kept.length = 0; return true;";
const REQUESTS: &str = "return window.kept;";
