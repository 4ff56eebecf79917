//! What bridges bring in, from the broker to what agents read.

use frontdesk_tests::harness::{Agent, History, RawNats, Rest, System, field, until};
use serde_json::{Value, json};

/// Of a few people at once, with repeats on the way: each message once and in order, in one conversation for each of them.
pub(crate) async fn what_a_bridge_brings_is_filed_once_and_in_order(system: &System) {
    let (tenant, inbox) = (&system.demo().tenant, &system.demo().inbox);
    let run = unique();
    let mut bridge = RawNats::as_bridge(system, &format!("in-order-{run}"), tenant, inbox).await;
    let subject = format!("desk.in.{tenant}.{inbox}");
    let mut brought = 0;
    for number in 0..MESSAGES {
        for again in 0..=u32::from(number % 5 == 0) {
            // The last one of before comes once more as well, late.
            let number = if again == 1 && number >= PEOPLE { number - PEOPLE } else { number };
            let answer = bridge.request(&subject, message(&run, number).to_string().as_bytes()).await;
            assert!(String::from_utf8_lossy(&answer).contains("\"stream\":\"INBOUND\""), "the broker took it");
            brought += 1;
        }
    }
    assert!(brought > MESSAGES);

    let rest = Agent::ada(system, system.gateway(0)).await.rest(system.gateway(1));
    for person in 0..PEOPLE {
        let expected: Vec<String> = (0..MESSAGES).filter(|number| number % PEOPLE == person).map(text).collect();
        let (name, last) = (name(&run, person), expected.len() as u64 + 1);
        let row = until("the conversation is there to the last message", async || {
            let row = conversation_of(&rest, &name).await?;
            (field(&row, "/last_seq") >= last).then_some(row)
        })
        .await;
        let conversation = row["conversation"].as_str().expect("a conversation has an id");
        let history = History::by_rest(&rest, conversation, last).await;
        history.assert_dense();
        assert_eq!(history.texts(), expected, "{name}");
        let at = |at: usize| &history.entries[at]["event"]["kind"];
        assert_eq!((at(0), at(1)), (&json!("opened"), &json!("message_sent")));
    }

    // The first of them once more, and the same id with other words.
    bridge.request(&subject, message(&run, 0).to_string().as_bytes()).await;
    let mut other = message(&run, 0);
    other["text"] = "other words".into();
    bridge.request(&subject, other.to_string().as_bytes()).await;
    until("the reuse is parked", async || parked(&rest, "id_reuse").await).await;
    let row = conversation_of(&rest, &name(&run, 0)).await.expect("it was there");
    assert_eq!(field(&row, "/last_seq"), u64::from(MESSAGES / PEOPLE) + 1, "nothing was added");
}

/// With the credentials of its own inbox nobody publishes into another tenant's, and a payload that names one changes nothing.
pub(crate) async fn a_bridge_reaches_no_inbox_but_its_own(system: &System) {
    let (tenant, inbox, other) = (&system.demo().tenant, &system.demo().inbox, system.other_tenant());
    let run = unique();
    let mut bridge = RawNats::as_bridge(system, &format!("own-inbox-{run}"), tenant, inbox).await;
    let theirs = Agent::login(system.gateway(0), &other.owner).await.rest(system.gateway(0));
    if !system.has_parts() {
        // The broker of the test cluster has no accounts, and so lets anybody publish anywhere.
        for subject in
            [format!("desk.in.{}.{}", other.tenant, other.inbox), format!("desk.in.{tenant}.{}", other.inbox)]
        {
            let objection = bridge.try_publish(&subject).await.expect("it is refused");
            assert!(objection.contains("Permissions Violation"), "{objection}");
        }
    } else {
        let crossed = format!("desk.in.{tenant}.{}", other.inbox);
        bridge.request(&crossed, message(&run, 0).to_string().as_bytes()).await;
    }
    let mut forged = message(&run, 1);
    (forged["tenant"], forged["inbox"]) = (other.tenant.as_str().into(), other.inbox.as_str().into());
    bridge.request(&format!("desk.in.{tenant}.{inbox}"), forged.to_string().as_bytes()).await;
    let ours = Agent::ada(system, system.gateway(0)).await.rest(system.gateway(0));
    until("it is filed at home", async || conversation_of(&ours, &name(&run, 1)).await).await;
    for person in 0..PEOPLE {
        assert_eq!(conversation_of(&theirs, &name(&run, person)).await, None);
    }
    if system.has_parts() {
        until("the other one is parked", async || parked(&ours, "no such inbox").await).await;
        assert_eq!(theirs.get_ok("/api/v1/dead-letters").await["items"], json!([]));
    }
}

const MESSAGES: u32 = 200;
const PEOPLE: u32 = 4;

fn message(run: &str, number: u32) -> Value {
    let person = number % PEOPLE;
    json!({
        "v": 1,
        "id": format!("{run}-{number}"),
        "contact": {"id": format!("{run}:{person}"), "name": name(run, person)},
        "text": text(number),
    })
}

fn name(run: &str, person: u32) -> String {
    format!("Bridged {person} of {run}")
}

fn text(number: u32) -> String {
    format!("message {number}")
}

/// Tests share a system, and may run twice on it.
fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..12].to_owned()
}

/// The row of the newest conversation of whoever has this name.
async fn conversation_of(rest: &Rest, name: &str) -> Option<Value> {
    let mut path = "/api/v1/conversations?limit=100".to_owned();
    loop {
        let page = rest.get_ok(&path).await;
        let rows = page["items"].as_array().cloned().unwrap_or_default();
        if let Some(row) = rows.into_iter().find(|row| row["contact_name"] == name) {
            return Some(row);
        }
        path = format!("/api/v1/conversations?limit=100&cursor={}", page["next_cursor"].as_str()?);
    }
}

/// Whether a message of a bridge lies among the dead letters for this reason.
async fn parked(rest: &Rest, reason: &str) -> Option<()> {
    let letters = rest.get_ok("/api/v1/dead-letters?limit=100").await["items"].as_array().cloned()?;
    let mut letters = letters.iter().filter(|letter| letter["queue"] == "ingest");
    letters.any(|letter| letter["reason"].as_str().is_some_and(|said| said.contains(reason))).then_some(())
}
