//! Transactions that commit in another order than they drew their numbers, and a relay that reads meanwhile. SQLite has
//! no such moments: a transaction there is the only writer until it ends.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use frontdesk_domain::{Aggregate, AggregateEvent, Timestamp};
use frontdesk_ports::{
    Outbox as _, PublishedEvent, Transaction, Transactions as _,
    contract::outbox::{aggregate, draft},
};
use futures_util::future::join_all;

use crate::support::{TestStore, fresh};

/// What a relay has published, in its order.
#[derive(Default)]
struct Relay {
    seen: Vec<AggregateEvent>,
}

impl Relay {
    /// Publishes what waits, `limit` events at most, and marks it; says how many.
    async fn poll(&mut self, store: &TestStore, limit: usize) -> usize {
        let waiting = store.waiting_events(limit).await.unwrap();
        let mut published = Vec::new();
        for waiting in &waiting {
            self.seen.push(waiting.event.clone());
            published.push(PublishedEvent {
                position: waiting.position,
                aggregate: waiting.event.draft.aggregate.clone(),
                number: waiting.event.number,
                stream_seq: self.seen.len() as u64,
            });
        }
        store.mark_published(&published, Timestamp(1)).await.unwrap();
        published.len()
    }

    fn ids(&self) -> Vec<uuid::Uuid> {
        self.seen.iter().map(|event| event.draft.id).collect()
    }

    /// The numbers of each aggregate as they were published.
    fn numbers(&self) -> BTreeMap<&Aggregate, Vec<u64>> {
        let mut numbers: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in &self.seen {
            numbers.entry(&event.draft.aggregate).or_default().push(event.number);
        }
        numbers
    }
}

/// A transaction that has drawn a number and has not committed.
async fn in_flight(store: &TestStore, of: &Aggregate) -> (Box<dyn Transaction>, uuid::Uuid) {
    let mut transaction = store.begin().await.unwrap();
    let event = transaction.add_event(draft(of, "thing.changed")).await.unwrap();
    (transaction, event.draft.id)
}

async fn committed(store: &TestStore, of: &Aggregate) -> uuid::Uuid {
    let (transaction, id) = in_flight(store, of).await;
    transaction.commit().await.unwrap();
    id
}

#[tokio::test]
async fn of_two_that_overtake_each_other_and_one_that_rolls_back_both_come_once_and_nothing_waits() {
    let (store, mut relay) = (fresh().await, Relay::default());
    let (slow, slow_id) = in_flight(&store, &aggregate()).await;
    let quick = committed(&store, &aggregate()).await;
    assert_eq!(relay.poll(&store, 10).await, 1);
    slow.commit().await.unwrap();
    drop(in_flight(&store, &aggregate()).await);
    assert_eq!(relay.poll(&store, 10).await, 1);
    let behind_the_gap = committed(&store, &aggregate()).await;
    assert_eq!(relay.poll(&store, 10).await, 1, "the number that was rolled back holds nothing up");
    assert_eq!(relay.ids(), [quick, slow_id, behind_the_gap]);
    assert_eq!(relay.poll(&store, 10).await, 0);
}

#[tokio::test]
async fn a_second_change_of_an_aggregate_gets_its_number_after_the_first_has_committed() {
    let (store, mut relay, of) = (fresh().await, Relay::default(), aggregate());
    let (first, first_id) = in_flight(&store, &of).await;
    let second = {
        let (store, of) = ((*store).clone(), of.clone());
        tokio::spawn(async move {
            let mut transaction = store.begin().await.unwrap();
            let event = transaction.add_event(draft(&of, "thing.changed")).await.unwrap();
            transaction.commit().await.unwrap();
            event.draft.id
        })
    };
    crate::changes::until_waiting(&store, 1).await;
    assert_eq!(relay.poll(&store, 10).await, 0);
    assert!(!second.is_finished());
    first.commit().await.unwrap();
    let second_id = second.await.unwrap();
    relay.poll(&store, 10).await;
    assert_eq!(relay.ids(), [first_id, second_id]);
    assert_eq!(relay.numbers().into_values().collect::<Vec<_>>(), [[1, 2]]);
}

