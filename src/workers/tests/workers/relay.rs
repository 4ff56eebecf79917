//! Events are published once and in order, whichever process is killed and whatever the broker answers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_config::{Role, WorkersSettings};
use frontdesk_domain::{Aggregate, AggregateEvent, Timestamp};
use frontdesk_memory::{MemoryEventStream, MemoryStore, PublishFault};
use frontdesk_ports::{
    AppendError, EventStream, LogError, Outbox, OutboxDepth, PublishedEvent, RelayId, RelayLease, StoreError,
    StreamedEvent, Transactions as _, WaitingEvent,
    contract::outbox::{aggregate, draft},
};
use frontdesk_workers::{RelayWorker, StepOutcome, Worker as _, WorkerContext, WorkerError};

use super::desk::{Desk, NO_WAIT};

/// A desk and the stream that its relays publish to.
struct World {
    desk: Desk,
    stream: MemoryEventStream,
}

impl World {
    fn new() -> Self {
        let (mut desk, stream) = (Desk::new(), MemoryEventStream::default());
        desk.ports.events = Arc::new(stream.clone());
        Self { desk, stream }
    }

    fn relay(&self) -> RelayWorker {
        self.desk.worker()
    }

    /// A relay that is killed when it wants to mark what it has published.
    fn doomed(&self) -> RelayWorker {
        let mut ports = self.desk.ports.clone();
        ports.database.outbox =
            Arc::new(OddOutbox { store: self.desk.store.clone(), dies: true, leases_to_all: false });
        RelayWorker::new(&WorkerContext::new(&ports, &self.desk.settings, RelayWorker::ROLE))
    }

    async fn add(&self, aggregate: &Aggregate) -> AggregateEvent {
        let mut transaction = self.desk.store.begin().await.unwrap();
        let event = transaction.add_event(draft(aggregate, "thing.changed")).await.unwrap();
        transaction.commit().await.unwrap();
        event
    }

    async fn step(&self, relay: &RelayWorker) -> Result<StepOutcome, WorkerError> {
        relay.step(NO_WAIT, &self.desk.stop).await
    }

    async fn waiting(&self) -> u64 {
        self.desk.store.outbox_depth().await.unwrap().waiting
    }

    /// The numbers of each aggregate in the stream, in its order.
    fn numbers(&self) -> BTreeMap<Aggregate, Vec<u64>> {
        let mut numbers: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in self.stream.events() {
            numbers.entry(event.draft.aggregate).or_default().push(event.number);
        }
        numbers
    }
}

/// The outbox of a relay that dies before it marks anything, or whose lease keeps no other relay away.
struct OddOutbox {
    store: Arc<MemoryStore>,
    dies: bool,
    leases_to_all: bool,
}

#[async_trait]
impl Outbox for OddOutbox {
    async fn renew_lease(&self, relay: RelayId) -> Result<RelayLease, StoreError> {
        let lease = self.store.renew_lease(relay).await?;
        Ok(if self.leases_to_all { RelayLease { holder: Some(relay), ..lease } } else { lease })
    }

    async fn take_over_lease(&self, relay: RelayId, seen: RelayLease) -> Result<bool, StoreError> {
        self.store.take_over_lease(relay, seen).await
    }

    async fn release_lease(&self, relay: RelayId) -> Result<(), StoreError> {
        self.store.release_lease(relay).await
    }

    async fn waiting_events(&self, limit: usize) -> Result<Vec<WaitingEvent>, StoreError> {
        self.store.waiting_events(limit).await
    }

    async fn mark_published(&self, events: &[PublishedEvent], at: Timestamp) -> Result<(), StoreError> {
        if self.dies {
            std::future::pending::<()>().await;
        }
        self.store.mark_published(events, at).await
    }

    async fn event_added(&self) {
        self.store.event_added().await;
    }

    async fn outbox_depth(&self) -> Result<OutboxDepth, StoreError> {
        self.store.outbox_depth().await
    }

    async fn remove_published(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
        self.store.remove_published(before, limit).await
    }
}

#[tokio::test]
async fn what_waits_is_published_once_with_the_events_of_each_aggregate_in_order() {
    let world = World::new();
    let aggregates = [aggregate(), aggregate(), aggregate()];
    for place in [0, 1, 0, 2, 1, 0, 0] {
        world.add(&aggregates[place]).await;
    }
    let relay = world.relay();
    assert!(matches!(world.step(&relay).await, Ok(StepOutcome::Worked(7))));
    assert!(matches!(world.step(&relay).await, Ok(StepOutcome::Idle)));
    let expected = [vec![1, 2, 3, 4], vec![1, 2], vec![1]];
    assert_eq!(world.numbers(), aggregates.into_iter().zip(expected).collect());
    assert_eq!(world.waiting().await, 0);
}

