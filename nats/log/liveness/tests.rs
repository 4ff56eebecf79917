use std::time::Duration;

use super::*;

/// `since` lies `ms` in the past.
fn aged(liveness: &mut Liveness, ms: u64) {
    liveness.since -= Duration::from_millis(ms);
}

#[test]
fn two_heartbeats_that_were_taken_and_not_received_make_a_channel_stale() {
    let mut liveness = Liveness::default();
    let [one, other] = [Partition::all().next(), Partition::all().nth(7)].map(Option::unwrap);
    liveness.heartbeat_sent(one, LiveChannel::Live, u64::MAX);
    aged(&mut liveness, 60_000);
    liveness.heartbeat_sent(one, LiveChannel::Live, u64::MAX);
    aged(&mut liveness, 60_000);
    assert_eq!(liveness.stale_channel(one), None, "there is no subscription yet");
    liveness.received(one, LiveChannel::Live);
    liveness.received(other, LiveChannel::Acks);
    liveness.heartbeat_sent(one, LiveChannel::Live, u64::MAX);
    aged(&mut liveness, 60_000);
    assert_eq!(liveness.stale_channel(one), None, "one heartbeat may be lost with a connection");
    liveness.heartbeat_sent(one, LiveChannel::Live, u64::MAX);
    assert_eq!(liveness.stale_channel(one), None, "the second is on its way");
    aged(&mut liveness, 2_000);
    assert_eq!((liveness.stale_channel(one), liveness.stale_channel(other)), (Some(LiveChannel::Live), None));
    liveness.received(one, LiveChannel::Acks);
    assert_eq!(liveness.stale_channel(one), Some(LiveChannel::Live), "another channel proves nothing about this one");
    liveness.received(one, LiveChannel::Live);
    assert_eq!(liveness.stale_channel(one), None);
}

#[test]
fn a_feed_is_stale_by_itself_and_forgotten_without_a_subscription() {
    let mut liveness = Liveness::default();
    let [one, other] = [1, 2].map(|number| TenantId(uuid::Uuid::from_u128(number)));
    liveness.feed_received(one);
    liveness.feed_received(other);
    for _ in 0..2 {
        liveness.feed_heartbeats_sent(&[one, other], u64::MAX);
        aged(&mut liveness, 6_000);
    }
    liveness.feed_received(other);
    assert!(liveness.feed_is_stale(one) && !liveness.feed_is_stale(other));
    liveness.keep_feeds(&[other]);
    assert!(!liveness.feed_is_stale(one) && liveness.feeds().len() == 1);
}

#[test]
fn a_heartbeat_received_before_the_broker_confirmed_it_is_not_one_of_the_two() {
    let mut liveness = Liveness::default();
    let one = Partition::all().next().unwrap();
    let started = liveness.now();
    liveness.received(one, LiveChannel::Live);
    liveness.heartbeat_sent(one, LiveChannel::Live, started);
    aged(&mut liveness, 3_000);
    // The next is late, by as much as a node is busy.
    liveness.heartbeat_sent(one, LiveChannel::Live, liveness.now());
    aged(&mut liveness, 4_000);
    assert_eq!(liveness.stale_channel(one), None, "only one was not received");
    liveness.heartbeat_sent(one, LiveChannel::Live, liveness.now());
    aged(&mut liveness, 2_000);
    assert_eq!(liveness.stale_channel(one), Some(LiveChannel::Live));
}

#[test]
fn a_heartbeat_is_due_after_a_silence_and_any_message_ends_the_silence() {
    let mut liveness = Liveness::default();
    let one = Partition::all().next().unwrap();
    let is_due = |liveness: &Liveness, channel| liveness.due(one, &[channel], liveness.now());
    aged(&mut liveness, 60_000);
    assert!(!is_due(&liveness, LiveChannel::Live), "there is no subscription yet");
    liveness.received(one, LiveChannel::Live);
    liveness.received(one, LiveChannel::Acks);
    aged(&mut liveness, 2_000);
    assert!(!is_due(&liveness, LiveChannel::Live));
    // Another node's heartbeat, or a record.
    liveness.received(one, LiveChannel::Live);
    aged(&mut liveness, 2_000);
    assert!(!is_due(&liveness, LiveChannel::Live) && is_due(&liveness, LiveChannel::Acks));
    aged(&mut liveness, 1_000);
    assert!(is_due(&liveness, LiveChannel::Live) && !is_due(&liveness, LiveChannel::Acks), "one was started just now");
    // A channel that stays silent gets another heartbeat, so that two are missed within the time until it is stale.
    aged(&mut liveness, 2_500);
    assert!(is_due(&liveness, LiveChannel::Live));
}

#[test]
fn heartbeats_of_feeds_are_due_after_a_silence() {
    let mut liveness = Liveness::default();
    let [one, other] = [1, 2].map(|number| TenantId(uuid::Uuid::from_u128(number)));
    liveness.feed_received(one);
    liveness.feed_received(other);
    aged(&mut liveness, 2_600);
    liveness.feed_received(other);
    assert_eq!(liveness.feeds_due(&[one, other], liveness.now()), [one]);
    assert_eq!(liveness.feeds_due(&[one, other], liveness.now()), []);
}

#[test]
fn a_channel_that_receives_its_heartbeats_is_never_stale() {
    let mut liveness = Liveness::default();
    let one = Partition::all().next().unwrap();
    liveness.received(one, LiveChannel::Signals);
    for _ in 0..20 {
        liveness.heartbeat_sent(one, LiveChannel::Signals, u64::MAX);
        aged(&mut liveness, 3_000);
        assert_eq!(liveness.stale_channel(one), None);
        liveness.received(one, LiveChannel::Signals);
    }
}
