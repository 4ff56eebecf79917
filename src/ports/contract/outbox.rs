//! What every implementation of [`Outbox`] and its half within transactions promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use frontdesk_domain::{Aggregate, AggregateEvent, EventDraft, TenantId, Timestamp, audit::Actor};
use futures_util::{FutureExt as _, future::join_all};
use uuid::Uuid;

use crate::{
    error::StoreError,
    outbox::{Outbox, OutboxDepth, PublishedEvent, RelayId, WaitingEvent},
    transaction::Transactions,
};

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// empty implementation.
#[macro_export]
macro_rules! outbox_contract {
    ($fresh:path) => {
        $crate::outbox_contract! { @each $fresh:
            an_event_waits_from_the_commit_of_its_transaction_on
            numbers_of_an_aggregate_have_no_gap_although_transactions_are_dropped
            events_added_at_once_are_numbered_in_the_order_of_their_commits
            a_batch_leaves_out_no_event_before_one_that_it_has
            what_is_marked_does_not_come_again_and_tells_where_it_lies
            an_event_of_this_process_is_told_when_its_transaction_has_committed
            the_depth_counts_what_waits
            published_events_are_removed_by_age_and_waiting_ones_never
            an_event_that_is_too_large_is_refused
            one_relay_has_the_lease_until_it_stops_renewing_or_gives_it_back
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::outbox::$promise(&*made).await;
            }
        )*
    };
}

/// Some aggregate of some tenant.
#[must_use]
pub fn aggregate() -> Aggregate {
    Aggregate { tenant: TenantId(Uuid::new_v4()), kind: "thing".into(), id: Uuid::new_v4() }
}

/// An event of `aggregate` that has no number yet.
#[must_use]
pub fn draft(aggregate: &Aggregate, kind: &'static str) -> EventDraft {
    let data = serde_json::json!({ "name": "a \"quoted\" 名\u{0}", "size": 1.5, "list": [null, true] });
    EventDraft {
        id: Uuid::new_v4(),
        aggregate: aggregate.clone(),
        kind: kind.into(),
        at: Timestamp(1_700_000_000_000),
        actor: Actor::system("contract"),
        data: data.as_object().cloned().unwrap_or_default(),
    }
}

async fn add(store: &impl Transactions, draft: EventDraft) -> AggregateEvent {
    let mut transaction = store.begin().await.unwrap();
    let event = transaction.add_event(draft).await.unwrap();
    transaction.commit().await.unwrap();
    event
}

fn published(waiting: &WaitingEvent, stream_seq: u64) -> PublishedEvent {
    let event = &waiting.event;
    let aggregate = event.draft.aggregate.clone();
    PublishedEvent { position: waiting.position, aggregate, number: event.number, stream_seq }
}

fn numbers(waiting: &[WaitingEvent]) -> Vec<u64> {
    waiting.iter().map(|waiting| waiting.event.number).collect()
}

/// With everything that it says.
pub async fn an_event_waits_from_the_commit_of_its_transaction_on(store: &(impl Transactions + Outbox)) {
    let mut transaction = store.begin().await.unwrap();
    let event = transaction.add_event(draft(&aggregate(), "thing.created")).await.unwrap();
    assert_eq!(event.number, 1);
    assert_eq!(store.waiting_events(10).await.unwrap(), []);
    transaction.commit().await.unwrap();
    let waiting = store.waiting_events(10).await.unwrap();
    assert_eq!(waiting.iter().map(|waiting| &waiting.event).collect::<Vec<_>>(), [&event]);
    assert_eq!(waiting[0].last_seq, 0);
}

