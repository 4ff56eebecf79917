//! What bridges bring in: filed once, in order, or dead-lettered with a reason.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use frontdesk_domain::{InboxId, InboxKey, TenantId};
use frontdesk_ports::{DeadLetterScope, ExecuteError, Redelivered, Redelivery as _, Trim as _};
use frontdesk_workers::{IngestWorker, Redeliverer, StepOutcome, Worker as _};
use uuid::Uuid;

use super::{
    desk::{Desk, NO_WAIT},
    stubs::{Bridge, StubCommands},
};

struct World {
    desk: Desk,
    commands: Arc<StubCommands>,
    bridge: Bridge,
}

impl World {
    async fn new() -> Self {
        let (mut desk, commands) = (Desk::new(), Arc::<StubCommands>::default());
        desk.ports.commands = commands.clone();
        let bridge = Bridge::of_a_new_inbox(&desk).await;
        Self { desk, commands, bridge }
    }

    fn worker(&self) -> IngestWorker {
        self.desk.worker()
    }

    /// Lets time pass, for the worker and for the queue.
    async fn pass(&self, time: Duration) {
        self.desk.clock.advance(time);
        tokio::time::sleep(time).await;
    }

    /// Steps until nothing is left, which it must be within a minute.
    async fn settle(&self, worker: &IngestWorker) {
        for _ in 0..1_200 {
            let _comes_again = worker.step(NO_WAIT, &self.desk.stop).await;
            let work = self.desk.log.ingest_work();
            if matches!((work.pending().await, work.floor().await), (Ok(0), Ok(floor)) if floor == self.bridge.last_seq())
            {
                return;
            }
            self.pass(Duration::from_millis(50)).await;
        }
        panic!("something is left");
    }