#[tokio::test]
async fn commits_that_land_between_two_reads_of_a_relay_are_not_skipped() {
    let (store, mut relay) = (fresh().await, Relay::default());
    let (low, low_id) = in_flight(&store, &aggregate()).await;
    let above = [committed(&store, &aggregate()).await, committed(&store, &aggregate()).await];
    // The relay takes only a part; between its reads a commit lands below what it has taken.
    assert_eq!(relay.poll(&store, 1).await, 1);
    low.commit().await.unwrap();
    while relay.poll(&store, 1).await > 0 {}
    assert_eq!(relay.ids(), [above[0], low_id, above[1]]);
}

#[tokio::test]
async fn a_relay_that_starts_anew_while_others_are_in_flight_skips_none_of_them() {
    let store = fresh().await;
    let (open, open_id) = in_flight(&store, &aggregate()).await;
    let mut before = Relay::default();
    let first = committed(&store, &aggregate()).await;
    before.poll(&store, 10).await;
    let second = committed(&store, &aggregate()).await;
    let mut anew = Relay::default();
    while anew.poll(&store, 10).await > 0 {}
    open.commit().await.unwrap();
    anew.poll(&store, 10).await;
    assert_eq!((before.ids(), anew.ids()), (vec![first], vec![second, open_id]));
}

#[tokio::test]
async fn after_a_long_idle_time_numbers_that_are_only_drawn_are_waited_for() {
    let (store, mut relay) = (fresh().await, Relay::default());
    let old = committed(&store, &aggregate()).await;
    relay.poll(&store, 10).await;
    let (one, one_id) = in_flight(&store, &aggregate()).await;
    let (other, other_id) = in_flight(&store, &aggregate()).await;
    for _ in 0..20 {
        assert_eq!(relay.poll(&store, 10).await, 0);
    }
    let above = committed(&store, &aggregate()).await;
    assert_eq!(relay.poll(&store, 10).await, 1);
    other.commit().await.unwrap();
    assert_eq!(relay.poll(&store, 10).await, 1);
    one.commit().await.unwrap();
    assert_eq!(relay.poll(&store, 10).await, 1);
    assert_eq!(relay.ids(), [old, above, other_id, one_id]);
}

#[tokio::test]
async fn a_transaction_that_stays_open_beyond_every_patience_is_published_when_it_commits() {
    let (store, mut relay) = (fresh().await, Relay::default());
    let (open, open_id) = in_flight(&store, &aggregate()).await;
    for _ in 0..100 {
        committed(&store, &aggregate()).await;
        relay.poll(&store, 10).await;
    }
    // Not even the removal of everything around it makes the relay forget it.
    assert_eq!(store.remove_published(Timestamp(i64::MAX), 1_000).await.unwrap(), 100);
    assert_eq!(relay.poll(&store, 10).await, 0);
    open.commit().await.unwrap();
    assert_eq!(relay.poll(&store, 10).await, 1);
    assert_eq!(relay.ids().last(), Some(&open_id));
    assert_eq!(relay.seen.len(), 101);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_commits_in_any_order_none_is_missed_doubled_or_out_of_its_aggregates_order() {
    let (store, mut relay) = (fresh().await, Relay::default());
    let aggregates: Vec<_> = (0..10).map(|_| aggregate()).collect();
    let writers = (0..3_usize).map(|writer| {
        let (store, aggregates) = ((*store).clone(), aggregates.clone());
        tokio::spawn(async move {
            let mut ids = Vec::new();
            for round in 0..360_usize {
                let of = &aggregates[(writer * 7 + round * (writer + 1)) % aggregates.len()];
                let mut transaction = store.begin().await.unwrap();
                let event = transaction.add_event(draft(of, "thing.changed")).await.unwrap();
                if round % 14 == writer {
                    continue;
                }
                transaction.commit().await.unwrap();
                ids.push(event.draft.id);
            }
            ids
        })
    });
    let writers = tokio::spawn(join_all(writers.collect::<Vec<_>>()));
    while !writers.is_finished() {
        relay.poll(&store, 16).await;
    }
    while relay.poll(&store, 16).await > 0 {}
    let mut written: Vec<_> = writers.await.unwrap().into_iter().flat_map(Result::unwrap).collect();
    let mut seen = relay.ids();
    written.sort();
    seen.sort();
    assert!(written.len() > 1_000);
    assert_eq!(seen, written);
    for (aggregate, numbers) in relay.numbers() {
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "{aggregate}");
    }
}
