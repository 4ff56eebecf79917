//! Timers fire once and in time, whichever worker is killed and whatever the wall clock does.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_domain::{
    Answer, ClientId, Command, ConversationId, ConversationKey, Principal, Request, SystemId, TenantId, Timer,
    TimerKey, Timestamp,
};
use frontdesk_memory::MemoryStore;
use frontdesk_ports::{Clock, Commands, ExecuteError, Executed, StoreError, Timers as _};
use frontdesk_workers::{NotFired, Status, TimerHandler, TimersWorker, Worker as _, WorkerError};
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::desk::Desk;

const START: i64 = 1_795_000_000_000;
const HOUR_MS: i64 = 3_600_000;

/// Goes as the runtime's timers do; its wall clock can be set.
struct SteppingClock {
    start: Instant,
    step_ms: AtomicI64,
}

impl Clock for SteppingClock {
    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.monotonic().as_millis()).unwrap();
        Timestamp(START + elapsed + self.step_ms.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// Remembers what fired and when.
struct Recorder {
    clock: Arc<SteppingClock>,
    fired: Mutex<Vec<(Timer, Duration)>>,
    fails: AtomicBool,
}

#[async_trait]
impl TimerHandler for Recorder {
    fn kind(&self) -> &'static str {
        "test"
    }

    async fn fire(&self, timer: &Timer) -> Result<(), NotFired> {
        if self.fails.load(Ordering::SeqCst) {
            let error = WorkerError::Store(StoreError::Unavailable("switched off".into()));
            return Err(NotFired { after: None, error: Some(error) });
        }
        self.fired.lock().unwrap().push((timer.clone(), self.clock.monotonic()));
        Ok(())
    }
}

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<SteppingClock>,
    recorder: Arc<Recorder>,
    stop: CancellationToken,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(SteppingClock { start: Instant::now(), step_ms: AtomicI64::new(0) });
        let recorder = Recorder { clock: clock.clone(), fired: Mutex::default(), fails: AtomicBool::new(false) };
        let store = Arc::new(MemoryStore::new());
        Self { store, clock, recorder: Arc::new(recorder), stop: CancellationToken::new() }
    }

    fn spawn(&self) -> JoinHandle<()> {
        let status = Arc::new(Status::new(TimersWorker::ROLE));
        let handlers: Vec<Arc<dyn TimerHandler>> = vec![self.recorder.clone()];
        let worker = TimersWorker::with_handlers(self.store.clone(), self.clock.clone(), status, handlers);
        tokio::spawn(worker.run(self.stop.clone()))
    }

    /// Sets a timer that fires so many milliseconds after the start.
    async fn set(&self, id: u64, after_ms: u64) {
        let timer = Timer { due_at: Timestamp(START + after_ms as i64), ..timer(id, 1) };
        assert!(self.store.set_timer(&timer).await.unwrap());
    }

    async fn pass_to(&self, ms: u64) {
        tokio::time::sleep_until(self.clock.start + Duration::from_millis(ms)).await;
    }

    /// How often and when, in milliseconds since the start, each fired.
    fn fired(&self) -> BTreeMap<String, Vec<u64>> {
        let mut by_id: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (timer, at) in self.recorder.fired.lock().unwrap().iter() {
            by_id.entry(timer.key.id.clone()).or_default().push(u64::try_from(at.as_millis()).unwrap());
        }
        by_id
    }

    fn times(&self, id: u64) -> Vec<u64> {
        self.fired().remove(&id.to_string()).unwrap_or_default()
    }
}

fn timer(id: u64, generation: u64) -> Timer {
    let key = TimerKey { tenant: TenantId(Uuid::nil()), kind: "test".into(), id: id.to_string() };
    Timer { key, due_at: Timestamp(START), generation, payload: "{}".into() }
}

fn assert_within(at: &[u64], due: u64, late: u64) {
    let [at] = at else { panic!("fired {} times: {at:?}", at.len()) };
    assert!((due..=due + late).contains(at), "due at {due} ms and fired at {at} ms");
}

