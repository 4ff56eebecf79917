use super::*;

/// Three messages of one author, accepted as 3, 4, 5 and arrived at one other; and their history.
fn sound() -> (Vec<Message>, Vec<(u64, Option<usize>)>) {
    let message = |seq| Message { accepted: seq, arrived: seq, arrivals: 1, ..Message::default() };
    let history = vec![(1, None), (2, None), (3, Some(0)), (4, Some(1)), (5, Some(2))];
    ([3, 4, 5].map(message).to_vec(), history)
}

fn judged(messages: &[Message], history: &[(u64, Option<usize>)]) -> (u64, u64, u64) {
    let (tally, wrong) = judge(messages, 2, history, false);
    assert_eq!(wrong.is_empty(), tally.lost + tally.duplicated + tally.misordered + tally.ghosts == 0, "{wrong:?}");
    (tally.lost, tally.duplicated, tally.misordered)
}

#[test]
fn what_the_database_does_not_hold_yet_is_not_lost_and_a_hole_is() {
    let (mut messages, mut history) = sound();
    history.pop();
    let (tally, wrong) = judge(&messages, 2, &history, false);
    assert_eq!((tally.lost, tally.unfiled, wrong.len()), (0, 1, 0));
    history.remove(3);
    history.push((5, Some(2)));
    let (tally, _) = judge(&messages, 2, &history, false);
    assert_eq!((tally.lost, tally.unfiled), (1, 0), "what comes after it is there");
    history.truncate(3);
    messages[2].arrivals = 0;
    let (tally, _) = judge(&messages, 2, &history, false);
    assert_eq!((tally.lost, tally.unfiled), (1, 1), "the last one never arrived");
}

#[test]
fn what_is_whole_is_found_so() {
    let (messages, history) = sound();
    assert_eq!(judged(&messages, &history), (0, 0, 0));
}

#[test]
fn a_message_missing_from_the_history_is_lost() {
    let (messages, mut history) = sound();
    history[3].1 = None;
    assert_eq!(judged(&messages, &history), (1, 0, 0));
    history[4].1 = None;
    assert_eq!(judged(&messages, &history), (2, 0, 0));
}

#[test]
fn a_hole_in_the_numbers_is_misordered() {
    let (messages, mut history) = sound();
    history.remove(0);
    assert_eq!(judged(&messages, &history).2, 4);
}

#[test]
fn a_message_in_the_history_twice_is_duplicated() {
    let (messages, mut history) = sound();
    history.push((6, Some(2)));
    let (lost, duplicated, _) = judged(&messages, &history);
    assert_eq!((lost, duplicated), (0, 1));
}

#[test]
fn swapped_messages_are_misordered() {
    let (messages, mut history) = sound();
    (history[2].1, history[3].1) = (history[3].1, history[2].1);
    let (lost, duplicated, misordered) = judged(&messages, &history);
    assert_eq!((lost, duplicated), (0, 0));
    assert!(misordered >= 2, "{misordered}");
}

#[test]
fn messages_sent_in_another_order_than_kept_are_misordered_unless_repeated() {
    let (mut messages, mut history) = sound();
    (messages[0].accepted, messages[1].accepted) = (4, 3);
    (history[2].1, history[3].1) = (history[3].1, history[2].1);
    assert_eq!(judged(&messages, &history), (0, 0, 1));
    assert_eq!(judge(&messages, 2, &history, true).0.misordered, 0);
}

#[test]
fn arrivals_that_are_missing_or_doubled_are_told() {
    let (mut messages, history) = sound();
    messages[1].arrivals = 0;
    assert_eq!(judged(&messages, &history), (1, 0, 0));
    messages[1].arrivals = 2;
    assert_eq!(judged(&messages, &history), (0, 1, 0));
}

#[test]
fn what_was_refused_must_not_be_there_and_silence_may_mean_either() {
    let (mut messages, history) = sound();
    messages[2] = Message { refused: true, ..Message::default() };
    assert_eq!(judge(&messages, 2, &history, false).0.ghosts, 1);
    messages[2].refused = false;
    let (tally, wrong) = judge(&messages, 2, &history, false);
    assert_eq!((tally.unknown, tally.accepted, wrong.len()), (1, 2, 0));
}

#[test]
fn two_places_for_one_message_are_a_complaint() {
    let recorder = Recorder::new(0, true);
    let conversation = Conversation::new(Uuid::nil(), 0, 2, Hop::Delivered);
    let index = conversation.plan(0, 0, 0);
    assert!(conversation.accepted(index, 3, 10, &recorder));
    assert!(!conversation.accepted(index, 3, 11, &recorder));
    assert!(recorder.complaints().is_empty() && !conversation.is_settled());
    conversation.arrived(index, 3, 12, &recorder);
    assert!(conversation.is_settled());
    conversation.arrived(index, 4, 12, &recorder);
    assert_eq!(recorder.complaints().len(), 1);
}
