//! Conversations that the log holds no more: an empty subject looks the same before and after.

use std::time::Duration;

use frontdesk_ports::{ConversationStore, MessageLog as _};

use crate::{
    participants::Person,
    recorder::Recorder,
    time::pass,
    world::{World, accepted},
};

/// A quarter of the retention, and a little more.
const TOO_LONG: Duration = Duration::from_secs(901);

#[actix_rt::test]
async fn nothing_is_appended_upon_old_knowledge_of_an_empty_subject() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&there, &contact).await;
    world.persist(key, false).await;
    world.trim().await;
    // This node knows one entry, and that the log holds none.
    let _watching = Recorder::new(&here, key, &contact).await;
    world.log.set_live_paused(true);
    accepted(&there, key, contact.says("two")).await;
    accepted(&there, key, contact.says("three")).await;
    world.persist(key, true).await;
    world.trim().await;
    pass(TOO_LONG).await;
    // Still empty: the log would take a second entry 2.
    assert_eq!(world.log.last(key).await.unwrap(), None);
    assert_eq!(accepted(&here, key, contact.says("four")).await, 4);
    world.persist(key, false).await;
    assert_eq!(world.store.load(key).await.unwrap().unwrap().conversation.last_seq, 4);
}

#[actix_rt::test]
async fn a_known_conversation_that_left_the_log_is_written_to_all_the_same() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    for seq in 2..6 {
        assert_eq!(accepted(&node, key, contact.says("and on")).await, seq);
        world.persist(key, false).await;
        world.trim().await;
        pass(Duration::from_secs(seq)).await;
    }
}

#[actix_rt::test]
async fn a_node_that_slept_through_all_of_it_finds_the_conversation_in_the_database() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&here, &contact).await;
    world.log.set_live_paused(true);
    for number in 0..100 {
        accepted(&there, key, contact.says(&format!("{number}"))).await;
    }
    world.persist(key, true).await;
    world.trim().await;
    assert_eq!(accepted(&here, key, contact.says("awake")).await, 102);
}
