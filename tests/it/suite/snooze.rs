//! A snooze ends by itself.

use std::time::Duration;

use frontdesk_tests::harness::{Agent, Coding, Socket, System, Talk, command, field, is_for, until, watch};
use serde_json::{Value, json};

pub(crate) async fn a_snooze_ends_at_its_moment_in_every_console(system: &System) {
    let talk = Talk::begin(system).await;
    let bob = Agent::bob(system, system.gateway(0)).await;
    let bobs = bob.connect(system.gateway(0), Coding::Json).await;
    watch(&bobs, &talk.conversation).await;
    let until = now_ms() + 2_000;
    let snoozed = snooze(&talk, until).await;
    for console in [&talk.console, &bobs] {
        let ended = find_end(console, &talk.conversation, snoozed).await;
        assert_eq!(ended["entry"]["author"]["member"]["kind"], "system", "{ended}");
        assert!(field(&ended, "/entry/at") >= until, "not before its moment: {ended}");
        assert_eq!(ended["entry"]["seq"], snoozed + 1, "once: {ended}");
    }
    await_row(&talk, system, "open", snoozed + 1).await;
    // The contact learns neither of the snooze nor of its end.
    talk.widget.settle().await;
    let last = talk.agent_says("the parcel is there").await;
    talk.widget.find("the answer", |frame| is_for(frame, "message", &talk.conversation)).await;
    assert!(!talk.widget.frames().iter().any(|frame| is_reopening(frame, &talk.conversation)));
    assert_eq!(last, snoozed + 2, "and it ended once");
}

pub(crate) async fn what_ends_or_changes_a_snooze_is_not_undone_by_its_timer(system: &System) {
    let answered = Talk::begin(system).await;
    let longer = Talk::begin(system).await;
    let until = now_ms() + 1_500;
    snooze(&answered, until).await;
    snooze(&longer, until).await;
    answered.contact_says("I found it myself").await;
    let resolved = answered.console.ask_ok(&command("resolve", &answered.conversation)).await;
    let snoozed = snooze(&longer, now_ms() + 3_600_000).await;
    // One that was set for later ends: so the moment of the others has passed.
    let last = Talk::begin(system).await;
    let marker = snooze(&last, until + 1_000).await;
    find_end(&last.console, &last.conversation, marker).await;
    await_row(&answered, system, "resolved", resolved).await;
    await_row(&longer, system, "snoozed", snoozed).await;
}

/// A conversation is snoozed, `kill` kills something, and the snooze ends nevertheless, once.
pub(crate) async fn ends_after(system: &System, kill: impl FnOnce()) {
    let talk = Talk::begin(system).await;
    let snoozed = snooze(&talk, now_ms() + 2_500).await;
    let rest = talk.agent.rest(system.gateway(0));
    let row = async || rest.get_ok(&format!("/api/v1/conversations/{}", talk.conversation)).await;
    until("the snooze is in the database", async || (row().await["status"] == "snoozed").then_some(())).await;
    kill();
    let agent = Agent::ada(system, system.gateway(0)).await;
    let rest = agent.rest(system.gateway(0));
    let path = format!("/api/v1/conversations/{}", talk.conversation);
    until("the snooze has ended", async || (rest.get_ok(&path).await["status"] == "open").then_some(())).await;
    let console = agent.connect(system.gateway(0), Coding::Json).await;
    watch(&console, &talk.conversation).await;
    let said = console.ask_ok(&command("claim", &talk.conversation)).await;
    assert_eq!(said, snoozed + 2, "it ended once");
}

async fn snooze(talk: &Talk, until: u64) -> u64 {
    let mut frame = command("snooze", &talk.conversation);
    frame["until"] = json!(until);
    talk.console.ask_ok(&frame).await
}

async fn find_end(console: &Socket, conversation: &str, snoozed: u64) -> Value {
    let found = |frame: &Value| is_reopening(frame, conversation) && field(frame, "/entry/seq") > snoozed;
    console.find("the end of the snooze", found).await
}

fn is_reopening(frame: &Value, conversation: &str) -> bool {
    is_for(frame, "activity", conversation) && frame["entry"]["event"]["kind"] == "reopened"
}

/// Waits until the database holds the conversation with this status and this last entry.
async fn await_row(talk: &Talk, system: &System, status: &str, last_seq: u64) {
    let rest = talk.agent.rest(system.gateway(0));
    let path = format!("/api/v1/conversations/{}", talk.conversation);
    until(&format!("{status} and {last_seq} entries"), async || {
        let row = rest.get_ok(&path).await;
        (row["status"] == status && field(&row, "/last_seq") == last_seq).then_some(())
    })
    .await;
}

/// The time of day in Unix milliseconds, which is what a snooze is set by.
#[expect(clippy::disallowed_methods, reason = "the desk under test runs on the wall clock, too")]
fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or_default()
}
