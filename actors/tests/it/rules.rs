//! The rules of an inbox hold for everyone who writes, on every node, and never for what was accepted before.

use std::time::Duration;

use frontdesk_domain::{Command, InboxRules, Rejection, Request};
use frontdesk_memory::AppendFault;
use frontdesk_ports::{ExecuteError, Executed};

use crate::{
    participants::Person,
    time::pass,
    world::{World, accepted, execute},
};

/// A message of 20 bytes, within the limit of 100 and beyond that of 10.
const TEXT: &str = "twenty bytes of text";

fn set_limit(world: &World, max_message_bytes: u32) {
    let rules = InboxRules { max_message_bytes, ..InboxRules::default() };
    world.inbox_rules.set(world.doorkeeper.tenant, world.doorkeeper.inbox, rules);
}

fn too_long(max_bytes: u32) -> ExecuteError {
    ExecuteError::Rejected(Rejection::MessageTooLong { max_bytes })
}

#[actix_rt::test]
async fn a_limit_holds_for_both_sides_on_every_node_from_the_moment_it_changes() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let ada = Person::agent("Ada");
    let key = world.open(&here, &contact).await;
    accepted(&there, key, ada.asks(Command::Claim)).await;
    set_limit(&world, 10);
    for node in [&here, &there] {
        for request in [contact.says(TEXT), ada.says(TEXT), ada.notes(TEXT)] {
            assert_eq!(execute(node, key, request).await, Err(too_long(10)));
        }
    }
    set_limit(&world, 100);
    for node in [&here, &there] {
        accepted(node, key, contact.says(TEXT)).await;
    }
    assert_eq!(world.texts(key).await, [TEXT, TEXT]);
}

#[actix_rt::test]
async fn the_first_message_of_a_new_conversation_is_judged_by_the_limit_too() {
    let world = World::begin().await;
    set_limit(&world, 10);
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let (key, open) = world.opening(&contact);
    // The message is sent without waiting for the answer to the opening, as widgets do.
    let (opened, said) = tokio::join!(execute(&node, key, open), execute(&node, key, contact.says(TEXT)));
    assert_eq!((opened.unwrap().answer.seq, said), (1, Err(too_long(10))));
    assert_eq!(accepted(&node, key, contact.says("short")).await, 2);
}

#[actix_rt::test]
async fn a_conversation_that_is_loaded_again_is_judged_by_the_limit() {
    let world = World::begin().await;
    let contact = Person::contact("Lin");
    let key = world.open(&world.node(), &contact).await;
    set_limit(&world, 10);
    assert_eq!(execute(&world.node(), key, contact.says(TEXT)).await, Err(too_long(10)));
}

#[actix_rt::test]
async fn a_repeat_of_an_accepted_message_stays_accepted_after_the_limit_was_lowered() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&here, &contact).await;
    accepted(&there, key, contact.says("so that both have it loaded")).await;
    // The other node has not received the entry when its repeat comes.
    world.log.set_live_paused(true);
    let request = contact.says(TEXT);
    let first = execute(&here, key, request.clone()).await;
    pass(Duration::from_millis(1)).await;
    set_limit(&world, 10);
    let repeated = Request { repeat: true, ..request.clone() };
    for node in [&there, &here, &world.node()] {
        for again in [&request, &repeated] {
            assert_eq!(execute(node, key, again.clone()).await, first);
        }
    }
    assert_eq!(world.texts(key).await, ["so that both have it loaded", TEXT]);
}

#[actix_rt::test]
async fn a_message_in_doubt_is_settled_by_the_log_and_not_by_a_limit_lowered_meanwhile() {
    let first = World::begin().await;
    for (fault, outcome) in [(AppendFault::AnswerLost, Ok(2)), (AppendFault::Lost, Err(too_long(10)))] {
        let world = first.another().await;
        let (node, contact) = (world.node(), Person::contact("Lin"));
        let key = world.open(&node, &contact).await;
        world.log.fail_next_append(fault);
        world.log.hold_appends(true);
        let request = contact.says(TEXT);
        let in_doubt = execute(&node, key, request.clone());
        // Comes after the change and waits behind the one in doubt.
        let later = async {
            pass(Duration::from_millis(1)).await;
            set_limit(&world, 10);
            execute(&node, key, contact.says(TEXT)).await
        };
        let release = async {
            pass(Duration::from_millis(100)).await;
            world.log.hold_appends(false);
        };
        let (answer, later, ()) = tokio::join!(in_doubt, later, release);
        let seq = |answer: Result<Executed, ExecuteError>| answer.map(|executed| executed.answer.seq);
        assert_eq!((seq(answer), later), (outcome.clone(), Err(too_long(10))), "{fault:?}");
        let repeated = execute(&node, key, request).await;
        assert_eq!(seq(repeated), outcome, "{fault:?}, repeated");
    }
}