#[tokio::test(start_paused = true)]
async fn of_two_workers_one_fires_each_timer_at_its_moment() {
    let world = World::new();
    let _workers = [world.spawn(), world.spawn()];
    for n in 0..500 {
        world.set(n, 1_000 + n * 37 % 9_000).await;
    }
    world.pass_to(12_000).await;
    assert_eq!(world.fired().len(), 500);
    for n in 0..500 {
        assert_within(&world.times(n), 1_000 + n * 37 % 9_000, 5);
        assert_eq!(world.store.timer(&timer(n, 1).key).await.unwrap(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_is_set_for_this_moment_fires_at_the_next_look() {
    let world = World::new();
    let _worker = world.spawn();
    world.pass_to(5_050).await;
    world.set(1, 5_050).await;
    world.set(2, 1).await;
    world.pass_to(6_000).await;
    assert_within(&world.times(1), 5_050, 210);
    assert_within(&world.times(2), 5_050, 210);
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_worker_held_fires_within_a_second() {
    let world = World::new();
    let killed = world.spawn();
    for n in 0..20 {
        world.set(n, 3_000).await;
    }
    world.pass_to(2_999).await;
    killed.abort();
    let _other = world.spawn();
    world.pass_to(9_000).await;
    for n in 0..20 {
        assert_within(&world.times(n), 3_000, 1_000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_stops_hands_its_timers_over_at_once() {
    let world = World::new();
    let first = world.spawn();
    world.set(1, 1_500).await;
    world.pass_to(1_000).await;
    world.stop.cancel();
    first.await.unwrap();
    let survey = world.store.survey_timers(&["test"]).await.unwrap();
    assert_eq!((survey.nearest, survey.claimants), (Some(Timestamp(START + 1_500)), vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_steps_an_hour_loses_and_doubles_nothing() {
    let world = World::new();
    let _workers = [world.spawn(), world.spawn()];
    let hour = HOUR_MS as u64;
    world.set(1, 2_000).await;
    world.set(2, 5_000).await;
    world.set(3, hour + 9_000).await;
    world.pass_to(1_999).await;
    // Back, just before the first is due: it is claimed, and fires as if nothing had happened.
    world.clock.step_ms.store(-HOUR_MS, Ordering::SeqCst);
    world.pass_to(4_000).await;
    assert_within(&world.times(1), 2_000, 5);
    assert_eq!(world.times(2), [] as [u64; 0]);
    // To where it was: what was due meanwhile fires.
    world.pass_to(6_000).await;
    world.clock.step_ms.store(0, Ordering::SeqCst);
    world.pass_to(7_000).await;
    assert_within(&world.times(2), 6_000, 210);
    // And on: what is due by then fires, once, also after a step back.
    world.clock.step_ms.store(HOUR_MS, Ordering::SeqCst);
    world.pass_to(10_000).await;
    assert_within(&world.times(3), 9_000, 210);
    world.clock.step_ms.store(0, Ordering::SeqCst);
    world.pass_to(30_000).await;
    assert_eq!(world.fired().values().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_timer_cancelled_or_moved_after_it_was_claimed_does_not_fire_at_its_old_moment() {
    let world = World::new();
    let _worker = world.spawn();
    world.set(1, 1_500).await;
    world.set(2, 1_500).await;
    world.pass_to(1_000).await;
    assert!(world.store.cancel_timer(&timer(1, 1).key, 1).await.unwrap());
    let later = Timer { due_at: Timestamp(START + 2_500), ..timer(2, 2) };
    assert!(world.store.set_timer(&later).await.unwrap());
    world.pass_to(5_000).await;
    assert_eq!(world.times(1), [] as [u64; 0]);
    assert_within(&world.times(2), 2_500, 5);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_done_is_tried_again_until_it_can() {
    let world = World::new();
    let _worker = world.spawn();
    world.recorder.fails.store(true, Ordering::SeqCst);
    world.set(1, 500).await;
    world.pass_to(20_000).await;
    assert_eq!(world.times(1), [] as [u64; 0]);
    world.recorder.fails.store(false, Ordering::SeqCst);
    world.pass_to(26_000).await;
    assert_within(&world.times(1), 20_000, 5_000);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_is_away_for_a_while_only_delays() {
    let world = World::new();
    let _workers = [world.spawn(), world.spawn()];
    for n in 0..50 {
        world.set(n, 500 + n * 100).await;
    }
    world.pass_to(1_000).await;
    world.store.set_available(false);
    world.pass_to(8_000).await;
    world.store.set_available(true);
    world.pass_to(20_000).await;
    assert_eq!(world.fired().values().map(Vec::len).sum::<usize>(), world.fired().len(), "each once");
    assert_eq!(world.fired().len(), 50);
}

#[tokio::test(start_paused = true)]
async fn an_idle_worker_claims_nothing() {
    let world = World::new();
    let _worker = world.spawn();
    world.set(1, 600).await;
    world.set(2, HOUR_MS as u64).await;
    world.pass_to(5_000).await;
    assert_within(&world.times(1), 600, 5);
    assert_eq!(world.store.survey_timers(&["test"]).await.unwrap().claimants, [], "so that it need not renew");
}

/// A conversation's host that answers as it is told.
struct Host {
    asked: Mutex<Vec<(ConversationKey, Request)>>,
    answers: Mutex<Vec<Result<Executed, ExecuteError>>>,
}

#[async_trait]
impl Commands for Host {
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
        self.asked.lock().unwrap().push((key, request));
        self.answers.lock().unwrap().pop().unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_snooze_is_asked_for_by_one_name_until_there_is_an_answer() {
    let mut desk = Desk::new();
    let clock = Arc::new(SteppingClock { start: Instant::now(), step_ms: AtomicI64::new(0) });
    let done = Executed {
        answer: Answer { seq: 4, at: Timestamp(START) },
        durability: frontdesk_protocol::socket::Durability::Disk,
    };
    let answers = vec![Ok(done), Err(ExecuteError::Unknown), Err(ExecuteError::Overloaded { retry_after_ms: 50 })];
    let host = Arc::new(Host { asked: Mutex::default(), answers: Mutex::new(answers) });
    desk.ports.commands = host.clone();
    desk.ports.clock = clock.clone();
    let key =
        ConversationKey { tenant: TenantId(Uuid::from_u128(1)), conversation: ConversationId(Uuid::from_u128(2)) };
    let timer_key = TimerKey::snooze(key.tenant, key.conversation);
    let due_at = Timestamp(START + 500);
    let snooze = Timer { key: timer_key, due_at, generation: 3, payload: "{}".into() };
    desk.store.set_timer(&snooze).await.unwrap();
    let _worker = tokio::spawn(desk.worker::<TimersWorker>().run(desk.stop.clone()));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let asked = host.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 3);
    for (asked_of, request) in asked.iter() {
        assert_eq!(*asked_of, key);
        assert_eq!(request.principal, Principal::System(SystemId::TIMERS));
        assert_eq!(request.command, Command::EndSnooze { until: due_at });
        assert_eq!(request.client_id, ClientId(snooze.client_id().0));
        assert!(request.repeat);
    }
    assert_eq!(desk.store.timer(&snooze.key).await.unwrap(), None);
}
