//! What agents do to a conversation, besides talking.

use frontdesk_tests::harness::{Agent, Coding, Socket, System, Talk, command, field, is, is_for, resume, until, watch};
use serde_json::{Value, json};

pub(crate) async fn each_command_is_told_to_both_sides_and_shows_in_the_state(system: &System) {
    let talk = Talk::begin(system).await;
    let bob = Agent::bob(system, system.gateway(0)).await;
    let bobs = bob.connect(system.gateway(0), Coding::Json).await;
    watch(&bobs, &talk.conversation).await;
    let far_future = json!({"until": far_future(&talk)});
    let steps = [
        ("tag", json!({"tag": "teapot"}), "tagged", Seen::ByStaff, "/tags/0", json!("teapot")),
        ("tag", json!({"tag": "urgent"}), "tagged", Seen::ByStaff, "/tags/1", json!("urgent")),
        ("untag", json!({"tag": "urgent"}), "untagged", Seen::ByStaff, "/tags/1", Value::Null),
        ("snooze", far_future.clone(), "snoozed", Seen::ByStaff, "/snoozed_until", far_future["until"].clone()),
        ("reopen", json!({}), "reopened", Seen::ByAll, "/status", json!("open")),
        ("pend", json!({}), "pended", Seen::ByStaff, "/status", json!("pending")),
        ("resolve", json!({}), "resolved", Seen::ByAll, "/status", json!("resolved")),
        ("reopen", json!({}), "reopened", Seen::ByAll, "/status", json!("open")),
        ("transfer", json!({"agent": bob.id}), "assigned", Seen::ByAll, "/assignment/agent", json!(bob.id)),
        ("unassign", json!({}), "unassigned", Seen::ByAll, "/assignment", Value::Null),
        ("assign", json!({"agent": bob.id}), "assigned", Seen::ByAll, "/assignment/name", json!(bob.name)),
    ];
    let rest = bob.rest(system.gateway(0));
    let mut hidden = Vec::new();
    for (kind, fields, event, seen, pointer, expected) in steps {
        let seq = talk.console.ask_ok(&with(command(kind, &talk.conversation), &fields)).await;
        let told = |frame: &Value| {
            is_for(frame, "activity", &talk.conversation)
                && field(frame, "/entry/seq") == seq
                && frame["entry"]["event"]["kind"] == event
        };
        for staff in [&talk.console, &bobs] {
            staff.find(event, told).await;
        }
        match seen {
            Seen::ByAll => drop(talk.widget.find(event, told).await),
            Seen::ByStaff => hidden.push(seq),
        }
        until("the row says so", async || {
            let row = rest.get_ok(&format!("/api/v1/conversations/{}", talk.conversation)).await;
            let stands = row.pointer(pointer).unwrap_or(&Value::Null) == &expected;
            (field(&row, "/last_seq") == seq && stands).then_some(())
        })
        .await;
    }
    talk.widget.settle().await;
    let leaked = |frame: &Value| is(frame, "activity") && hidden.contains(&field(frame, "/entry/seq"));
    assert!(!talk.widget.frames().iter().any(leaked));
}

pub(crate) async fn only_leaders_assign_others(system: &System) {
    let talk = Talk::begin(system).await;
    let bob = Agent::bob(system, system.gateway(1)).await;
    let bobs = bob.connect(system.gateway(1), Coding::MessagePack).await;
    // Ada holds it: Bob can neither take it from her, nor answer, nor set it aside.
    for (kind, fields, code) in [
        ("assign", json!({"agent": bob.id}), "forbidden"),
        ("transfer", json!({"agent": bob.id}), "already_claimed"),
        ("unassign", json!({}), "already_claimed"),
        ("claim", json!({}), "already_claimed"),
        ("say", json!({"text": "me too"}), "already_claimed"),
        ("resolve", json!({}), "already_claimed"),
        ("snooze", json!({"until": far_future(&talk)}), "already_claimed"),
    ] {
        refused(&bobs, with(command(kind, &talk.conversation), &fields), code).await;
    }
    // An agent that does not exist and a time that cannot be are refused.
    let unknown_agent = frontdesk_tests::harness::client_id();
    refused(
        &talk.console,
        with(command("transfer", &talk.conversation), &json!({"agent": unknown_agent})),
        "no_such_agent",
    )
    .await;
    refused(&talk.console, with(command("snooze", &talk.conversation), &json!({"until": 1})), "snooze_out_of_range")
        .await;
    // Contacts do none of this.
    for kind in ["claim", "resolve", "reopen", "pend", "unassign"] {
        refused(&talk.widget, command(kind, &talk.conversation), "forbidden").await;
    }
}

pub(crate) async fn a_message_reopens_a_resolved_conversation(system: &System) {
    let talk = Talk::begin(system).await;
    let resolved = talk.console.ask_ok(&command("resolve", &talk.conversation)).await;
    talk.widget.find("that it is done", |frame| is(frame, "activity") && field(frame, "/entry/seq") == resolved).await;
    refused(&talk.console, command("pend", &talk.conversation), "resolved").await;
    let again = talk.contact_says("It broke again").await;
    let state = resume(&talk.console, &talk.conversation, None, again).await;
    assert_eq!(state["state"]["status"], "open", "{state}");
}

enum Seen {
    ByStaff,
    ByAll,
}

async fn refused(socket: &Socket, frame: Value, code: &str) {
    let answer = socket.ask(&frame).await;
    assert!(is(&answer, "rejected") && answer["code"] == code, "{frame} was answered by {answer}");
}

fn with(mut frame: Value, fields: &Value) -> Value {
    let fields = fields.as_object().expect("fields are a map").clone();
    frame.as_object_mut().expect("a frame is a map").extend(fields);
    frame
}

/// A day after the server's clock.
fn far_future(talk: &Talk) -> u64 {
    field(&talk.console.frames()[0], "/now") + 86_400_000
}
