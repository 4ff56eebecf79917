//! Conversations come into memory, rest, die and are rebuilt.

use std::{sync::Arc, time::Duration};

use actix_rt::Arbiter;
use frontdesk_actors::{Node, conversation::ReadError};
use frontdesk_domain::{Command, ConversationId, ConversationKey, Rejection};
use frontdesk_memory::AppendFault;
use frontdesk_ports::ExecuteError;
use futures_util::future::join_all;
use uuid::Uuid;

use crate::{
    faulty::FaultyLog,
    participants::Person,
    recorder::Recorder,
    time::pass,
    world::{World, accepted, execute},
};

/// Where conversations leave memory after ten seconds.
async fn quick_to_rest() -> World {
    let mut world = World::begin().await;
    world.settings.conversation.idle_after = Duration::from_secs(10);
    world
}

/// A node on a log that counts: each rebuilding asks for the last record once, and so does each catch-up.
fn counting(world: &World) -> (Arc<Node>, Arc<FaultyLog>) {
    let log = FaultyLog::new(&world.log);
    (world.node_with(log.clone(), Arc::clone(&world.store) as _, &[Arbiter::current()]), log)
}

#[actix_rt::test]
async fn an_idle_conversation_leaves_memory_and_is_rebuilt_when_it_is_needed() {
    let world = quick_to_rest().await;
    let contact = Person::contact("Lin");
    let (node, log) = counting(&world);
    let key = world.open(&node, &contact).await;
    pass(Duration::from_secs(6)).await;
    log.take_asked();
    accepted(&node, key, contact.says("two")).await;
    pass(Duration::from_secs(6)).await;
    accepted(&node, key, contact.says("three")).await;
    assert_eq!(log.take_asked(), 0, "it stays while it is used");
    pass(Duration::from_secs(20)).await;
    assert_eq!(accepted(&node, key, contact.says("four")).await, 4);
    assert_eq!(log.take_asked(), 1, "it was rebuilt");
}

#[actix_rt::test]
async fn a_shard_has_a_pulse_while_a_conversation_is_there() {
    let world = quick_to_rest().await;
    let contact = Person::contact("Lin");
    let (node, log) = counting(&world);
    pass(Duration::from_secs(30)).await;
    assert_eq!(log.take_beats(), 0, "no session is there to miss anything");
    for message in ["one", "two"] {
        let key = world.open(&node, &contact).await;
        let recorder = Recorder::new(&node, key, &contact).await;
        accepted(&node, key, contact.says(message)).await;
        log.take_beats();
        pass(Duration::from_secs(30)).await;
        let beats = log.take_beats();
        assert!((28..=30).contains(&beats), "one shard of 64 looks every second, after a while of its own: {beats}");
        recorder.leave();
        pass(Duration::from_secs(30)).await;
        log.take_beats();
        pass(Duration::from_secs(30)).await;
        assert_eq!(log.take_beats(), 0, "the conversation left memory");
    }
}

#[actix_rt::test]
async fn a_conversation_that_is_watched_stays() {
    let world = quick_to_rest().await;
    let contact = Person::contact("Lin");
    let (node, log) = counting(&world);
    let key = world.open(&node, &contact).await;
    let mut recorder = Recorder::new(&node, key, &contact).await;
    pass(Duration::from_secs(1)).await;
    log.take_asked();
    pass(Duration::from_secs(60)).await;
    accepted(&node, key, contact.says("two")).await;
    assert_eq!((recorder.entry().await.seq, log.take_asked()), (2, 0));
    // A session that ended without a word does not keep it.
    recorder.die().await;
    pass(Duration::from_secs(60)).await;
    accepted(&node, key, contact.says("three")).await;
    assert_eq!(log.take_asked(), 1);
}

#[actix_rt::test]
async fn ids_that_somebody_made_up_leave_nothing_behind() {
    let world = World::begin().await;
    let contact = Person::contact("Lin");
    let (node, log) = counting(&world);
    let key = ConversationKey { tenant: world.doorkeeper.tenant, conversation: ConversationId(Uuid::now_v7()) };
    for _ in 0..3 {
        let said = execute(&node, key, contact.says("hello?")).await;
        assert_eq!(said, Err(ExecuteError::Rejected(Rejection::NotFound)));
        let watched = Recorder::try_after(&node, key, &contact, None, 0).await;
        assert_eq!(watched.err(), Some(ReadError::NotFound));
        assert_eq!(log.take_asked(), 2, "nothing was kept, so each looks anew");
    }
}

