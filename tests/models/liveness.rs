//! How a stale channel is detected: one task receives heartbeats, another one sends them and is told that the broker
//! took them, a third one asks. Every order of their steps is tried, on the code itself.

use loom::sync::Mutex;

#[path = "../../nats/log/liveness/channel.rs"]
#[expect(dead_code, reason = "when a beat is due is no question of order")]
mod code;

use std::sync::Arc;

use code::ChannelLiveness;

/// A moment long after all steps, in milliseconds.
const LATER: u64 = 100_000;

/// Two tasks at once, on a line that was listened to and on which one beat was not heard; and what is looked at after
/// both.
fn at_once(one: fn(&ChannelLiveness), other: fn(&ChannelLiveness), after: fn(&ChannelLiveness)) {
    loom::model(move || {
        let line = Arc::new(ChannelLiveness::default());
        line.received(1);
        line.heartbeat_sent(2, 3);
        let beside = Arc::clone(&line);
        let beside = loom::thread::spawn(move || other(&beside));
        one(&line);
        beside.join().expect("it does not panic");
        after(&line);
    });
}

#[test]
fn a_beat_that_is_heard_while_the_broker_says_so_is_not_one_of_two() {
    // It was begun at 4, comes in at 5, and the broker's word at 6. Only the next one is not heard.
    at_once(
        |line| line.received(5),
        |line| line.heartbeat_sent(4, 6),
        |line| {
            line.heartbeat_sent(7, 8);
            assert!(!line.is_stale(LATER), "only one was not heard");
        },
    );
}

#[test]
fn two_beats_that_nobody_heard_are_two_whoever_tells() {
    at_once(|line| line.heartbeat_sent(4, 6), |line| line.heartbeat_sent(4, 6), |line| assert!(line.is_stale(LATER)));
}

#[test]
fn whoever_asks_while_a_beat_comes_in_is_told_of_a_moment_that_was() {
    // Not stale before, and not after: at no moment between.
    at_once(
        |line| assert!(!line.is_stale(LATER)),
        |line| {
            line.received(5);
            line.heartbeat_sent(6, 7);
        },
        |line| assert!(!line.is_stale(LATER)),
    );
}
