//! What has to hold after this version opened what an older one wrote: see `upgrade/README.md` for what is in the
//! samples.

use std::collections::BTreeMap;

use frontdesk_tests::harness::{
    Agent, Coding, History, RawNats, Rest, Sample, System, field, resume, say, until, watch,
};
use serde_json::{Value, json};

/// On a system that was started on `sample`.
pub(crate) async fn everything_is_there_and_goes_on(system: &System, sample: &Sample) {
    let (node, expected) = (system.gateway(0), sample.expected());
    let ada = Agent::login(node, &system.demo().owner).await;
    let rest = ada.rest(node);
    let mut lasts = BTreeMap::new();
    for conversation in array(expected, "/conversations") {
        let (id, entries) = (text(conversation, "/row/conversation"), array(conversation, "/entries"));
        let last = field(entries.last().expect("each has entries"), "/seq");
        // Also the four entries that the older version had logged and not written into the database.
        let history = History::by_rest(&rest, id, last).await;
        history.assert_dense();
        assert_eq!(history.entries[..entries.len()], entries[..], "{id}");
        let row = rest.get_ok(&format!("/api/v1/conversations/{id}")).await;
        // Later entries: those that only the log had, or the end of the snooze.
        let went_on = history.entries.len() as u64 > field(&conversation["row"], "/last_seq");
        let changed: &[&str] =
            if went_on { &["last_seq", "last_at", "status", "snoozed_until", "preview", "assignment"] } else { &[] };
        for (name, value) in conversation["row"].as_object().expect("a row has fields") {
            assert!(changed.contains(&name.as_str()) || &row[name] == value, "{name} of {row}, not {value}");
        }
        lasts.insert(id, history.entries.len() as u64);
    }
    assert_eq!(lasts.len(), 5);
    let talk = text(expected, "/talk");
    let receipts = rest.get_ok(&format!("/api/v1/conversations/{talk}/receipts")).await;
    same_items(&receipts, &expected["receipts"], &["member", "delivered", "read"]);
    same_items(&rest.get_ok("/api/v1/agents").await, &expected["agents"], &["id", "name", "email", "role", "active"]);
    // The example shop sets the origins of its inbox at each start of a single process.
    let fields: &[&str] = if system.has_parts() { &["id", "name", "greeting", "origins"] } else { &["id", "name"] };
    same_items(&rest.get_ok("/api/v1/inboxes").await, &expected["inboxes"], fields);
    let contacts = rest.get_ok("/api/v1/contacts?limit=50").await;
    same_items(&contacts, &expected["contacts"], &["id", "name", "email", "inbox", "created_at"]);

    let console = ada.connect(node, Coding::Json).await;
    let state = watch(&console, talk).await;
    let row = rest.get_ok(&format!("/api/v1/conversations/{talk}")).await;
    assert_eq!((text(&row, "/assignment/name"), &row["tags"]), ("Ada", &json!(["teapot"])));
    let next = console.ask_ok(&say(talk, "said to the newer version")).await;
    assert_eq!(next, lasts[talk] + 1, "the numbers go on");
    let came = resume(&console, talk, state["epoch"].as_str(), lasts[talk]).await;
    assert!(came["type"] == "recovered", "the history is still the same one: {came}");
    a_bridge_goes_on(system, &rest).await;
    nothing_is_missing(system).await;
}

/// A message that the older version had taken is not filed again, and a new one goes into the conversation of its
/// contact.
async fn a_bridge_goes_on(system: &System, rest: &Rest) {
    let (tenant, inbox) = (&system.demo().tenant, &system.demo().inbox);
    let mut bridge = RawNats::as_bridge(system, "upgraded", tenant, inbox).await;
    for number in [3, 4] {
        let contact = json!({"id": "mei", "name": "mei"});
        let message =
            json!({"v": 1, "id": format!("m-{number}"), "contact": contact, "text": format!("bridged {number}")});
        let subject = format!("desk.in.{tenant}.{inbox}");
        let answer = bridge.request(&subject, message.to_string().as_bytes()).await;
        assert!(String::from_utf8_lossy(&answer).contains("\"stream\":\"INBOUND\""));
    }
    let conversation = until("the contact's conversation", async || {
        let rows = rest.get_ok("/api/v1/conversations?limit=50").await;
        let row =
            array(&rows, "/items").iter().find(|row| row["contact_name"] == "mei" && field(row, "/last_seq") >= 4)?;
        Some(text(row, "/conversation").to_owned())
    })
    .await;
    let history = History::by_rest(rest, &conversation, 4).await;
    assert_eq!(history.texts(), ["bridged 1", "bridged 3", "bridged 4"]);
}

async fn nothing_is_missing(system: &System) {
    let said = system.gateway(0).verify(&[]);
    assert!(said.contains("missing 0 duplicated 0 misordered 0"), "{said}");
}

/// Both lists have the same items, as far as these fields go.
fn same_items(found: &Value, expected: &Value, fields: &[&str]) {
    let of = |list: &Value| -> Vec<Vec<Value>> {
        let items = array(list, "/items").iter();
        items.map(|item| fields.iter().map(|field| item[*field].clone()).collect()).collect()
    };
    assert_eq!(of(found), of(expected), "{fields:?}");
}

fn array<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.unwrap_or_else(|| panic!("no list {pointer} in {value}"))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text {pointer} in {value}"))
}