#[tokio::test]
async fn a_relay_killed_between_publish_and_mark_leaves_no_second_copy() {
    let world = World::new();
    let aggregates = [aggregate(), aggregate()];
    for place in [0, 0, 1] {
        world.add(&aggregates[place]).await;
    }
    let doomed = world.doomed();
    let killed = tokio::time::timeout(Duration::from_millis(50), world.step(&doomed)).await;
    assert!(killed.is_err() && world.stream.events().len() == 3, "it published and did not mark");
    assert_eq!(world.waiting().await, 3);
    world.add(&aggregates[0]).await;
    let next = world.relay();
    assert!(matches!(world.step(&next).await, Ok(StepOutcome::Idle)), "the lease is not free yet");
    world.desk.clock.advance(Duration::from_secs(6));
    assert!(matches!(world.step(&next).await, Ok(StepOutcome::Worked(4))));
    assert_eq!(world.numbers(), aggregates.into_iter().zip([vec![1, 2, 3], vec![1]]).collect());
    assert_eq!(world.waiting().await, 0);
}

#[tokio::test]
async fn whatever_becomes_of_the_answers_of_the_broker_each_event_is_stored_once() {
    for fault in [PublishFault::Unavailable, PublishFault::LostOnTheWay, PublishFault::AnswerLost] {
        let world = World::new();
        let aggregate = aggregate();
        let relay = world.relay();
        for _ in 0..3 {
            world.add(&aggregate).await;
        }
        world.stream.fail_next_publish(fault);
        let failed = world.step(&relay).await;
        assert!(matches!(failed, Err(WorkerError::Event(_))), "{fault:?}: {failed:?}");
        assert_eq!(world.waiting().await, 3, "{fault:?}");
        assert!(matches!(world.step(&relay).await, Ok(StepOutcome::Worked(3))), "{fault:?}");
        assert_eq!(world.numbers(), BTreeMap::from([(aggregate, vec![1, 2, 3])]), "{fault:?}");
    }
}

#[tokio::test]
async fn what_was_published_before_a_failure_is_marked_and_not_asked_about_again() {
    let world = World::new();
    let (ours, relay) = (aggregate(), world.relay());
    world.add(&ours).await;
    world.step(&relay).await.unwrap();
    for _ in 0..2 {
        world.add(&ours).await;
    }
    world.stream.set_unavailable(true);
    assert!(matches!(world.step(&relay).await, Err(WorkerError::Event(AppendError::Unavailable(_)))));
    assert_eq!((world.waiting().await, world.stream.events().len()), (2, 1), "nothing is lost");
    world.stream.set_unavailable(false);
    assert!(matches!(world.step(&relay).await, Ok(StepOutcome::Worked(2))));
    assert_eq!(world.numbers(), BTreeMap::from([(ours, vec![1, 2, 3])]));
}

#[tokio::test]
async fn two_relays_that_both_believe_to_have_the_lease_publish_nothing_twice() {
    let world = World::new();
    let aggregates: Vec<_> = (0..20).map(|_| aggregate()).collect();
    let mut ports = world.desk.ports.clone();
    ports.database.outbox = Arc::new(OddOutbox { store: world.desk.store.clone(), dies: false, leases_to_all: true });
    ports.events = Arc::new(Interleaved { stream: world.stream.clone() });
    let relay = || RelayWorker::new(&WorkerContext::new(&ports, &world.desk.settings, RelayWorker::ROLE));
    let (one, other) = (relay(), relay());
    for round in 0..10 {
        for aggregate in aggregates.iter().chain(&aggregates) {
            world.add(aggregate).await;
        }
        let both = tokio::join!(world.step(&other), world.step(&one));
        assert!(both.0.is_ok() && both.1.is_ok(), "round {round}: {both:?}");
    }
    assert_eq!(world.waiting().await, 0);
    for (aggregate, numbers) in world.numbers() {
        assert_eq!(numbers, (1..=20).collect::<Vec<_>>(), "{aggregate}");
    }
}

/// A stream at which two relays get in each other's way.
struct Interleaved {
    stream: MemoryEventStream,
}

#[async_trait]
impl EventStream for Interleaved {
    async fn publish_event(&self, event: &AggregateEvent, last_seq: u64) -> Result<u64, AppendError> {
        tokio::task::yield_now().await;
        let stored = self.stream.publish_event(event, last_seq).await;
        tokio::task::yield_now().await;
        stored
    }

    async fn events_after(&self, of: &Aggregate, after: u64, limit: usize) -> Result<Vec<StreamedEvent>, LogError> {
        tokio::task::yield_now().await;
        self.stream.events_after(of, after, limit).await
    }

    async fn last_event(&self, of: &Aggregate) -> Result<u64, LogError> {
        tokio::task::yield_now().await;
        self.stream.last_event(of).await
    }
}

