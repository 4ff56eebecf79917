//! Entries whose predecessors are somewhere else.

use std::time::Duration;

use frontdesk_ports::ConversationStore as _;
use frontdesk_workers::{StepOutcome, Worker as _};

use super::desk::{Desk, NO_WAIT, Talk, eventually};

#[tokio::test(start_paused = true)]
async fn what_a_killed_worker_took_holds_nobody_up() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(600).await;
    let with_the_dead = desk.log.persist_work().take(300, NO_WAIT).await.unwrap();
    let worker = desk.persist_worker();
    assert_eq!(worker.step(NO_WAIT, &desk.stop).await.unwrap(), StepOutcome::Worked(301));
    assert_eq!(desk.persisted(talk.key).await, 601);
    assert_eq!(desk.store.load(talk.key).await.unwrap().unwrap().conversation, talk.state);

    drop(with_the_dead);
    assert_eq!(worker.step(Duration::from_secs(30), &desk.stop).await.unwrap(), StepOutcome::Worked(300));
    assert_eq!(desk.stored(talk.key).await, 601);
    assert_eq!(worker.step(Duration::from_secs(30), &desk.stop).await.unwrap(), StepOutcome::Idle);
}

#[tokio::test(start_paused = true)]
async fn a_hole_is_filled_although_the_database_goes_away_in_between() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(3).await;
    let _with_the_dead = desk.log.persist_work().take(2, NO_WAIT).await.unwrap();
    desk.store.set_available(false);
    let running = tokio::spawn(desk.persist_worker().run(desk.stop.clone()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    desk.store.set_available(true);
    eventually(async || desk.persisted(talk.key).await == 4).await;
    desk.stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_entry_whose_predecessor_is_lost_is_tried_with_patience_and_then_dead_lettered() {
    let desk = Desk::new();
    let (mut broken, mut sound) = (Talk::open(&desk).await, Talk::open(&desk).await);
    let mut ahead = broken.next_message("three");
    ahead.seq += 1;
    broken.append_entry(ahead).await;
    let running = tokio::spawn(desk.persist_worker().run(desk.stop.clone()));
    eventually(async || desk.persisted(broken.key).await == 1).await;
    sound.hear("goes on").await;
    eventually(async || desk.persisted(sound.key).await == 2).await;
    assert!(desk.log.dead_letters().is_empty(), "it may be on its way");
    eventually(async || desk.log.dead_letters().len() == 1).await;
    assert_eq!(desk.log.dead_letters()[0].reason, "entry 2 before it is missing");
    assert_eq!(desk.persisted(broken.key).await, 1);
    desk.stop.cancel();
    running.await.unwrap();
}
