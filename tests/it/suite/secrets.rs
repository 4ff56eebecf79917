//! What contacts must not see.

use frontdesk_tests::harness::{Coding, History, Rest, System, Talk, command, field, resume, watch};
use serde_json::{Value, json};

pub(crate) async fn a_note_never_reaches_the_contact(system: &System) {
    let talk = Talk::begin(system).await;
    let secret = "this one always complains";
    let before = talk.agent_says("one moment").await;
    let mut note = command("note", &talk.conversation);
    note["text"] = secret.into();
    let hidden = talk.console.ask_ok(&note).await;
    let mut tag = command("tag", &talk.conversation);
    tag["tag"] = "secretly difficult".into();
    let tagged = talk.console.ask_ok(&tag).await;
    let after = talk.agent_says("all is well").await;

    // Live, on a second device, after a resume, by range in both directions.
    talk.widget.find("the message after the note", |frame| field(frame, "/entry/seq") == after).await;
    let device = talk.contact.connect(system.gateway(1), Coding::MessagePack).await;
    watch(&device, &talk.conversation).await;
    resume(&device, &talk.conversation, None, before).await;
    let seen = History::by_socket(&device, &talk.conversation).await;
    assert!(seen.seqs().contains(&after) && !seen.seqs().contains(&hidden) && !seen.seqs().contains(&tagged));
    device.send(&json!({"type": "range", "conversation": talk.conversation, "before_seq": after + 1}));
    device.settle().await;
    let last = seen.entries.last().expect("the contact sees messages");
    assert_eq!((field(last, "/seq"), field(last, "/prev")), (after, before), "the chain leads past what is hidden");
    for frame in device.frames().iter().chain(&talk.widget.frames()) {
        assert_silent(frame, secret, [hidden, tagged]);
    }

    // Over REST: whatever a contact's token opens there, not this.
    let rest = Rest::new(system.gateway(0)).with_token(&talk.contact.token);
    for path in ["", "/messages", "/messages?after_seq=0", "/messages?before_seq=99"] {
        let answer = rest.get(&format!("/api/v1/conversations/{}{path}", talk.conversation)).await;
        assert!(answer.status >= 400, "{path}: {}", answer.text);
        assert!(!answer.text.contains(secret), "{path}: {}", answer.text);
    }

    // Staff do see it.
    let staff = History::by_socket(&talk.console, &talk.conversation).await;
    assert!(staff.texts().contains(&secret.to_owned()));
    staff.assert_dense();
}

fn assert_silent(frame: &Value, secret: &str, hidden: [u64; 2]) {
    let text = frame.to_string();
    assert!(!text.contains(secret) && !text.contains("difficult"), "{text}");
    let entries = frame["entries"].as_array().cloned().unwrap_or_default();
    for entry in entries.iter().chain([&frame["entry"]]) {
        assert!(!hidden.contains(&field(entry, "/seq")), "{text}");
    }
}
