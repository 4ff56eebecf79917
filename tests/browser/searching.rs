//! The search over conversations.

use frontdesk_tests::harness::{Browser, Coding, Contact, Node, Rest, System, Window, open, say, until};
use serde_json::json;

use super::{DESKTOP, pages::fits_on_a_phone, sign_in};

/// More than one page of a list holds.
const MANY: usize = 55;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_finds_the_oldest_of_many_conversations_by_name_and_by_address() {
    let system = System::up();
    let browser = Browser::start();
    let node = system.gateway(0);
    writes(&system, node, "Zo\u{e9} Quill", "quill@shop.example").await;
    for number in 1..MANY {
        writes(&system, node, &format!("Visitor {number}"), &format!("visitor{number}@shop.example")).await;
    }
    let desk = browser.window("desk", DESKTOP).await;
    sign_in(&desk, node, &system.demo().owner).await;
    desk.click("tab-unassigned").await;
    desk.element("conversation-row").await;
    for typed in ["ZO\u{c9}", "quill@"] {
        search(&desk, typed).await;
        until("the conversation is found", async || {
            let rows = desk.texts("conversation-row").await;
            (rows.len() == 1 && rows[0].contains("Zo\u{e9} Quill")).then_some(())
        })
        .await;
    }
    desk.picture("console-search-1280x800").await;
    search(&desk, "no such person").await;
    until("it says so", async || {
        desk.texts("looked-at").await.iter().any(|text| text.contains("no such person")).then_some(())
    })
    .await;
    desk.picture("console-search-none-1280x800").await;
    fits_on_a_phone(&desk, "console-search-none").await;
    desk.resize(DESKTOP).await;
    search(&desk, "visitor").await;
    until("it says that there are more", async || {
        desk.texts("looked-at").await.iter().any(|text| text.contains("More contacts match")).then_some(())
    })
    .await;
}

async fn writes(system: &System, node: &Node, name: &str, email: &str) {
    let inbox = &system.demo().inbox;
    let body = json!({ "inbox": inbox, "name": name, "email": email });
    let session = Rest::new(node).post_ok("/api/v1/widget/session", &body).await;
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let contact = Contact { token: text(&session["token"]), inbox: inbox.clone(), id: text(&session["contact"]["id"]) };
    let socket = contact.connect(node, Coding::Json).await;
    let conversation = open(&socket).await;
    socket.ask_ok(&say(&conversation, "Hello")).await;
}

/// Types into the search in place of what it holds.
async fn search(desk: &Window, text: &str) {
    desk.run("all('search')[0].select()", json!(null)).await;
    desk.type_into("search", text).await;
}
