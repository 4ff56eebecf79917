//! The runtime hosts any entity: here counters, which know nothing of conversations.

mod counter;

use std::{sync::Arc, time::Duration};

use actix_rt::Arbiter;
use frontdesk_actors::runtime::{Refusal, Shards};
use tokio::sync::oneshot;

use self::counter::{CounterActor, CounterCall, CounterPorts};
use crate::time::pass;

type Answer = Result<u64, Refusal>;

fn start(ports: &Arc<CounterPorts>) -> Shards<CounterActor> {
    Shards::start(ports, &[Arbiter::current()])
}

fn send(
    shards: &Shards<CounterActor>,
    key: u32,
    call: impl FnOnce(oneshot::Sender<Answer>) -> CounterCall,
) -> oneshot::Receiver<Answer> {
    let (reply, answer) = oneshot::channel();
    shards.route(key, call(reply));
    answer
}

async fn ask(
    shards: &Shards<CounterActor>,
    key: u32,
    call: impl FnOnce(oneshot::Sender<Answer>) -> CounterCall,
) -> Option<Answer> {
    send(shards, key, call).await.ok()
}

#[actix::test]
async fn an_entity_is_started_at_its_first_call_and_counts_on_from_storage() {
    tokio::time::pause();
    let ports = CounterPorts::new();
    let shards = start(&ports);
    assert_eq!(ask(&shards, 7, CounterCall::Read).await, Some(Err(Refusal::Absent)), "it was never written");
    assert_eq!(ports.started(), 0, "no actor is kept for a key that was made up");
    for count in 1..=3 {
        assert_eq!(ask(&shards, 7, CounterCall::Add).await, Some(Ok(count)));
    }
    assert_eq!(ask(&shards, 8, CounterCall::Add).await, Some(Ok(1)));
    assert_eq!(ports.started(), 2);
}

#[actix::test]
async fn an_idle_entity_is_ended_and_started_again_by_the_next_call() {
    tokio::time::pause();
    let ports = CounterPorts::new();
    let shards = start(&ports);
    assert_eq!(ask(&shards, 7, CounterCall::Add).await, Some(Ok(1)));
    assert_eq!(ports.running(), 1);
    pass(CounterActor::IDLE_AFTER * 3).await;
    assert_eq!(ports.running(), 0, "it was idle");
    assert_eq!(ask(&shards, 7, CounterCall::Add).await, Some(Ok(2)));
    assert_eq!(ports.started(), 2);
}

#[actix::test]
async fn after_a_panic_an_entity_is_rebuilt_and_nothing_stored_is_lost() {
    tokio::time::pause();
    let ports = CounterPorts::new();
    let shards = start(&ports);
    assert_eq!(ask(&shards, 7, CounterCall::Add).await, Some(Ok(1)));
    assert_eq!(ask(&shards, 7, CounterCall::Panic).await, None, "it ended without an answer");
    assert_eq!(ask(&shards, 7, CounterCall::Add).await, Some(Ok(2)));
    assert_eq!(ports.started(), 2);
}

#[actix::test]
async fn a_full_mailbox_is_refused_as_busy_and_what_was_live_is_caught_up_with() {
    tokio::time::pause();
    let ports = CounterPorts::new();
    let shards = start(&ports);
    assert_eq!(ask(&shards, 7, CounterCall::Add).await, Some(Ok(1)));
    // The actor runs on this thread, so it takes nothing out while calls are routed.
    let answers: Vec<_> = (0..100).map(|_| send(&shards, 7, CounterCall::Add)).collect();
    let (mut done, mut busy) = (0, 0);
    for answer in answers {
        match answer.await.expect("each call is answered") {
            Ok(_) => done += 1,
            Err(Refusal::Busy) => busy += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(done >= CounterActor::MAILBOX as u64 && busy > 0, "{done} done, {busy} refused");
    assert_eq!(ask(&shards, 7, CounterCall::Read).await, Some(Ok(1 + done)), "what was refused was not done");
}

#[actix::test]
async fn what_another_node_writes_comes_in_live_and_an_interruption_is_caught_up_with() {
    tokio::time::pause();
    let ports = CounterPorts::new();
    let shards = start(&ports);
    assert_eq!(ask(&shards, 7, CounterCall::Add).await, Some(Ok(1)));
    ports.write_elsewhere(7, 40, true);
    pass(Duration::from_millis(1)).await;
    assert_eq!(ask(&shards, 7, CounterCall::Read).await, Some(Ok(40)));
    ports.write_elsewhere(7, 50, false);
    assert_eq!(ask(&shards, 7, CounterCall::Read).await, Some(Ok(40)), "nothing told it");
    ports.interrupt();
    pass(Duration::from_millis(1)).await;
    assert_eq!(ask(&shards, 7, CounterCall::Read).await, Some(Ok(50)));
}

#[actix::test]
async fn while_storage_is_away_calls_are_refused_and_not_kept_waiting() {
    tokio::time::pause();
    let ports = CounterPorts::new();
    let shards = start(&ports);
    ports.fail(true);
    assert_eq!(ask(&shards, 7, CounterCall::Add).await, Some(Err(Refusal::Unavailable)));
    ports.fail(false);
    assert_eq!(ask(&shards, 7, CounterCall::Add).await, Some(Ok(1)));
}