#[actix_rt::test]
async fn an_opening_that_is_refused_leaves_nothing_behind() {
    let world = World::begin().await;
    let contact = Person::contact("Lin");
    let (node, log) = counting(&world);
    let (key, open) = world.opening(&contact);
    world.log.fail_next_append(AppendFault::Full);
    assert_eq!(execute(&node, key, open.clone()).await, Err(ExecuteError::LogFull));
    let by_agent = Person::supervisor("Sol").asks(Command::open(world.doorkeeper.inbox));
    pass(Duration::from_millis(1)).await;
    assert_eq!(execute(&node, key, by_agent).await, Err(ExecuteError::Rejected(Rejection::Forbidden)));
    pass(Duration::from_millis(1)).await;
    log.take_asked();
    assert_eq!(accepted(&node, key, open).await, 1);
    assert_eq!(log.take_asked(), 1, "it was not in memory");
}

#[actix_rt::test]
async fn a_conversation_actor_that_died_is_rebuilt_and_its_watchers_come_back() {
    let world = World::begin().await;
    let contact = Person::contact("Lin");
    let (node, log) = counting(&world);
    let key = world.open(&node, &contact).await;
    let recorder = Recorder::new(&node, key, &contact).await;
    log.panic_once();
    let request = contact.says("two");
    assert_eq!(execute(&node, key, request.clone()).await, Err(ExecuteError::Unknown));
    assert!(recorder.is_lagging(), "it would be told nothing any more");
    assert_eq!(accepted(&node, key, request).await, 2);
    let mut recorder = Recorder::after(&node, key, &contact, None, 1).await.0;
    accepted(&node, key, contact.says("three")).await;
    assert_eq!(recorder.entry().await.seq, 3);
}

#[actix_rt::test]
async fn a_panic_while_a_conversation_is_rebuilt_harms_no_other() {
    let world = World::begin().await;
    let contact = Person::contact("Lin");
    let (node, log) = counting(&world);
    let key = world.open(&world.node(), &contact).await;
    log.panic_once();
    assert_eq!(execute(&node, key, contact.says("two")).await, Err(ExecuteError::Unavailable));
    // The same partition goes on, with this conversation too.
    assert_eq!(accepted(&node, key, contact.says("two")).await, 2);
}

#[actix_rt::test]
async fn calls_that_waited_for_a_conversation_are_all_taken() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&world.node(), &contact).await;
    let texts: Vec<_> = (0..60).map(|number| format!("{number}")).collect();
    join_all(texts.iter().map(|text| accepted(&node, key, contact.says(text)))).await;
    assert_eq!(world.texts(key).await, texts);
}

#[actix_rt::test]
async fn more_calls_than_may_wait_for_a_conversation_are_refused() {
    let world = World::begin().await;
    let contact = Person::contact("Lin");
    let slow = Arc::new(crate::slow::SlowStore::new(Arc::clone(&world.store)));
    let node = world.node_with(Arc::new(world.log.clone()), slow.clone(), &[Arbiter::current()]);
    let key = world.open(&world.node(), &contact).await;
    slow.hold(true);
    let asked = join_all((0..100).map(async |number| {
        let begun = tokio::time::Instant::now();
        (execute(&node, key, contact.says(&format!("{number}"))).await, begun.elapsed())
    }));
    let release = async {
        pass(Duration::from_millis(100)).await;
        slow.hold(false);
    };
    let results = tokio::join!(asked, release).0;
    assert!(results[..64].iter().all(|(result, _)| result.is_ok()));
    for (result, after) in &results[64..] {
        assert!(matches!(result, Err(ExecuteError::Overloaded { .. })), "{result:?}");
        assert!(after.is_zero(), "refused at once");
    }
}

#[actix_rt::test]
async fn commands_do_not_wait_longer_than_their_senders_for_a_conversation_to_be_rebuilt() {
    let world = World::begin().await;
    let contact = Person::contact("Lin");
    let slow = Arc::new(crate::slow::SlowStore::new(Arc::clone(&world.store)));
    let node = world.node_with(Arc::new(world.log.clone()), slow.clone(), &[Arbiter::current()]);
    let key = world.open(&world.node(), &contact).await;
    slow.hold(true);
    let begun = tokio::time::Instant::now();
    assert_eq!(execute(&node, key, contact.says("too late")).await, Err(ExecuteError::Unavailable));
    assert!(begun.elapsed() <= Duration::from_millis(2_600), "{:?}", begun.elapsed());
    let watched = tokio::join!(Recorder::try_after(&node, key, &contact, None, 0), async {
        pass(Duration::from_secs(3)).await;
        slow.hold(false);
    });
    assert!(watched.0.is_ok(), "who only looks may wait");
    assert_eq!(world.logged(key).await.len(), 1);
}
