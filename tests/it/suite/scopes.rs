//! Agents whose role reaches a part of the conversations.

use std::time::Duration;

use frontdesk_tests::harness::{Agent, Coding, Contact, Rest, Socket, System, client_id, is, open, say, until, watch};
use reqwest::Method;
use serde_json::{Value, json};

/// Teams and roles are read again by themselves after 10 s; what is seen within this time came by the notice.
const BY_NOTICE: Duration = Duration::from_secs(5);

pub(crate) async fn a_change_of_team_reaches_open_consoles_on_every_node_by_its_notice(system: &System) {
    let owner = Agent::ada(system, system.gateway(0)).await.rest(system.gateway(0));
    let grants = ["read", "converse"].map(|permission| json!({ "permission": permission, "scope": "inbox" }));
    let role = owner.post_ok("/api/v1/roles", &json!({ "name": "Clerk", "grants": grants })).await;
    let credentials = ("clerk@demo.test".to_owned(), "a long password to file by".to_owned());
    let clerk = json!({"email": credentials.0, "name": "Clerk", "role": role["id"], "password": credentials.1});
    let clerk = owner.post_ok("/api/v1/agents", &clerk).await;
    let team = json!({ "name": "Clerks", "members": [clerk["id"]], "inboxes": [system.demo().inbox] });
    let team = owner.post_ok("/api/v1/teams", &team).await;
    let team = format!("/api/v1/teams/{}", team["id"].as_str().expect("a team has an id"));

    let contact = Contact::visit(system, system.gateway(0)).await;
    let widget = contact.connect(system.gateway(0), Coding::Json).await;
    let conversation = open(&widget).await;
    widget.ask(&say(&conversation, "may you read this?")).await;
    let mut consoles = Vec::new();
    for (number, coding) in Coding::ALL.into_iter().enumerate() {
        let node = system.gateway(number);
        let agent = Agent::login(node, &credentials).await;
        let (rest, console) = (agent.rest(node), agent.connect(node, coding).await);
        assert!(!is(&watch(&console, &conversation).await, "error"), "the inbox is one of its team's");
        consoles.push((rest, console));
    }
    for sees in [false, true] {
        let marks: Vec<_> = consoles.iter().map(|(_, console)| console.mark()).collect();
        patch(&owner, &team, &json!({ "active": sees })).await;
        for ((rest, console), mark) in consoles.iter().zip(marks) {
            let told = console.find_after(mark, "its rights, or that it is hidden", |frame| {
                let kind = if sees { "standing" } else { "hidden" };
                is(frame, kind) && (sees || frame["conversation"] == *conversation)
            });
            tokio::time::timeout(BY_NOTICE, told).await.expect("by the notice, and not by the age limit");
            assert_reads(rest, console, &conversation, sees).await;
        }
    }
    for (_, console) in &consoles {
        assert!(!is(&watch(console, &conversation).await, "error"), "it may be watched again");
    }
}

/// By socket and REST, `conversation` can be answered and read, or is answered as if it did not exist.
async fn assert_reads(rest: &Rest, console: &Socket, conversation: &str, may: bool) {
    let answer = console.ask(&note(conversation, "seen")).await;
    assert_eq!(is(&answer, "accepted"), may, "{answer}");
    assert!(may || answer["code"] == "not_found", "{answer}");
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let read = rest.get(&path).await;
    assert_eq!(read.status, if may { 200 } else { 404 }, "{}", read.text);
    let note = json!({ "client_id": client_id(), "text": "noted" });
    let noted = rest.post(&format!("/api/v1/conversations/{conversation}/notes"), &note).await;
    assert_eq!(noted.status, if may { 200 } else { 404 }, "{}", noted.text);
    until("the list agrees", async || {
        let list = rest.get_ok("/api/v1/conversations?limit=100").await;
        let listed = list["items"].as_array().expect("a list").iter().any(|row| row["conversation"] == *conversation);
        (listed == may).then_some(())
    })
    .await;
}

fn note(conversation: &str, text: &str) -> Value {
    let mut note = say(conversation, text);
    note["type"] = json!("note");
    note
}

async fn patch(rest: &Rest, path: &str, body: &Value) {
    let headers = [("content-type", "application/json")];
    let answer = rest.request(Method::PATCH, path, &headers, Some(body.to_string().into())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
