//! Texts as people, phones and programs write them: every way in takes the same ones and keeps the same of them.

use frontdesk_tests::harness::{
    Agent, Coding, Contact, History, RawNats, System, client_id, command, field, is, open, say, until,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// The big list of naughty strings, as its package holds it.
const NAUGHTY: &str = include_str!("../../samples/naughty-strings.json");

/// Both codings of the socket, REST and a bridge file every naughty string alike, and refuse what shows nothing.
pub(crate) async fn naughty_strings_are_filed_alike_by_every_way_in(system: &System) {
    let (near, far) = (system.gateway(0), system.gateway(1));
    let ada = Agent::ada(system, near).await;
    let rest = ada.rest(far);
    let strings: Vec<String> = serde_json::from_str(NAUGHTY).expect("the list is one of texts");
    let (blank, strings): (Vec<String>, Vec<String>) = strings.into_iter().partition(|text| shows_nothing(&kept(text)));
    assert!(strings.len() > 450 && blank.len() > 2, "{} and {}", strings.len(), blank.len());

    let mut filed = Vec::new();
    for coding in [Coding::Json, Coding::MessagePack] {
        let widget = Contact::visit(system, near).await.connect(near, coding).await;
        let conversation = open(&widget).await;
        for text in &strings {
            widget.ask_ok(&say(&conversation, text)).await;
        }
        for text in &blank {
            let refused = widget.ask(&say(&conversation, text)).await;
            assert!(is(&refused, "rejected") && refused["code"] == "invalid", "{text:?}: {refused}");
        }
        filed.push(conversation);
    }

    let by_rest = filed[0].clone();
    for text in &strings {
        let body = json!({ "client_id": client_id(), "text": text });
        rest.post_ok(&format!("/api/v1/conversations/{by_rest}/notes"), &body).await;
    }
    for text in &blank {
        let body = json!({ "client_id": client_id(), "text": text });
        let refused = rest.post(&format!("/api/v1/conversations/{by_rest}/messages"), &body).await;
        assert_eq!((refused.status, &refused.body["code"]), (400, &json!("invalid")), "{text:?}: {}", refused.text);
    }

    let name = format!("Naughty {}", client_id());
    let (tenant, inbox) = (&system.demo().tenant, &system.demo().inbox);
    let mut broker = RawNats::as_bridge(system, &format!("naughty-{}", &name[8..16]), tenant, inbox).await;
    for (number, text) in strings.iter().enumerate() {
        let id = format!("{name}:{number}");
        let message = json!({ "v": 1, "id": id, "contact": {"id": name, "name": name}, "text": text });
        broker.request(&format!("desk.in.{tenant}.{inbox}"), message.to_string().as_bytes()).await;
    }
    let last = strings.len() as u64 + 1;
    let bridged = until("what the bridge brought is filed", async || {
        let page = rest.get_ok("/api/v1/conversations?limit=100").await;
        let row = page["items"].as_array()?.iter().find(|row| row["contact_name"] == *name)?.clone();
        (field(&row, "/last_seq") >= last).then(|| row["conversation"].as_str().map(str::to_owned))?
    })
    .await;

    let expected: Vec<String> = strings.iter().map(|text| kept(text)).collect();
    let twice: Vec<String> = expected.iter().chain(&expected).cloned().collect();
    for (conversation, texts, last) in
        [(&filed[0], &twice, 2 * last - 1), (&filed[1], &expected, last), (&bridged, &expected, last)]
    {
        let history = History::by_rest(&rest, conversation, last).await;
        history.assert_dense();
        assert_eq!(&history.texts(), texts);
    }
}

/// Half of an emoji, as a split SMS has, does not keep a message from being filed, by whichever way it comes.
pub(crate) async fn half_an_emoji_keeps_no_message_from_being_filed(system: &System) {
    let (near, far) = (system.gateway(0), system.gateway(1));
    let ada = Agent::ada(system, near).await;
    let rest = ada.rest(far);
    let (half, text) = ("hi \\ud83d\\u0000", "hi \u{fffd}");
    let widget = Contact::visit(system, near).await.connect(near, Coding::Json).await;
    let conversation = open(&widget).await;
    let id = client_id();
    let frame = format!(r#"{{"type":"say","client_id":"{id}","conversation":"{conversation}","text":"{half}"}}"#);
    let mark = widget.mark();
    widget.send_message(Message::text(frame));
    widget.find_after(mark, "it is accepted", |frame: &Value| is(frame, "accepted") && frame["client_id"] == *id).await;
    let body = format!(r#"{{"client_id":"{}","text":"{half}"}}"#, client_id());
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let json = [("content-type", "application/json")];
    let answer = rest.request(Method::POST, &path, &json, Some(body.into_bytes())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let history = History::by_rest(&rest, &conversation, 3).await;
    assert_eq!(history.texts(), [text, text]);

    let name = format!("Half {}", client_id());
    let (tenant, inbox) = (&system.demo().tenant, &system.demo().inbox);
    let mut broker = RawNats::as_bridge(system, &format!("half-{}", &name[5..13]), tenant, inbox).await;
    let message = format!(r#"{{"v":1,"id":"{name}","contact":{{"id":"{name}","name":"{name}"}},"text":"{half}"}}"#);
    broker.request(&format!("desk.in.{tenant}.{inbox}"), message.as_bytes()).await;
    let preview = until("what the bridge brought is filed", async || {
        let page = rest.get_ok("/api/v1/conversations?limit=100").await;
        let row = page["items"].as_array()?.iter().find(|row| row["contact_name"] == *name)?.clone();
        row["preview"]["text"].as_str().map(str::to_owned)
    })
    .await;
    assert_eq!(preview, text);
}

/// What looks the same is the same: a name is found and a tag taken off by letters that are composed or not.
pub(crate) async fn composed_letters_and_others_name_the_same(system: &System) {
    let (composed, other) = ("Am\u{e9}lie", "Ame\u{301}lie");
    let rest = Agent::ada(system, system.gateway(0)).await.rest(system.gateway(1));
    let run = client_id();
    let session = json!({ "inbox": system.demo().inbox, "name": format!("{other} {run}") });
    rest.post_ok("/api/v1/widget/session", &session).await;
    for text in [composed, other] {
        let found = rest.get_ok(&format!("/api/v1/contacts?text={}%20{run}", encoded(text))).await;
        assert_eq!(found["items"][0]["name"], format!("{composed} {run}"), "{found}");
    }
    let widget = Contact::visit(system, system.gateway(0)).await.connect(system.gateway(0), Coding::Json).await;
    let conversation = open(&widget).await;
    let console = Agent::ada(system, system.gateway(0)).await.connect(system.gateway(0), Coding::MessagePack).await;
    let with = |kind: &str, tag: &str| {
        let mut frame = command(kind, &conversation);
        frame["tag"] = tag.into();
        frame
    };
    console.ask_ok(&with("tag", other)).await;
    console.ask_ok(&with("untag", composed)).await;
    let row = until("no tag is left", async || {
        let row = rest.get_ok(&format!("/api/v1/conversations/{conversation}")).await;
        (field(&row, "/last_seq") >= 3).then_some(row)
    })
    .await;
    assert_eq!(row["tags"], json!([]));
    let (first, second) = (json!({ "name": format!("{composed} {run}") }), json!({ "name": format!("{other} {run}") }));
    rest.post_ok("/api/v1/teams", &first).await;
    let taken = rest.post("/api/v1/teams", &second).await;
    assert_eq!((taken.status, &taken.body["code"]), (409, &json!("taken")), "{}", taken.text);
}

/// What is kept of a text.
fn kept(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control() || "\t\n\r".contains(*sign)).collect()
}

/// Whether a text has nothing to see in it: of the characters without width, those that the list has.
fn shows_nothing(text: &str) -> bool {
    text.chars().all(|sign| sign.is_whitespace() || "\u{ad}\u{200b}\u{feff}\u{180e}\u{2060}\u{3164}".contains(sign))
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