    fn reasons(&self) -> BTreeMap<u64, String> {
        self.desk.log.dead_letters().into_iter().map(|dead_letter| (dead_letter.log_seq, dead_letter.reason)).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn each_message_is_said_once_in_the_conversation_of_its_contact_and_thread() {
    let world = World::new().await;
    for round in 0..2 {
        for (contact, thread, text) in
            [("kim", None, "hello"), ("lin", None, "hi"), ("kim", Some("order 7"), "where?"), ("kim", None, "again")]
        {
            world.bridge.brings(&format!("{contact}-{text}"), contact, thread, text);
        }
        world.settle(&world.worker()).await;
        let said = world.commands.said();
        assert_eq!(said, [vec!["hello", "again"], vec!["hi"], vec!["where?"]], "round {round}");
    }
    assert!(world.reasons().is_empty());
    let kim = world.bridge.contact(&world.desk, "kim").await;
    assert_eq!((kim.name.as_str(), kim.inbox), ("Name of kim", world.bridge.channel.inbox));
    assert_eq!(world.desk.log.trim_inbound().await.unwrap(), 8, "all of it may go");
    assert_eq!(world.desk.log.trim_inbound().await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn two_workers_that_take_the_same_do_no_harm() {
    let world = World::new().await;
    world.desk.log.set_ack_wait(Duration::ZERO);
    let workers = [world.worker(), world.worker()];
    for number in 0..40 {
        world.bridge.brings(&format!("{number}"), "kim", None, &format!("{number}"));
    }
    tokio::join!(world.settle(&workers[0]), world.settle(&workers[1]));
    world.bridge.brings("39", "kim", None, "39");
    world.settle(&world.worker()).await;
    let expected: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    assert_eq!(world.commands.said(), [expected]);
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_filed_is_dead_lettered_with_its_reason_and_the_rest_flows() {
    let world = World::new().await;
    let bridge = &world.bridge;
    let elsewhere = bridge.at(InboxKey { tenant: TenantId(Uuid::now_v7()), ..bridge.channel });
    let nowhere = bridge.at(InboxKey { inbox: InboxId(Uuid::now_v7()), ..bridge.channel });
    let mut expected = BTreeMap::new();
    bridge.brings("1", "kim", None, "first");
    expected.insert(bridge.brings("1", "kim", None, "swordfish"), "id_reuse");
    expected.insert(bridge.brings_bytes(b"hello"), "neither a JSON object");
    expected.insert(bridge.brings_bytes(br#"{"v":9}"#), "version 9");
    expected.insert(bridge.brings("2", "kim", None, " "), "text: the text is empty");
    expected.insert(elsewhere.brings("3", "kim", None, "of another tenant"), "no such inbox");
    expected.insert(nowhere.brings("4", "kim", None, "of no inbox"), "no such inbox");
    let InboxKey { tenant, inbox } = bridge.channel;
    for subject in
        ["desk.in.incomplete".to_owned(), format!("desk.out.{tenant}.{inbox}"), format!("desk.in.x.{tenant}.{inbox}")]
    {
        expected.insert(bridge.brings_on(&subject, "5"), "the subject names no inbox");
    }
    world.commands.fails("too much", ExecuteError::TooLarge);
    expected.insert(bridge.brings("6", "kim", None, "too much"), "too large");
    bridge.brings("7", "kim", None, "last");
    world.settle(&world.worker()).await;
    assert_eq!(world.commands.said(), [["first", "last"]]);
    let reasons = world.reasons();
    assert_eq!(reasons.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (log_seq, reason) in &reasons {
        assert!(reason.contains(expected[log_seq]), "{log_seq}: {reason}");
        assert!(!reason.contains("swordfish"), "nothing that people wrote: {reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_a_while_is_tried_again_and_overtaken_by_nothing_of_its_contact() {
    for failure in [
        ExecuteError::Overloaded { retry_after_ms: 700 },
        ExecuteError::Unavailable,
        ExecuteError::LogFull,
        ExecuteError::Unknown,
    ] {
        let world = World::new().await;
        let worker = world.worker();
        for number in 0..6 {
            world.bridge.brings(&format!("{number}"), "kim", None, &format!("kim {number}"));
            world.bridge.brings(&format!("{number} of lin"), "lin", None, &format!("lin {number}"));
        }
        for _ in 0..4 {
            world.commands.fails("kim 2", failure.clone());
        }
        let _comes_again = worker.step(NO_WAIT, &world.desk.stop).await;
        // What comes while the third one waits must wait too.
        world.bridge.brings("6", "kim", None, "kim 6");
        world.bridge.brings("6 of lin", "lin", None, "lin 6");
        let _comes_again = worker.step(NO_WAIT, &world.desk.stop).await;
        let waiting = world.commands.said();
        assert!(waiting.iter().all(|said| !said.contains(&"kim 3".to_owned()) && !said.contains(&"kim 6".to_owned())));
        world.settle(&worker).await;
        let expected = |who: &str| (0..7).map(|number| format!("{who} {number}")).collect::<Vec<_>>();
        assert_eq!(world.commands.said(), [expected("kim"), expected("lin")], "{failure:?}");
        assert!(world.reasons().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_landed_although_nobody_knew_is_not_said_twice() {
    let world = World::new().await;
    world.commands.lands_unknown("hello");
    world.bridge.brings("1", "kim", None, "hello");
    world.bridge.brings("2", "kim", None, "there");
    world.settle(&world.worker()).await;
    assert_eq!(world.commands.said(), [["hello", "there"]]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_takes_over_waits_for_what_the_one_before_it_held() {
    let world = World::new().await;
    let (gone, next) = (world.worker(), world.worker());
    world.commands.fails("kim 0", ExecuteError::Overloaded { retry_after_ms: 3_000 });
    world.bridge.brings("0", "kim", None, "kim 0");
    gone.step(NO_WAIT, &world.desk.stop).await.unwrap();
    world.bridge.brings("1", "kim", None, "kim 1");
    next.step(NO_WAIT, &world.desk.stop).await.unwrap();
    assert!(world.commands.said().is_empty(), "{:?}", world.commands.said());
    world.settle(&next).await;
    assert_eq!(world.commands.said(), [["kim 0", "kim 1"]]);
}

#[tokio::test(start_paused = true)]
async fn an_inbox_over_its_quota_waits_and_keeps_no_other_waiting() {
    let mut world = World::new().await;
    world.desk.settings.ingest_rate_per_inbox = 10;
    let (worker, quiet) = (world.worker(), Bridge::of_a_new_inbox(&world.desk).await);
    for number in 0..50 {
        world.bridge.brings(&format!("{number}"), &format!("{}", number % 3), None, &format!("{number}"));
    }
    quiet.brings("1", "lin", None, "in a quiet inbox");
    let begun = tokio::time::Instant::now();
    worker.step(NO_WAIT, &world.desk.stop).await.unwrap();
    let said: Vec<_> = world.commands.said().concat();
    assert_eq!(said.len(), 11, "a second's worth, and the other inbox: {said:?}");
    assert!(said.contains(&"in a quiet inbox".to_owned()));
    world.bridge.follows(&quiet);
    world.settle(&worker).await;
    let took = begun.elapsed().as_secs_f64();
    assert!((3.9..6.0).contains(&took), "40 at 10 a second take 4 s, not {took}");
    for said in world.commands.said().iter().filter(|said| said.len() > 1) {
        let numbers: Vec<u32> = said.iter().map(|text| text.parse().unwrap()).collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_database_is_away_all_waits_in_order() {
    let world = World::new().await;
    let worker = world.worker();
    world.desk.store.set_available(false);
    for number in 0..5 {
        world.bridge.brings(&format!("{number}"), "kim", None, &format!("{number}"));
    }
    assert!(worker.step(NO_WAIT, &world.desk.stop).await.is_err());
    world.desk.store.set_available(true);
    world.settle(&worker).await;
    assert_eq!(world.commands.said(), [["0", "1", "2", "3", "4"]]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_lettered_message_is_filed_once_its_inbox_is_there() {
    let world = World::new().await;
    let inbox = InboxId(Uuid::now_v7());
    let late = world.bridge.at(InboxKey { inbox, ..world.bridge.channel });
    late.brings("1", "kim", None, "too early");
    world.settle(&world.worker()).await;
    let id = world.desk.log.dead_letters()[0].id();
    let redeliverer = Redeliverer::new(world.desk.ports.clone(), world.desk.settings.clone());
    let again = redeliverer.redeliver(DeadLetterScope::Installation, &id).await.unwrap();
    assert!(matches!(&again, Redelivered::FailedAgain { reason } if reason.contains("no such inbox")), "{again:?}");
    late.makes_inbox(&world.desk).await;
    let again = redeliverer.redeliver(DeadLetterScope::Installation, &id).await.unwrap();
    assert_eq!(
        (again, world.commands.said()),
        (Redelivered::Settled { others: 0 }, vec![vec!["too early".to_owned()]])
    );
    assert!(world.desk.log.dead_letters().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_disabled_inbox_keeps_what_would_open_a_conversation_until_it_is_enabled() {
    let world = World::new().await;
    let worker = world.worker();
    world.bridge.brings("1", "kim", None, "before");
    world.settle(&worker).await;
    world.bridge.sets_inbox(&world.desk, false).await;
    world.bridge.brings("2", "kim", None, "goes on");
    world.bridge.brings("3", "lin", None, "is kept");
    world.settle(&worker).await;
    assert_eq!(world.commands.said(), [["before", "goes on"]]);
    let dead_letters = world.desk.log.dead_letters();
    assert_eq!(dead_letters.len(), 1);
    let redeliverer = Redeliverer::new(world.desk.ports.clone(), world.desk.settings.clone());
    let again = redeliverer.redeliver(DeadLetterScope::Installation, &dead_letters[0].id()).await.unwrap();
    assert!(matches!(&again, Redelivered::FailedAgain { reason } if reason.contains("inbox_disabled")), "{again:?}");
    world.bridge.sets_inbox(&world.desk, true).await;
    let again = redeliverer.redeliver(DeadLetterScope::Installation, &dead_letters[0].id()).await.unwrap();
    assert_eq!(again, Redelivered::Settled { others: 0 });
    let mut said = world.commands.said();
    said.sort();
    assert_eq!(said, [vec!["before", "goes on"], vec!["is kept"]]);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_asked_to_stop_puts_back_what_it_has_not_filed() {
    let world = World::new().await;
    let worker = world.worker();
    assert_eq!(worker.step(NO_WAIT, &world.desk.stop).await.unwrap(), StepOutcome::Idle);
    world.bridge.brings("1", "kim", None, "1");
    world.commands.stops_at("1", &world.desk.stop);
    world.bridge.brings("2", "kim", None, "2");
    worker.step(NO_WAIT, &world.desk.stop).await.unwrap();
    assert_eq!(world.commands.said(), [["1"]]);
    assert_eq!(worker.step(NO_WAIT, &world.desk.stop).await.unwrap(), StepOutcome::Stopped);
    let left = world.desk.log.ingest_work().take(10, NO_WAIT).await.unwrap();
    assert_eq!(left.iter().map(|delivery| delivery.log_seq).collect::<Vec<_>>(), [2]);
}
