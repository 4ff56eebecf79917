use super::*;

const LOOK: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_millis(250);

const fn backlog(processed_seq: u64, last_seq: u64) -> Backlog {
    Backlog { last_seq, processed_seq, unprocessed: last_seq - processed_seq }
}

/// Looks every 50 ms, each time seeing the next of `backlogs`; gives the lag and the moment of the last look.
fn looking(backlogs: impl IntoIterator<Item = Backlog>) -> (StreamLag, Duration) {
    let (mut lag, mut latencies, mut now) = (StreamLag::default(), LatencyWindow::default(), Duration::ZERO);
    for backlog in backlogs {
        now += LOOK;
        lag.see(now, backlog, &mut latencies);
    }
    (lag, now)
}

#[test]
fn what_stands_for_longer_than_the_patience_is_overdue_and_what_came_later_is_not() {
    let (mut lag, now) = looking([backlog(10, 10), backlog(10, 12), backlog(10, 12), backlog(10, 15)]);
    assert_eq!(lag.overdue(now, PATIENCE), None);
    assert_eq!(lag.overdue(now + LOOK * 3, PATIENCE), Some(Span { from: 11, to: 12 }));
    assert_eq!(lag.overdue(now + LOOK * 5, PATIENCE), Some(Span { from: 11, to: 15 }));
    assert_eq!((lag.unpersisted(), lag.oldest(now)), (5, LOOK * 2));
}

#[test]
fn a_backlog_that_workers_get_on_with_is_left_to_them() {
    let (mut lag, now) = looking((0..100).map(|look| backlog(10 + look, 5_000)));
    assert_eq!(lag.overdue(now, PATIENCE), None);
    assert_eq!(lag.overdue(now + PATIENCE, PATIENCE), Some(Span { from: 110, to: 5_000 }), "they stopped");
}

#[test]
fn what_was_looked_into_is_not_looked_into_again_although_the_broker_still_waits() {
    let (mut lag, now) = looking([backlog(10, 15), backlog(10, 15)]);
    let later = now + PATIENCE;
    lag.settle(15, 0, later, None);
    assert_eq!((lag.overdue(later * 9, PATIENCE), lag.unpersisted(), lag.waits()), (None, 0, false));
    lag.see(later, backlog(10, 16), &mut LatencyWindow::default());
    assert_eq!((lag.overdue(later + PATIENCE, PATIENCE), lag.unpersisted()), (Some(Span { from: 16, to: 16 }), 1));
}

#[test]
fn what_had_to_be_left_counts_as_unpersisted_and_is_tried_again_later() {
    let (mut lag, now) = looking([backlog(10, 15)]);
    lag.settle(15, 2, now + PATIENCE, None);
    assert_eq!((lag.unpersisted(), lag.oldest(now + PATIENCE)), (2, PATIENCE));
    assert_eq!(lag.overdue(now + AGAIN, PATIENCE), None);
    assert_eq!(lag.overdue(now + AGAIN * 2, PATIENCE), Some(Span { from: 11, to: 15 }));
    lag.settle(15, 2, now + AGAIN * 2, None);
    lag.see(now + AGAIN * 2, backlog(15, 15), &mut LatencyWindow::default());
    assert_eq!((lag.unpersisted(), lag.oldest(now + AGAIN * 3)), (0, Duration::ZERO), "a worker dead-lettered them");
}

#[test]
fn a_stream_that_begins_anew_is_judged_by_nothing_of_before() {
    let (mut lag, now) = looking([backlog(10, 10), backlog(10, 15)]);
    lag.see(now + PATIENCE, backlog(0, 3), &mut LatencyWindow::default());
    assert_eq!((lag.overdue(now + PATIENCE, PATIENCE), lag.unpersisted()), (None, 3));
}

#[test]
fn times_are_those_of_records_that_workers_brought_through() {
    let (mut lag, mut latencies, mut now) = (StreamLag::default(), LatencyWindow::default(), LOOK);
    lag.see(now, backlog(0, 0), &mut latencies);
    for round in 1..=200 {
        now += LOOK;
        lag.see(now, backlog(round, round), &mut latencies);
    }
    assert!(latencies.p99(now) <= LOOK * 2, "{:?}", latencies.p99(now));
    lag.see(now, backlog(200, 300), &mut latencies);
    lag.settle(250, 0, now + PATIENCE * 40, None);
    assert!(latencies.p99(now) <= LOOK * 2, "what was repaired says nothing of workers");
    now += Duration::from_secs(2);
    lag.see(now, backlog(300, 300), &mut latencies);
    assert!(latencies.p99(now) >= Duration::from_secs(2), "{:?}", latencies.p99(now));
}

#[test]
fn memory_is_bounded_and_the_oldest_are_remembered() {
    let (lag, now) = looking((1..9_000).map(|look| backlog(0, look)));
    assert_eq!((lag.seen.len(), lag.oldest(now)), (MOST_SEEN, now - LOOK));
}
