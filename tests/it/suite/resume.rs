//! Resuming a conversation after a lost connection.

use frontdesk_tests::harness::{
    Coding, History, System, Talk, command, field, is, is_for, resume, say, seqs, texts, watch,
};
use serde_json::{Value, json};

pub(crate) async fn exactly_what_was_missing_comes_back(system: &System) {
    let talk = Talk::begin(system).await;
    let held = talk.contact_says("I hold this").await;
    let (conversation, contact, agent) = (talk.conversation, talk.contact, talk.agent);
    drop(talk.widget);
    let mut missed = Vec::new();
    for number in 0..7 {
        missed.push(talk.console.ask_ok(&say(&conversation, &format!("missed {number}"))).await);
        let mut note = command("note", &conversation);
        note["text"] = "between us".into();
        talk.console.ask_ok(&note).await;
    }
    // By whichever gateway, with or without the epoch, in either codec: the same answer.
    for (index, coding) in [(0, Coding::Json), (1, Coding::MessagePack)] {
        let widget = contact.connect(system.gateway(index), coding).await;
        let epoch = widget.frames()[0]["epoch"].as_str().map(ToOwned::to_owned);
        let came = resume(&widget, &conversation, epoch.as_deref(), held).await;
        assert!(is(&came, "recovered"), "{came}");
        assert_eq!(seqs(entries(&came)), missed);
        assert_eq!((field(&entries(&came)[0], "/prev"), came["more"].as_bool()), (held, Some(false)));
        let nothing = resume(&widget, &conversation, epoch.as_deref(), *missed.last().expect("seven")).await;
        assert!(is(&nothing, "recovered") && entries(&nothing).is_empty(), "{nothing}");
        // And it goes on from there.
        let next = talk.console.ask_ok(&say(&conversation, "now you are back")).await;
        missed.push(next);
        let live = widget.find("what comes next", |frame| {
            is_for(frame, "message", &conversation) && field(frame, "/entry/seq") == next
        });
        live.await;
    }
    let staff = agent.connect(system.gateway(0), Coding::Json).await;
    let came = resume(&staff, &conversation, None, held).await;
    let all: Vec<u64> = (held + 1..=*missed.last().expect("nine")).collect();
    assert_eq!(seqs(entries(&came)), all);
}

pub(crate) async fn a_foreign_epoch_begins_anew(system: &System) {
    let talk = Talk::begin(system).await;
    let said = talk.contact_says("hello").await;
    let came = resume(&talk.widget, &talk.conversation, Some("another-history"), said).await;
    assert!(is(&came, "reset"), "{came}");
    assert_eq!(texts(entries(&came)), ["hello"]);
    let epoch = came["epoch"].as_str().expect("a reset names the epoch");
    let came = resume(&talk.widget, &talk.conversation, Some(epoch), said).await;
    assert!(is(&came, "recovered") && entries(&came).is_empty(), "{came}");
}

pub(crate) async fn a_cursor_beyond_the_end_begins_anew(system: &System) {
    let talk = Talk::begin(system).await;
    talk.contact_says("hello").await;
    for beyond in [1_000, u64::MAX] {
        let came = resume(&talk.console, &talk.conversation, None, beyond).await;
        assert!(is(&came, "reset"), "{came}");
        assert_eq!(texts(entries(&came)), ["hello"]);
    }
}

pub(crate) async fn what_does_not_fit_comes_by_range(system: &System) {
    let talk = Talk::begin(system).await;
    let held = talk.contact_says("I hold this").await;
    let all: Vec<Value> = (0..120).map(|number| say(&talk.conversation, &format!("message {number}"))).collect();
    talk.console.ask_all(&all).await;
    let last = held + 120;
    talk.console
        .find("the last one", |frame| {
            is_for(frame, "message", &talk.conversation) && field(frame, "/entry/seq") == last
        })
        .await;
    let widget = talk.contact.connect(system.gateway(1), Coding::Json).await;
    let came = resume(&widget, &talk.conversation, None, held).await;
    assert!(is(&came, "recovered") && came["more"] == true, "{came}");
    let mut got = entries(&came).clone();
    assert_eq!(seqs(&got), (held + 1..=held + 50).collect::<Vec<_>>(), "the oldest that is missing comes first");
    while got.last().map_or(0, |entry| field(entry, "/seq")) < last {
        let after = got.last().map_or(0, |entry| field(entry, "/seq"));
        let mark = widget.mark();
        widget.send(&json!({"type": "range", "conversation": talk.conversation, "after_seq": after}));
        let page = widget.find_after(mark, "the next page", |frame| is_for(frame, "range", &talk.conversation)).await;
        got.extend(entries(&page).iter().cloned());
    }
    assert_eq!(seqs(&got), (held + 1..=last).collect::<Vec<_>>());

    // A newcomer gets the newest.
    let staff = talk.agent.connect(system.gateway(0), Coding::MessagePack).await;
    let begun = watch(&staff, &talk.conversation).await;
    assert!(is(&begun, "reset") && begun["more"] == true, "{begun}");
    assert_eq!(seqs(entries(&begun)), (last - 49..=last).collect::<Vec<_>>());
    assert_eq!(field(&begun, "/state/last_seq"), last);
}

pub(crate) async fn ranges_lead_both_ways(system: &System) {
    let talk = Talk::begin(system).await;
    for number in 0..10 {
        talk.contact_says(&format!("message {number}")).await;
    }
    let whole = History::by_socket(&talk.console, &talk.conversation).await.seqs();
    let last = *whole.last().expect("there are entries");
    let range = async |query: Value| {
        let mark = talk.console.mark();
        let mut frame = json!({"type": "range", "conversation": talk.conversation});
        frame.as_object_mut().expect("it is a map").extend(query.as_object().expect("it is a map").clone());
        talk.console.send(&frame);
        let page = talk.console.find_after(mark, "a range", |frame| is_for(frame, "range", &talk.conversation)).await;
        (seqs(entries(&page)), page["more"] == true)
    };
    assert_eq!(range(json!({"after_seq": 2, "limit": 3})).await, (vec![3, 4, 5], true));
    assert_eq!(range(json!({"before_seq": 6, "limit": 3})).await, (vec![3, 4, 5], true));
    assert_eq!(range(json!({"before_seq": 3})).await, (vec![1, 2], false));
    assert_eq!(range(json!({"after_seq": last})).await, (vec![], false));
    assert_eq!(range(json!({"before_seq": 1})).await, (vec![], false));
    assert_eq!(range(json!({"after_seq": 0})).await, (whole, false));
}

fn entries(frame: &Value) -> &Vec<Value> {
    frame["entries"].as_array().unwrap_or_else(|| panic!("no entries in {frame}"))
}
