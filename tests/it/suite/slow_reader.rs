//! A peer that stops reading.

use frontdesk_tests::harness::{Coding, History, Socket, System, Talk, field, is_for, resume, say, watch, within};
use serde_json::json;

/// Messages of this size, until far more is under way than sockets and outboxes hold.
const SIZE: usize = 12_000;
const MESSAGES: u64 = 150;

pub(crate) async fn a_reader_that_stops_is_evicted_and_harms_nobody(system: &System) {
    let talk = Talk::begin(system).await;
    let node = system.gateway(0);
    let slow = Socket::connect_narrow(&node.host(), &talk.contact.path(), &node.origin(), Coding::Json).await;
    let slow = slow.expect("it is taken");
    slow.hello(&talk.contact.token).await;
    let held = field(&watch(&slow, &talk.conversation).await, "/state/last_seq");
    slow.set_reading(false);
    let before = node.resident_bytes().0;

    let text = "x".repeat(SIZE);
    let mut last = 0;
    for _ in 0..MESSAGES {
        last = talk.console.ask_ok(&say(&talk.conversation, &text)).await;
    }
    // Those who read have everything, at once.
    talk.widget
        .find("the last message", |frame| {
            is_for(frame, "message", &talk.conversation) && field(frame, "/entry/seq") == last
        })
        .await;
    let told = History::told_live(&talk.widget.frames(), &talk.conversation).seqs();
    assert_eq!(told.len() as u64, last - told[0] + 1, "those who read miss nothing");
    let grown = node.resident_bytes().0.saturating_sub(before);
    println!("memory while one reader slept through {} KiB: +{} KiB", MESSAGES * SIZE as u64 / 1024, grown / 1024);

    // The one who slept finds its socket closed before it was given everything, and misses nothing after coming back.
    slow.set_reading(true);
    within("the end of the slow socket", slow.closed()).await;
    let got = History::told_live(&slow.frames(), &talk.conversation).seqs();
    let missed_from = got.last().copied().unwrap_or(held);
    assert!(missed_from < last, "it was evicted before the end");
    assert_eq!(got, (held + 1..=missed_from).collect::<Vec<_>>(), "what it was given has no hole");
    let back = talk.contact.connect(node, Coding::MessagePack).await;
    let mut came = resume(&back, &talk.conversation, None, missed_from).await;
    let mut next = missed_from + 1;
    loop {
        for entry in came["entries"].as_array().expect("a page has entries") {
            assert_eq!(field(entry, "/seq"), next);
            next += 1;
        }
        if came["more"] != true {
            break;
        }
        let mark = back.mark();
        back.send(&json!({"type": "range", "conversation": talk.conversation, "after_seq": next - 1}));
        came = back.find_after(mark, "the next page", |frame| is_for(frame, "range", &talk.conversation)).await;
    }
    assert_eq!(next, last + 1);
}
