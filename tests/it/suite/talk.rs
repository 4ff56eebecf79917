//! A contact and an agent talk.

use frontdesk_tests::harness::{
    Agent, Coding, Contact, History, Socket, System, Talk, command, field, is, is_for, open, say, watch,
};
use serde_json::{Value, json};

pub(crate) async fn both_sides_talk_and_each_state_is_told_in_order(system: &System) {
    let talk = Talk::begin(system).await;
    one_way(&talk, &talk.widget, &talk.console, "Where is my teapot? 茶壶在哪里？").await;
    let last = one_way(&talk, &talk.console, &talk.widget, "On its way.").await;

    let rest = talk.agent.rest(system.gateway(0));
    let stored = History::by_rest(&rest, &talk.conversation, last).await;
    stored.assert_dense();
    assert_eq!(stored.texts(), ["Where is my teapot? 茶壶在哪里？", "On its way."]);
    assert_eq!(stored, History::by_socket(&talk.console, &talk.conversation).await);
}

/// One message from `sender` to `reader`, through all its states; gives its number.
async fn one_way(talk: &Talk, sender: &Socket, reader: &Socket, text: &str) -> u64 {
    let conversation = &talk.conversation;
    let said = say(conversation, text);
    let seq = sender.ask_ok(&said).await;
    let got = reader
        .find("the message", |frame| is_for(frame, "message", conversation) && frame["entry"]["event"]["text"] == text)
        .await;
    assert_eq!((field(&got, "/entry/seq"), &got["entry"]["client_id"]), (seq, &said["client_id"]));
    let state = |kind: &'static str| {
        move |frame: &Value| is_for(frame, kind, &talk.conversation) && field(frame, "/up_to_seq") >= seq
    };
    sender.find("that it is in the database", state("persisted")).await;
    for kind in ["delivered", "read"] {
        let told = told_by(talk, sender);
        assert!(
            !sender.frames().iter().any(|frame| state(kind)(frame) && frame["member"]["kind"] != told),
            "{kind} too early"
        );
        reader.send(&json!({"type": kind, "conversation": conversation, "up_to_seq": seq}));
        sender.find(kind, |frame| state(kind)(frame) && frame["member"]["kind"] != told).await;
    }
    let frames = sender.frames();
    let at = |kind: &'static str| {
        let other = |frame: &Value| frame["member"]["kind"] != told_by(talk, sender);
        frames.iter().position(|frame| state(kind)(frame) && other(frame))
    };
    let accepted = frames.iter().position(|frame| is(frame, "accepted") && frame["client_id"] == said["client_id"]);
    assert!(
        accepted < at("delivered") && at("delivered") < at("read"),
        "{accepted:?} {:?} {:?}",
        at("delivered"),
        at("read")
    );
    seq
}

/// The kind of member that `sender` is.
fn told_by(talk: &Talk, sender: &Socket) -> &'static str {
    if std::ptr::eq(sender, &raw const talk.widget) { "contact" } else { "agent" }
}

pub(crate) async fn typing_is_told_and_never_logged(system: &System) {
    let talk = Talk::begin(system).await;
    let before = History::by_socket(&talk.console, &talk.conversation).await;
    for (from, to, kind) in [(&talk.widget, &talk.console, "contact"), (&talk.console, &talk.widget, "agent")] {
        for active in [true, false] {
            from.send(&json!({"type": "typing", "conversation": talk.conversation, "active": active}));
            let told = |frame: &Value| {
                is_for(frame, "typing", &talk.conversation)
                    && frame["author"]["member"]["kind"] == kind
                    && frame["active"] == active
            };
            to.find("the typing signal", told).await;
        }
    }
    assert_eq!(History::by_socket(&talk.console, &talk.conversation).await, before);
    let again = talk.contact.connect(system.gateway(0), Coding::Json).await;
    watch(&again, &talk.conversation).await;
    again.settle().await;
    assert!(!again.frames().iter().any(|frame| is(frame, "typing")));
}

pub(crate) async fn new_conversations_reach_agents_that_do_not_watch(system: &System) {
    let bob = Agent::bob(system, system.gateway(1)).await;
    let console = bob.connect(system.gateway(1), Coding::Json).await;
    let contact = Contact::visit(system, system.gateway(0)).await;
    let widget = contact.connect(system.gateway(0), Coding::MessagePack).await;
    let conversation = open(&widget).await;
    widget.ask_ok(&say(&conversation, "Is anybody there?")).await;
    let row = |frame: &Value| is(frame, "conversation") && frame["summary"]["conversation"] == *conversation;
    console
        .find("the row with the message", |frame| {
            row(frame)
                && frame["summary"]["preview"]["text"] == "Is anybody there?"
                && frame["summary"]["assignment"].is_null()
        })
        .await;
    let claimed = console.ask_ok(&command("claim", &conversation)).await;
    console
        .find("the row with its holder", |frame| row(frame) && frame["summary"]["assignment"]["seq"] == claimed)
        .await;
}

pub(crate) async fn all_devices_of_both_sides_hear_everything(system: &System) {
    let talk = Talk::begin(system).await;
    let (near, far) = (system.gateway(0), system.gateway(1));
    let devices = [talk.contact.connect(far, Coding::MessagePack).await, talk.agent.connect(near, Coding::Json).await];
    for device in &devices {
        let begun = watch(device, &talk.conversation).await;
        assert!(is(&begun, "recovered"), "{begun}");
    }
    let said = [talk.contact_says("from the phone").await, talk.agent_says("from the desk").await];
    for device in devices.iter().chain([&talk.widget, &talk.console]) {
        for seq in said {
            device
                .find("each message on each device", |frame| {
                    is_for(frame, "message", &talk.conversation) && field(frame, "/entry/seq") == seq
                })
                .await;
        }
    }
}