#[tokio::test]
async fn a_relay_without_the_lease_publishes_nothing_until_the_other_one_stops_or_dies() {
    let world = World::new();
    let (ours, one, other) = (aggregate(), world.relay(), world.relay());
    world.add(&ours).await;
    assert!(matches!(world.step(&one).await, Ok(StepOutcome::Worked(1))));
    world.add(&ours).await;
    assert!(matches!(world.step(&other).await, Ok(StepOutcome::Idle)));
    assert_eq!(world.waiting().await, 1);
    // Nothing waited for an hour, so the holder had no reason to renew: it is not dead.
    world.step(&one).await.unwrap();
    world.step(&other).await.unwrap();
    world.desk.clock.advance(Duration::from_secs(3600));
    world.step(&other).await.unwrap();
    world.add(&ours).await;
    assert!(matches!(world.step(&other).await, Ok(StepOutcome::Idle)));
    world.desk.clock.advance(Duration::from_secs(6));
    assert!(matches!(world.step(&other).await, Ok(StepOutcome::Worked(1))), "it waited for six seconds");
    assert_eq!(world.numbers(), BTreeMap::from([(ours, vec![1, 2, 3])]));
}

#[tokio::test]
async fn an_event_that_the_stream_refuses_holds_up_its_aggregate_only() {
    let world = World::new();
    let (stuck, free) = (aggregate(), aggregate());
    for aggregate in [&stuck, &free, &stuck, &free] {
        world.add(aggregate).await;
    }
    let mut ports = world.desk.ports.clone();
    ports.events = Arc::new(RefusesOne { stream: world.stream.clone(), refused: stuck });
    let relay = RelayWorker::new(&WorkerContext::new(&ports, &world.desk.settings, RelayWorker::ROLE));
    assert!(matches!(world.step(&relay).await, Err(WorkerError::Event(AppendError::TooLarge))));
    assert_eq!(world.numbers(), BTreeMap::from([(free, vec![1, 2])]));
    assert_eq!(world.waiting().await, 2);
}

/// A stream that takes no event of one aggregate.
struct RefusesOne {
    stream: MemoryEventStream,
    refused: Aggregate,
}

#[async_trait]
impl EventStream for RefusesOne {
    async fn publish_event(&self, event: &AggregateEvent, last_seq: u64) -> Result<u64, AppendError> {
        if event.draft.aggregate == self.refused {
            return Err(AppendError::TooLarge);
        }
        self.stream.publish_event(event, last_seq).await
    }

    async fn events_after(&self, of: &Aggregate, after: u64, limit: usize) -> Result<Vec<StreamedEvent>, LogError> {
        self.stream.events_after(of, after, limit).await
    }

    async fn last_event(&self, of: &Aggregate) -> Result<u64, LogError> {
        self.stream.last_event(of).await
    }
}

#[tokio::test]
async fn events_go_on_after_older_ones_have_left_the_stream() {
    let world = World::new();
    let (ours, relay) = (aggregate(), world.relay());
    for _ in 0..2 {
        world.add(&ours).await;
    }
    world.step(&relay).await.unwrap();
    world.stream.forget();
    world.add(&ours).await;
    assert!(matches!(world.step(&relay).await, Ok(StepOutcome::Worked(1))));
    assert_eq!(world.numbers(), BTreeMap::from([(ours, vec![3])]));
}

#[tokio::test]
async fn published_events_leave_the_database_after_the_time_that_the_settings_name() {
    let world = World::new();
    let relay = world.relay();
    world.add(&aggregate()).await;
    world.step(&relay).await.unwrap();
    let Desk { store, clock, settings, .. } = &world.desk;
    let WorkersSettings { outbox_keep, .. } = settings;
    clock.advance(*outbox_keep / 2);
    world.step(&relay).await.unwrap();
    clock.advance(*outbox_keep);
    world.step(&relay).await.unwrap();
    let later = Timestamp(i64::MAX);
    assert_eq!(store.remove_published(later, 10).await.unwrap(), 0, "the relay has removed it");
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_is_stopped_gives_its_lease_back() {
    let world = World::new();
    let (ours, one, other) = (aggregate(), world.relay(), world.relay());
    world.add(&ours).await;
    world.step(&one).await.unwrap();
    world.desk.stop.cancel();
    one.run(world.desk.stop.clone()).await;
    world.add(&ours).await;
    assert!(matches!(world.step(&other).await, Ok(StepOutcome::Worked(1))));
    assert_eq!(RelayWorker::ROLE, Role::named("relay"));
}

#[tokio::test(start_paused = true)]
async fn an_event_of_the_same_process_is_published_without_waiting_for_the_next_look() {
    let world = World::new();
    let relay = tokio::spawn(world.relay().run(world.desk.stop.clone()));
    // Its first look finds nothing; the clock goes on only while every task waits.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let before = tokio::time::Instant::now();
    world.add(&aggregate()).await;
    for _ in 0..10_000 {
        tokio::task::yield_now().await;
        if world.waiting().await == 0 {
            break;
        }
    }
    assert_eq!((world.waiting().await, world.stream.events().len()), (0, 1));
    assert_eq!(before.elapsed(), Duration::ZERO, "it did not wait for a look");
    world.desk.stop.cancel();
    relay.await.unwrap();
}
