//! What bridges bring in, from the broker to what agents read.

use std::ops::Range;

use frontdesk_tests::harness::{Agent, History, RawNats, Rest, System, field, until};
use serde_json::{Value, json};

/// A bridge of the example tenant's inbox, and the people who write through it.
pub(crate) struct Bridge<'a> {
    system: &'a System,
    broker: RawNats,
    subject: String,
    run: String,
}

impl<'a> Bridge<'a> {
    pub(crate) async fn begin(system: &'a System, what: &str) -> Self {
        let (tenant, inbox) = (&system.demo().tenant, &system.demo().inbox);
        // Tests share a system, and may run twice on it.
        let run = uuid::Uuid::new_v4().simple().to_string()[..12].to_owned();
        let broker = RawNats::as_bridge(system, &format!("{what}-{run}"), tenant, inbox).await;
        Self { system, broker, subject: format!("desk.in.{tenant}.{inbox}"), run }
    }

    /// Publishes these messages, some of them again: at once, or when others came in between.
    pub(crate) async fn brings(&mut self, numbers: Range<u32>) {
        for number in numbers {
            self.publish(self.message(number)).await;
            if number % 5 == 0 {
                self.publish(self.message(number.checked_sub(PEOPLE).unwrap_or(number))).await;
            }
        }
    }

    async fn publish(&mut self, message: Value) {
        let answer = self.broker.request(&self.subject, message.to_string().as_bytes()).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.contains("\"stream\":\"INBOUND\""), "the broker took it: {answer}");
    }

    /// Each message is there once and in order, in one conversation for each person.
    pub(crate) async fn everything_is_filed(&self) {
        let rest = Agent::ada(self.system, self.system.gateway(0)).await.rest(self.system.gateway(1));
        for person in 0..PEOPLE {
            let expected: Vec<String> = (0..MESSAGES).filter(|number| number % PEOPLE == person).map(text).collect();
            let (name, last) = (self.name(person), expected.len() as u64 + 1);
            let row = until("the conversation is there to the last message", async || {
                let row = conversation_of(&rest, &name).await?;
                (field(&row, "/last_seq") >= last).then_some(row)
            })
            .await;
            let conversation = row["conversation"].as_str().expect("a row names its conversation");
            let history = History::by_rest(&rest, conversation, last).await;
            history.assert_dense();
            assert_eq!(history.texts(), expected, "{name}");
            let kind = |at: usize| &history.entries[at]["event"]["kind"];
            assert_eq!((kind(0), kind(1)), (&json!("opened"), &json!("message_sent")));
        }
    }

    fn message(&self, number: u32) -> Value {
        let (run, person) = (&self.run, number % PEOPLE);
        json!({
            "v": 1,
            "id": format!("{run}-{number}"),
            "contact": {"id": format!("{run}:{person}"), "name": self.name(person)},
            "text": text(number),
        })
    }

    fn name(&self, person: u32) -> String {
        format!("Bridged {person} of {}", self.run)
    }
}

/// However often it comes; and an id is not used for something else.
pub(crate) async fn what_a_bridge_brings_is_filed_once_and_in_order(system: &System) {
    let mut bridge = Bridge::begin(system, "in-order").await;
    bridge.brings(0..MESSAGES).await;
    bridge.everything_is_filed().await;
    let mut other = bridge.message(0);
    other["text"] = "other words".into();
    bridge.publish(bridge.message(0)).await;
    bridge.publish(other).await;
    let rest = Agent::ada(system, system.gateway(0)).await.rest(system.gateway(1));
    until("the reuse is dead-lettered", async || stored(&rest, "id_reuse").await).await;
    bridge.everything_is_filed().await;
}

/// The credentials of one inbox do not allow publishing into another tenant's, and a payload that names one changes
/// nothing.
pub(crate) async fn a_bridge_reaches_no_inbox_but_its_own(system: &System) {
    let (tenant, other) = (&system.demo().tenant, system.other_tenant());
    let mut bridge = Bridge::begin(system, "own-inbox").await;
    let ours = Agent::ada(system, system.gateway(0)).await.rest(system.gateway(0));
    let theirs = Agent::login(system.gateway(0), &other.owner).await.rest(system.gateway(0));
    let crossed = format!("desk.in.{tenant}.{}", other.inbox);
    if system.has_parts() {
        // The broker of the test cluster has no accounts and lets anybody publish anywhere. The tenant still has no
        // such inbox.
        bridge.broker.request(&crossed, bridge.message(0).to_string().as_bytes()).await;
        until("it is dead-lettered", async || stored(&ours, "no such inbox").await).await;
    } else {
        for subject in [crossed, format!("desk.in.{}.{}", other.tenant, other.inbox)] {
            let objection = bridge.broker.try_publish(&subject).await.expect("it is refused");
            assert!(objection.contains("Permissions Violation"), "{objection}");
        }
    }
    let mut forged = bridge.message(1);
    (forged["tenant"], forged["inbox"]) = (other.tenant.as_str().into(), other.inbox.as_str().into());
    bridge.publish(forged).await;
    until("it is filed at home", async || conversation_of(&ours, &bridge.name(1)).await).await;
    for person in 0..PEOPLE {
        assert_eq!(conversation_of(&theirs, &bridge.name(person)).await, None);
    }
    assert_eq!(theirs.get_ok("/api/v1/dead-letters").await["items"], json!([]));
}

pub(crate) const MESSAGES: u32 = 200;
const PEOPLE: u32 = 4;

fn text(number: u32) -> String {
    format!("message {number}")
}

/// The row of the newest conversation of the contact of this name.
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
async fn stored(rest: &Rest, reason: &str) -> Option<()> {
    let dead_letters = rest.get_ok("/api/v1/dead-letters?limit=100").await["items"].as_array().cloned()?;
    let mut dead_letters = dead_letters.iter().filter(|dead_letter| dead_letter["queue"] == "ingest");
    dead_letters
        .any(|dead_letter| dead_letter["reason"].as_str().is_some_and(|said| said.contains(reason)))
        .then_some(())
}
