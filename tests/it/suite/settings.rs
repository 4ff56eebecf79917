//! What a tenant sets takes effect on every node.

use std::time::Duration;

use frontdesk_tests::harness::{
    Agent, Coding, Contact, RawNats, Rest, System, client_id, command, field, is, is_for, open, say, until, watch,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

const TENANT: &str = "/api/v1/settings/tenant";

/// A cache reads again by itself after 10 s; what is seen within this time came by the notice.
const BY_NOTICE: Duration = Duration::from_secs(5);

pub(crate) async fn a_setting_takes_effect_on_every_node_by_its_notice(system: &System) {
    let ada = Agent::ada(system, system.gateway(0)).await;
    let (here, there) = (ada.rest(system.gateway(0)), ada.rest(system.gateway(1)));
    let path = format!("/api/v1/settings/inbox/{}/effective", system.demo().inbox);
    for round in 1..=3 {
        let text = format!("Back soon, round {round}");
        // So that the other node holds the values from before.
        let before = there.get_ok(&path).await;
        assert_ne!(before["values"]["widget"]["offline_text"], text);
        let present = here.get_ok(TENANT).await;
        let mut document = present["document"].clone();
        document["widget"]["offline_text"] = json!(text);
        let written = put(&here, TENANT, &json!({"expected_version": present["version"], "document": document})).await;
        let begun = Instant::now();
        let seen = until("the other node has the new value", async || {
            let effective = there.get_ok(&path).await;
            (effective["values"]["widget"]["offline_text"] == *text).then_some(effective)
        });
        let seen = timeout(BY_NOTICE, seen).await.expect("by the notice, and not by the age limit");
        println!("a setting took effect on the other node {:?} after it was answered", begun.elapsed());
        assert_eq!(seen["sources"]["widget"]["offline_text"], "tenant");
        assert_eq!(written["version"], json!(present["version"].as_u64().expect("a version") + 1));
    }
    let session = json!({ "inbox": system.demo().inbox });
    let session = Rest::new(system.gateway(1)).post_ok("/api/v1/widget/session", &session).await;
    assert_eq!(session["inbox"]["offline_text"], "Back soon, round 3", "contacts get it, too");
}

/// A message of 150 bytes is accepted, then the limit becomes 100: every road refuses another one, and a repeat of the
/// first stays accepted.
pub(crate) async fn the_longest_message_holds_on_every_road_and_never_for_what_was_accepted(system: &System) {
    let (near, far) = (system.gateway(0), system.gateway(1));
    let ada = Agent::ada(system, near).await;
    let (here, there) = (ada.rest(near), ada.rest(far));
    // An inbox of its own: other tests write to the one of the example tenant at the same time.
    let new = json!({ "name": "Short messages", "origins": [near.origin(), far.origin()] });
    let inbox = here.post_ok("/api/v1/inboxes", &new).await["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/settings/inbox/{inbox}");
    let contact = Contact::visit_inbox(near, &inbox).await;
    let widget = contact.connect(near, Coding::Json).await;
    let conversation = open(&widget).await;
    let console = ada.connect(far, Coding::MessagePack).await;
    watch(&console, &conversation).await;
    console.ask_ok(&command("claim", &conversation)).await;
    let long = "x".repeat(150);
    let said = say(&conversation, &long);
    let accepted = widget.ask(&said).await;
    assert!(is(&accepted, "accepted"), "{accepted}");

    let document = json!({ "conversation": { "max_message_bytes": 100, "typing_indicator": false } });
    put(&here, &path, &json!({ "expected_version": 0, "document": document })).await;
    let begun = Instant::now();
    let refuses = async |socket: &frontdesk_tests::harness::Socket| {
        let answer = socket.ask(&say(&conversation, &long)).await;
        (answer["code"] == "message_too_long").then_some(answer)
    };
    let both = until("both nodes refuse it", async || {
        let (one, other) = (refuses(&widget).await?, refuses(&console).await?);
        Some([one, other])
    });
    let refusals = timeout(BY_NOTICE, both).await.expect("by the notice, and not by the age limit");
    println!("both nodes refused a longer message {:?} after the setting was answered", begun.elapsed());
    for refusal in refusals {
        assert_eq!((&refusal["type"], &refusal["retryable"]), (&json!("rejected"), &json!(false)), "{refusal}");
    }
    for (rest, kind) in [(&here, "messages"), (&there, "messages"), (&there, "notes")] {
        let body = json!({ "client_id": client_id(), "text": long });
        let answer = rest.post(&format!("/api/v1/conversations/{conversation}/{kind}"), &body).await;
        assert_eq!((answer.status, &answer.body["code"]), (422, &json!("message_too_long")), "{}", answer.text);
    }
    // Also through another node, and as a repeat that says so.
    let again = contact.connect(far, Coding::MessagePack).await;
    let mut repeated = said.clone();
    repeated["repeat"] = json!(true);
    for socket in [&widget, &again] {
        for frame in [&said, &repeated] {
            assert_eq!(socket.ask(frame).await, accepted);
        }
    }

    // Who is typing is not told any more: what is said after it comes without it.
    for (from, to) in [(&console, &widget), (&widget, &console)] {
        let mark = to.mark();
        from.send(&json!({"type": "typing", "conversation": conversation, "active": true}));
        let seq = from.ask_ok(&say(&conversation, "short")).await;
        let told = |frame: &Value| is_for(frame, "message", &conversation) && field(frame, "/entry/seq") == seq;
        to.find_after(mark, "what is said after it", told).await;
        to.settle().await;
        assert!(!to.frames()[mark..].iter().any(|frame| is(frame, "typing")), "{:?}", &to.frames()[mark..]);
    }
    what_a_bridge_brings_is_kept_until_the_limit_allows_it(system, &inbox, &here).await;
}

/// A bridge's message that is too long becomes a dead letter, and is filed when it is redelivered under a higher limit.
async fn what_a_bridge_brings_is_kept_until_the_limit_allows_it(system: &System, inbox: &str, rest: &Rest) {
    let tenant = &system.demo().tenant;
    let mut broker = RawNats::as_bridge(system, &format!("limits-{}", &inbox[24..]), tenant, inbox).await;
    let (id, text) = (uuid::Uuid::new_v4().to_string(), "y".repeat(150));
    let message = json!({ "v": 1, "id": id, "contact": {"id": id, "name": format!("Bridged {id}")}, "text": text });
    broker.request(&format!("desk.in.{tenant}.{inbox}"), message.to_string().as_bytes()).await;
    let dead_letter = until("it is a dead letter", async || {
        let letters = rest.get_ok("/api/v1/dead-letters?limit=100").await["items"].as_array().cloned()?;
        let refused = |letter: &&Value| letter["reason"].as_str().is_some_and(|why| why.contains("message_too_long"));
        letters.iter().find(refused).and_then(|letter| letter["id"].as_str()).map(str::to_owned)
    })
    .await;
    let path = format!("/api/v1/settings/inbox/{inbox}");
    put(rest, &path, &json!({ "expected_version": 1, "document": {} })).await;
    until("it is filed under a higher limit", async || {
        let redelivered = rest.post(&format!("/api/v1/dead-letters/{dead_letter}/redeliver"), &json!({})).await;
        (redelivered.body["outcome"] == "settled").then_some(())
    })
    .await;
    until("its conversation is there", async || {
        let rows = rest.get_ok("/api/v1/conversations?limit=100").await["items"].as_array().cloned()?;
        rows.iter().any(|row| row["contact_name"] == format!("Bridged {id}") && row["last_seq"] == 2).then_some(())
    })
    .await;
}

async fn put(rest: &Rest, path: &str, body: &Value) -> Value {
    let headers = [("content-type", "application/json")];
    let answer = rest.request(Method::PUT, path, &headers, Some(body.to_string().into())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}
