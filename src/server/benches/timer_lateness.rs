//! How late timers fire: `cargo bench -p frontdesk --bench timer_lateness`.
//!
//! Stores 100,000 timers (or as many as `FRONTDESK_BENCH_TIMERS` says) in SQLite, half of them due within a minute and
//! half of them much later, and lets two workers fire them. After half of that minute the one is ended as if killed,
//! and the other goes on. Prints how late timers fired before, how late those did that the killed worker held, and
//! whether each fired once.
#![expect(clippy::unwrap_used, reason = "a measurement fails by panicking")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_domain::{TenantId, Timer, TimerKey, Timestamp};
use frontdesk_ports::{Clock, SystemClock, Timers};
use frontdesk_sqlite::SqliteStore;
use frontdesk_workers::{NotFired, Status, TimerHandler, TimersWorker, Worker};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const DEFAULT_COUNT: usize = 100_000;

/// Over which time the first half is due.
const SPREAD_MS: i64 = 60_000;

/// What is due in this time after the kill is counted apart.
const AROUND_KILL_MS: i64 = 2_000;

struct Recorder {
    clock: SystemClock,
    fired: Mutex<HashMap<String, Vec<i64>>>,
}

#[async_trait]
impl TimerHandler for Recorder {
    fn kind(&self) -> &'static str {
        "bench"
    }

    async fn fire(&self, timer: &Timer) -> Result<(), NotFired> {
        let late = self.clock.now().0 - timer.due_at.0;
        self.fired.lock().unwrap().entry(timer.key.id.clone()).or_default().push(late);
        Ok(())
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let count = std::env::var("FRONTDESK_BENCH_TIMERS").map_or(DEFAULT_COUNT, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&folder.path().join("bench.db"), 4).await.unwrap());
    let recorder = Arc::new(Recorder { clock: SystemClock::default(), fired: Mutex::default() });

    let begun = recorder.clock.now();
    // Storing takes a while; the first is due when it is surely over.
    let store_for_ms = i64::try_from(count).unwrap() * 2;
    let first = begun.plus_millis(store_for_ms);
    let timer = move |n: usize| {
        let spread = i64::try_from(n).unwrap() * SPREAD_MS / i64::try_from(count / 2).unwrap();
        let due_at = if n < count / 2 { first.plus_millis(spread) } else { first.plus_millis(86_400_000 + spread) };
        let key = TimerKey { tenant: TenantId(Uuid::nil()), kind: "bench".into(), id: n.to_string() };
        Timer { key, due_at, generation: 1, payload: "{}".into() }
    };
    let mut storing = JoinSet::new();
    for part in 0..8 {
        let store = store.clone();
        storing.spawn(async move {
            for n in (part..count).step_by(8) {
                store.set_timer(&timer(n)).await.unwrap();
            }
        });
    }
    storing.join_all().await;
    println!("{count} timers stored in {} ms", recorder.clock.now().0 - begun.0);

    let stop = CancellationToken::new();
    let spawn = || -> JoinHandle<()> {
        let status = Arc::new(Status::new(TimersWorker::ROLE));
        let handlers: Vec<Arc<dyn TimerHandler>> = vec![recorder.clone()];
        let worker = TimersWorker::with_handlers(store.clone(), Arc::new(SystemClock::default()), status, handlers);
        tokio::spawn(worker.run(stop.clone()))
    };
    let (killed, other) = (spawn(), spawn());
    let half = first.plus_millis(SPREAD_MS / 2);
    wait_until(&recorder.clock, half).await;
    killed.abort();
    let killed_at = recorder.clock.now();
    wait_until(&recorder.clock, first.plus_millis(SPREAD_MS + 5_000)).await;
    stop.cancel();
    other.await.unwrap();

    let fired = recorder.fired.lock().unwrap().clone();
    let twice = fired.values().filter(|times| times.len() > 1).count();
    println!("due {}, fired {}, more than once {twice}", count / 2, fired.len());
    let of = |is_wanted: &dyn Fn(i64) -> bool| {
        let wanted = (0..count / 2).map(timer).filter(|timer| is_wanted(timer.due_at.0));
        let mut late: Vec<_> = wanted.filter_map(|timer| fired.get(&timer.key.id)).map(|times| times[0]).collect();
        late.sort_unstable();
        late
    };
    print("before the kill", &of(&|due| due < killed_at.0 - AROUND_KILL_MS));
    print("around the kill", &of(&|due| (killed_at.0..killed_at.0 + AROUND_KILL_MS).contains(&due)));
    print("after the kill", &of(&|due| due >= killed_at.0 + AROUND_KILL_MS));
}

async fn wait_until(clock: &SystemClock, moment: Timestamp) {
    let wait = u64::try_from(moment.0 - clock.now().0).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(wait)).await;
}

fn print(what: &str, late: &[i64]) {
    if late.is_empty() {
        println!("{what}: none");
        return;
    }
    let at = |share: usize| late[(late.len() - 1) * share / 100];
    println!("{what}: {} timers, late by p50 {} ms, p99 {} ms, at most {} ms", late.len(), at(50), at(99), at(100));
}