/// A number that was given to a transaction that did not commit is given again.
pub async fn numbers_of_an_aggregate_have_no_gap_although_transactions_are_dropped(
    store: &(impl Transactions + Outbox),
) {
    let aggregate = aggregate();
    for round in 0..6 {
        let mut transaction = store.begin().await.unwrap();
        transaction.add_event(draft(&aggregate, "thing.changed")).await.unwrap();
        if round % 2 == 0 { drop(transaction) } else { transaction.commit().await.unwrap() }
    }
    let mut transaction = store.begin().await.unwrap();
    for _ in 0..2 {
        transaction.add_event(draft(&aggregate, "thing.changed")).await.unwrap();
    }
    transaction.commit().await.unwrap();
    assert_eq!(numbers(&store.waiting_events(10).await.unwrap()), [1, 2, 3, 4, 5]);
}

/// A later one waits for an earlier one.
pub async fn events_added_at_once_are_numbered_in_the_order_of_their_commits(store: &(impl Transactions + Outbox)) {
    let aggregate = aggregate();
    join_all((0..20).map(|_| add(store, draft(&aggregate, "thing.changed")))).await;
    let waiting = store.waiting_events(100).await.unwrap();
    assert_eq!(numbers(&waiting), (1..=20).collect::<Vec<_>>());
    assert!(waiting.is_sorted_by_key(|waiting| waiting.position));
}

/// So that what is published of an aggregate always is its beginning.
pub async fn a_batch_leaves_out_no_event_before_one_that_it_has(store: &(impl Transactions + Outbox)) {
    let aggregates = [aggregate(), aggregate()];
    for place in [0, 1, 0, 0, 1] {
        add(store, draft(&aggregates[place], "thing.changed")).await;
    }
    for limit in 1..=5 {
        let batch = store.waiting_events(limit).await.unwrap();
        assert_eq!(batch.len(), limit);
        for aggregate in &aggregates {
            let of_it = batch.iter().filter(|waiting| waiting.event.draft.aggregate == *aggregate);
            let numbers: Vec<_> = of_it.map(|waiting| waiting.event.number).collect();
            assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
        }
    }
}

/// Marking twice, in whatever order, never sets back what is known of the stream.
pub async fn what_is_marked_does_not_come_again_and_tells_where_it_lies(store: &(impl Transactions + Outbox)) {
    let (ours, other) = (aggregate(), aggregate());
    for aggregate in [&ours, &ours, &other, &ours] {
        add(store, draft(aggregate, "thing.changed")).await;
    }
    let waiting = store.waiting_events(10).await.unwrap();
    let first_two = [published(&waiting[0], 11), published(&waiting[1], 14)];
    store.mark_published(&first_two, Timestamp(1)).await.unwrap();
    store.mark_published(&first_two[..1], Timestamp(2)).await.unwrap();
    let rest = store.waiting_events(10).await.unwrap();
    assert_eq!(
        rest.iter().map(|waiting| waiting.position).collect::<Vec<_>>(),
        [waiting[2].position, waiting[3].position]
    );
    assert_eq!(rest.iter().map(|waiting| waiting.last_seq).collect::<Vec<_>>(), [0, 14]);
    store.mark_published(&[published(&rest[1], 15), published(&rest[0], 16)], Timestamp(3)).await.unwrap();
    assert_eq!(store.waiting_events(10).await.unwrap(), []);
    add(store, draft(&other, "thing.changed")).await;
    assert_eq!(store.waiting_events(10).await.unwrap()[0].last_seq, 16);
}

/// Not for a transaction that adds none or is dropped, and also when none waits at that moment.
pub async fn an_event_of_this_process_is_told_when_its_transaction_has_committed(store: &(impl Transactions + Outbox)) {
    store.begin().await.unwrap().commit().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    transaction.add_event(draft(&aggregate(), "thing.changed")).await.unwrap();
    assert!(store.event_added().now_or_never().is_none(), "before the commit");
    drop(transaction);
    assert!(store.event_added().now_or_never().is_none(), "dropped");
    add(store, draft(&aggregate(), "thing.changed")).await;
    assert!(store.event_added().now_or_never().is_some(), "after the commit");
    assert!(store.event_added().now_or_never().is_none(), "told once");
}

