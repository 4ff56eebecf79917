//! Two nodes write to one conversation.

use std::collections::BTreeSet;

use frontdesk_tests::harness::{Agent, Coding, History, Socket, System, Talk, field, say, sees, seqs, until, watch};
use serde_json::Value;
use tokio::join;

const EACH: usize = 200;

pub(crate) async fn two_who_write_at_once_through_two_gateways_see_one_order(system: &System) {
    let talk = Talk::begin(system).await;
    let bob = Agent::bob(system, system.gateway(0)).await;
    let observer = bob.connect(system.gateway(0), Coding::Json).await;
    watch(&observer, &talk.conversation).await;

    let (from_contact, from_agent) =
        join!(write(&talk.widget, &talk.conversation, "contact"), write(&talk.console, &talk.conversation, "agent"),);
    let own: BTreeSet<u64> = from_contact.iter().chain(&from_agent).copied().collect();
    assert_eq!(own.len(), 2 * EACH, "each message has a number of its own");
    let last = *own.last().expect("there are some");

    sees(&observer, &talk.conversation, last).await;
    let history = History::by_socket(&observer, &talk.conversation).await;
    history.assert_dense();
    let texts: BTreeSet<String> = history.texts().into_iter().collect();
    assert_eq!((texts.len(), history.texts().len()), (2 * EACH, 2 * EACH), "nothing twice, nothing missing");
    for (name, accepted) in [("contact", &from_contact), ("agent", &from_agent)] {
        for (number, seq) in accepted.iter().enumerate() {
            let entry = &history.entries[*seq as usize - 1];
            assert_eq!(entry["event"]["text"], format!("{name} {number}"));
        }
    }

    // Everyone was told the same, live and in order.
    let public: Vec<Value> = history.entries.iter().filter(|entry| field(entry, "/seq") <= last).cloned().collect();
    for socket in [&talk.widget, &talk.console, &observer] {
        let told = until("everyone hears everything", async || {
            let told = History::told_live(&socket.frames(), &talk.conversation);
            (told.seqs().last() == Some(&last)).then_some(told)
        })
        .await;
        let begin = told.seqs()[0];
        assert_eq!(told.seqs(), (begin..=last).collect::<Vec<_>>(), "live, in order, nothing twice");
        for entry in &told.entries {
            let stored = &public[field(entry, "/seq") as usize - 1];
            assert_eq!((&entry["event"], &entry["client_id"]), (&stored["event"], &stored["client_id"]));
        }
    }
    for gateway in system.gateways() {
        let stored = History::by_rest(&talk.agent.rest(gateway), &talk.conversation, last).await;
        assert_eq!(seqs(&stored.entries), history.seqs());
        assert_eq!(stored, history, "REST and socket tell the same");
    }
}

/// Writes its messages; gives their numbers.
async fn write(socket: &Socket, conversation: &str, name: &str) -> Vec<u64> {
    let frames: Vec<Value> = (0..EACH).map(|number| say(conversation, &format!("{name} {number}"))).collect();
    socket.ask_all(&frames).await
}
