use super::*;

const LOOK: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_millis(250);

const fn backlog(processed_seq: u64, last_seq: u64) -> Backlog {
    Backlog { last_seq, processed_seq, unprocessed: last_seq - processed_seq }
}

/// Looks every 50 ms, each time seeing the next of `backlogs`; gives the lane and the moment of the last look.
fn looking(backlogs: impl IntoIterator<Item = Backlog>) -> (Lane, Duration) {
    let (mut lane, mut times, mut now) = (Lane::default(), Times::default(), Duration::ZERO);
    for backlog in backlogs {
        now += LOOK;
        lane.see(now, backlog, &mut times);
    }
    (lane, now)
}

#[test]
fn what_stands_for_longer_than_the_patience_is_overdue_and_what_came_later_is_not() {
    let (mut lane, now) = looking([backlog(10, 10), backlog(10, 12), backlog(10, 12), backlog(10, 15)]);
    assert_eq!(lane.overdue(now, PATIENCE), None);
    assert_eq!(lane.overdue(now + LOOK * 3, PATIENCE), Some(Span { from: 11, to: 12 }));
    assert_eq!(lane.overdue(now + LOOK * 5, PATIENCE), Some(Span { from: 11, to: 15 }));
    assert_eq!((lane.unpersisted(), lane.oldest(now)), (5, LOOK * 2));
}

#[test]
fn a_backlog_that_workers_get_on_with_is_left_to_them() {
    let (mut lane, now) = looking((0..100).map(|look| backlog(10 + look, 5_000)));
    assert_eq!(lane.overdue(now, PATIENCE), None);
    assert_eq!(lane.overdue(now + PATIENCE, PATIENCE), Some(Span { from: 110, to: 5_000 }), "they stopped");
}

#[test]
fn what_was_looked_into_is_not_looked_into_again_although_the_broker_still_waits() {
    let (mut lane, now) = looking([backlog(10, 15), backlog(10, 15)]);
    let later = now + PATIENCE;
    lane.settle(15, 0, later, None);
    assert_eq!((lane.overdue(later * 9, PATIENCE), lane.unpersisted(), lane.waits()), (None, 0, false));
    lane.see(later, backlog(10, 16), &mut Times::default());
    assert_eq!((lane.overdue(later + PATIENCE, PATIENCE), lane.unpersisted()), (Some(Span { from: 16, to: 16 }), 1));
}

#[test]
fn what_had_to_be_left_counts_as_unpersisted_and_is_tried_again_later() {
    let (mut lane, now) = looking([backlog(10, 15)]);
    lane.settle(15, 2, now + PATIENCE, None);
    assert_eq!((lane.unpersisted(), lane.oldest(now + PATIENCE)), (2, PATIENCE));
    assert_eq!(lane.overdue(now + AGAIN, PATIENCE), None);
    assert_eq!(lane.overdue(now + AGAIN * 2, PATIENCE), Some(Span { from: 11, to: 15 }));
    lane.settle(15, 2, now + AGAIN * 2, None);
    lane.see(now + AGAIN * 2, backlog(15, 15), &mut Times::default());
    assert_eq!((lane.unpersisted(), lane.oldest(now + AGAIN * 3)), (0, Duration::ZERO), "a worker parked them");
}

#[test]
fn a_stream_that_begins_anew_is_judged_by_nothing_of_before() {
    let (mut lane, now) = looking([backlog(10, 10), backlog(10, 15)]);
    lane.see(now + PATIENCE, backlog(0, 3), &mut Times::default());
    assert_eq!((lane.overdue(now + PATIENCE, PATIENCE), lane.unpersisted()), (None, 3));
}

#[test]
fn times_are_those_of_records_that_workers_brought_through() {
    let (mut lane, mut times, mut now) = (Lane::default(), Times::default(), LOOK);
    lane.see(now, backlog(0, 0), &mut times);
    for round in 1..=200 {
        now += LOOK;
        lane.see(now, backlog(round, round), &mut times);
    }
    assert!(times.p99(now) <= LOOK * 2, "{:?}", times.p99(now));
    lane.see(now, backlog(200, 300), &mut times);
    lane.settle(250, 0, now + PATIENCE * 40, None);
    assert!(times.p99(now) <= LOOK * 2, "what was repaired says nothing of workers");
    now += Duration::from_secs(2);
    lane.see(now, backlog(300, 300), &mut times);
    assert!(times.p99(now) >= Duration::from_secs(2), "{:?}", times.p99(now));
}

#[test]
fn memory_is_bounded_and_the_oldest_are_remembered() {
    let (lane, now) = looking((1..9_000).map(|look| backlog(0, look)));
    assert_eq!((lane.seen.len(), lane.oldest(now)), (MOST_SEEN, now - LOOK));
}
