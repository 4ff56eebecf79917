//! The suite on two gateways and two workers, with a broker of three servers, Postgres and Redis; and what happens when
//! one of them is killed.

mod dead;
mod desks;
mod killing;
mod reconciling;
mod suite;
mod upgrade;

use std::{collections::BTreeMap, sync::OnceLock};

use frontdesk_tests::harness::{Agent, Coding, Sample, System, Talk, catch_up, until};
use tokio::sync::{Mutex, MutexGuard};

suite::suite!();

/// The system that all tests of the suite share; each makes its own contacts and conversations.
fn shared() -> &'static System {
    static SYSTEM: OnceLock<System> = OnceLock::new();
    SYSTEM.get_or_init(System::cluster)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_gateway_loses_and_doubles_nothing() {
    let (system, _turn) = fragile().await;
    killing::nothing_is_lost_or_doubled(system, async |mut progress| {
        for gateway in system.gateways() {
            killing::restart(gateway);
            killing::more(&mut progress, 30).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poison_record_is_dead_lettered_and_dealt_with() {
    dead::a_poison_record_is_dead_lettered_and_dealt_with(&System::cluster()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_and_a_postgres_of_an_older_version_open_and_go_on() {
    let sample = Sample::unpack("cluster");
    upgrade::everything_is_there_and_goes_on(&System::cluster_on(&sample), &sample).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_accepted_at_the_broker_of_another_desk() {
    let [ours, theirs] = [1, 1].map(|brokers| System::cluster_with(brokers, &[]));
    desks::nothing_is_accepted_at_the_broker_of_another_desk(&ours, &theirs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_loses_and_doubles_nothing_that_a_bridge_brings() {
    let (system, _turn) = fragile().await;
    let mut bridge = suite::bridges::Bridge::begin(system, "killing").await;
    let mut brought = 0;
    // One of the two is at work, and the other one goes on when it is killed.
    for worker in system.workers() {
        for is_killed in [false, true] {
            if is_killed {
                worker.kill();
            }
            bridge.brings(brought..brought + suite::bridges::MESSAGES / 4).await;
            brought += suite::bridges::MESSAGES / 4;
        }
        worker.start();
    }
    bridge.everything_is_filed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_writes_into_conversations_while_no_gateway_runs() {
    let (system, _turn) = fragile().await;
    let mut bridge = suite::bridges::Bridge::begin(system, "alone").await;
    system.gateways().iter().for_each(frontdesk_tests::harness::Node::kill);
    bridge.brings(0..suite::bridges::MESSAGES).await;
    until("the workers have filed all of it, and persisted it", async || {
        let mut filed = 0;
        for worker in system.workers() {
            filed +=
                reconciling::metric(worker, "desk_ingest_messages_total{outcome=\"filed\"}").await.unwrap_or_default();
        }
        (filed >= u64::from(suite::bridges::MESSAGES)).then_some(())
    })
    .await;
    let said = system.workers()[0].verify(&[]);
    assert!(said.contains("missing 0 duplicated 0 misordered 0"), "{said}");
    for gateway in system.gateways() {
        gateway.start();
    }
    bridge.everything_is_filed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snooze_ends_although_the_worker_that_holds_its_timer_is_killed() {
    let (system, _turn) = fragile().await;
    // Which of the two holds it is left to chance, so each is killed once, and the other one has to end the snooze.
    for worker in system.workers() {
        suite::snooze::ends_after(system, || worker.kill()).await;
        worker.start();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_loses_and_doubles_nothing() {
    let (system, _turn) = fragile().await;
    killing::nothing_is_lost_or_doubled(system, async |mut progress| {
        // For a while there is none at all: messages go on being accepted.
        system.workers().iter().for_each(frontdesk_tests::harness::Node::kill);
        killing::more(&mut progress, 40).await;
        for worker in system.workers() {
            worker.start();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_broker_server_loses_and_doubles_nothing() {
    let (system, _turn) = fragile().await;
    let broker = system.broker();
    killing::nothing_is_lost_or_doubled(system, async |mut progress| {
        for server in 0..2 {
            broker.kill(server);
            killing::more(&mut progress, 40).await;
            broker.launch(server);
            killing::more(&mut progress, 20).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_worker_takes_is_persisted_once_told_and_counted() {
    let system = System::cluster_with(3, &reconciling::NO_PERSIST_WORKER);
    reconciling::what_no_worker_takes_is_persisted_once_told_and_counted(&system).await;
}

/// The broker would deliver its records to another worker only after ten minutes, which the test does not wait for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_frozen_worker_holds_is_persisted_and_told_and_does_no_harm_when_it_thaws() {
    let system = System::cluster_with(3, &[("FRONTDESK__WORKERS__PERSIST_ACK_WAIT", "10m")]);
    let (frozen, other) = (&system.workers()[0], &system.workers()[1]);
    let talk = Talk::begin(&system).await;
    frozen.freeze();
    let mut last = 0;
    // Which of the two is handed an entry is up to the broker.
    until("an entry was handed to the frozen one", async || {
        last = talk.contact_says("is anybody there?").await;
        reconciling::persisted(&talk, last).await;
        (reconciling::repairs_of(other, "entry").await > 0).then_some(())
    })
    .await;
    frozen.thaw();
    last = talk.agent_says("yes").await;
    reconciling::persisted(&talk, last).await;
    let said = system.gateway(0).verify(&[]);
    assert!(said.contains("missing 0 duplicated 0 misordered 0"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_is_told_while_the_database_lags_behind_the_log() {
    let (system, _turn) = fragile().await;
    let ada = Agent::ada(system, system.gateway(0)).await;
    let mut changes = suite::feed::Changes::begin(system).await;
    let console = ada.connect(system.gateway(0), Coding::Json).await;
    let cursor = suite::feed::settled_cursor(&console).await;
    system.workers().iter().for_each(frontdesk_tests::harness::Node::kill);
    changes.happen(system).await;

    let console = ada.connect(system.gateway(1), Coding::Json).await;
    let told = catch_up(&console, &cursor).await;
    assert!(told.behind && !told.reset && told.rows.is_empty(), "{told:?}");
    for worker in system.workers() {
        worker.start();
    }
    let (mut seen, mut cursor) = (BTreeMap::new(), told.cursor.unwrap_or(cursor));
    until("that it has caught up", async || {
        let told = catch_up(&console, &cursor).await;
        seen.extend(told.rows);
        cursor = told.cursor.expect("the database answers");
        (!told.behind).then_some(())
    })
    .await;
    assert_eq!(seen, changes.rows(&ada.rest(system.gateway(0))).await);
}

/// A system of which parts are killed, for one test at a time.
async fn fragile() -> (&'static System, MutexGuard<'static, ()>) {
    static SYSTEM: OnceLock<System> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::const_new(());
    let turn = TURN.lock().await;
    (SYSTEM.get_or_init(System::cluster), turn)
}