/// And since when the oldest waits.
pub async fn the_depth_counts_what_waits(store: &(impl Transactions + Outbox)) {
    assert_eq!(store.outbox_depth().await.unwrap(), OutboxDepth::default());
    for at in [500, 300, 400] {
        add(store, EventDraft { at: Timestamp(at), ..draft(&aggregate(), "thing.changed") }).await;
    }
    let depth = store.outbox_depth().await.unwrap();
    assert_eq!(depth, OutboxDepth { waiting: 3, oldest: Some(Timestamp(300)) });
    let waiting = store.waiting_events(10).await.unwrap();
    store.mark_published(&[published(&waiting[1], 1)], Timestamp(600)).await.unwrap();
    let depth = store.outbox_depth().await.unwrap();
    assert_eq!(depth, OutboxDepth { waiting: 2, oldest: Some(Timestamp(400)) });
}

/// In portions; numbers and the place in the stream go on from where they were.
pub async fn published_events_are_removed_by_age_and_waiting_ones_never(store: &(impl Transactions + Outbox)) {
    let aggregate = aggregate();
    for _ in 0..5 {
        add(store, draft(&aggregate, "thing.changed")).await;
    }
    let waiting = store.waiting_events(10).await.unwrap();
    for (place, waiting) in waiting.iter().take(4).enumerate() {
        let at = Timestamp(i64::try_from(place).unwrap() * 100);
        store.mark_published(&[published(waiting, waiting.position + 50)], at).await.unwrap();
    }
    assert_eq!(store.remove_published(Timestamp(250), 2).await.unwrap(), 2);
    assert_eq!(store.remove_published(Timestamp(250), 2).await.unwrap(), 1);
    assert_eq!(store.remove_published(Timestamp(250), 2).await.unwrap(), 0);
    assert_eq!(store.remove_published(Timestamp(1_000), 9).await.unwrap(), 1);
    let rest = store.waiting_events(10).await.unwrap();
    assert_eq!(numbers(&rest), [5]);
    assert_eq!(rest[0].last_seq, waiting[3].position + 50);
    assert_eq!(add(store, draft(&aggregate, "thing.changed")).await.number, 6);
}

/// It could never be published and would hold up those behind it.
pub async fn an_event_that_is_too_large_is_refused(store: &(impl Transactions + Outbox)) {
    let mut large = draft(&aggregate(), "thing.changed");
    large.data.insert("text".to_owned(), "x".repeat(AggregateEvent::MAX_DATA_BYTES).into());
    let mut transaction = store.begin().await.unwrap();
    assert!(matches!(transaction.add_event(large).await, Err(StoreError::TooLarge(_))));
}

/// A renewal after a takeover fails, and a takeover of a lease that was renewed meanwhile does nothing.
pub async fn one_relay_has_the_lease_until_it_stops_renewing_or_gives_it_back(store: &(impl Transactions + Outbox)) {
    let (one, other) = (RelayId(Uuid::new_v4()), RelayId(Uuid::new_v4()));
    let first = store.renew_lease(one).await.unwrap();
    assert_eq!(first.holder, Some(one));
    assert_eq!(store.renew_lease(other).await.unwrap(), first);
    let renewed = store.renew_lease(one).await.unwrap();
    assert!(renewed.renewals > first.renewals);
    assert!(!store.take_over_lease(other, first).await.unwrap());
    assert!(store.take_over_lease(other, renewed).await.unwrap());
    assert_eq!(store.renew_lease(one).await.unwrap().holder, Some(other));
    store.release_lease(one).await.unwrap();
    assert_eq!(store.renew_lease(one).await.unwrap().holder, Some(other));
    store.release_lease(other).await.unwrap();
    let free = store.renew_lease(one).await.unwrap();
    assert_eq!(free.holder, Some(one));
    let stale = [renewed, first];
    for seen in stale {
        assert!(!store.take_over_lease(other, seen).await.unwrap());
    }
}
