//! Commands when nothing goes wrong: answered once, in order, one winner.

use std::time::Duration;

use frontdesk_domain::{ClientId, Command, Rejection, Request, Scope};
use frontdesk_memory::AppendFault;
use frontdesk_ports::ExecuteError;
use futures_util::future::join_all;
use uuid::Uuid;

use crate::{
    participants::{Person, say},
    recorder::Recorder,
    time::pass,
    world::{World, accepted, assert_dense, execute},
};

#[actix_rt::test]
async fn a_request_is_accepted_once_it_is_logged() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    let executed = execute(&node, key, contact.says("hello")).await.unwrap();
    let logged = world.logged(key).await;
    assert_eq!((executed.answer.seq, executed.answer.at), (2, logged[1].at));
    assert_eq!(logged[1].event.text(), Some("hello"));
}

#[actix_rt::test]
async fn a_repeat_gets_the_same_answer_and_is_not_logged_again() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let (key, open) = world.opening(&contact);
    let opened = execute(&node, key, open.clone()).await;
    let request = contact.says("once");
    let first = execute(&node, key, request.clone()).await;
    accepted(&node, key, contact.says("something else")).await;
    pass(Duration::from_secs(5)).await;
    world.log.forget_ids();
    for node in [&node, &world.node()] {
        assert_eq!(execute(node, key, request.clone()).await, first);
        assert_eq!(execute(node, key, open.clone()).await, opened);
    }
    assert_eq!(world.texts(key).await, ["once", "something else"]);
}

#[actix_rt::test]
async fn an_id_used_for_something_else_is_refused() {
    let world = World::begin().await;
    let (node, contact, agent) = (world.node(), Person::contact("Lin"), Person::supervisor("Sol"));
    let key = world.open(&node, &contact).await;
    let request = contact.says("this");
    accepted(&node, key, request.clone()).await;
    let refused = execute(&node, key, contact.asks_as(request.client_id, say("that"))).await;
    assert_eq!(refused, Err(ExecuteError::Rejected(Rejection::IdReuse)));
    // Another sender's id is another id.
    accepted(&node, key, agent.asks_as(request.client_id, say("that"))).await;
    assert_eq!(world.texts(key).await, ["this", "that"]);
}

#[actix_rt::test]
async fn ids_older_than_memory_are_found_in_the_database() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    let request = contact.says("long ago");
    let answer = execute(&node, key, request.clone()).await;
    for number in 0..80 {
        accepted(&node, key, contact.says(&format!("{number}"))).await;
    }
    world.persist(key, false).await;
    world.log.forget_ids();
    pass(Duration::from_millis(10)).await;
    assert_eq!(execute(&node, key, request.clone()).await, answer);
    let reuse = execute(&node, key, contact.asks_as(request.client_id, say("new"))).await;
    assert_eq!(reuse, Err(ExecuteError::Rejected(Rejection::IdReuse)));

    world.store.set_available(false);
    assert_eq!(execute(&node, key, request).await, Err(ExecuteError::Unavailable), "whether it was used is not known");
    world.store.set_available(true);
    // An id from the past that was never used.
    let late = contact.asks_as(ClientId(Uuid::from_u128(5)), say("late"));
    assert_eq!(accepted(&node, key, late).await, 83);
    assert_dense(&world.logged(key).await);
}

#[actix_rt::test]
async fn commands_of_one_sender_stay_in_order() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    let texts: Vec<_> = (0..40).map(|number| format!("{number}")).collect();
    let seqs = join_all(texts.iter().map(|text| accepted(&node, key, contact.says(text)))).await;
    assert_eq!(seqs, (2..=41).collect::<Vec<_>>());
    assert_eq!(world.texts(key).await, texts);
}

#[actix_rt::test]
async fn of_fifty_who_claim_at_once_one_wins_and_the_others_learn_who() {
    for nodes in [1, 2] {
        let world = World::real().await;
        let nodes: Vec<_> = (0..nodes).map(|_| world.node_on_threads(2)).collect();
        let contact = Person::contact("Lin");
        let key = world.open(&nodes[0], &contact).await;
        let agents: Vec<_> = (0..50).map(|number| Person::agent(&format!("agent {number}"))).collect();
        let claims = agents.iter().zip(nodes.iter().cycle());
        let claims = claims.map(|(agent, node)| execute(node, key, agent.asks(Command::Claim)));
        let results = join_all(claims).await;
        let winners: Vec<_> = results.iter().zip(&agents).filter(|(result, _)| result.is_ok()).collect();
        let [(Ok(executed), winner)] = winners[..] else { panic!("{} winners", winners.len()) };
        for result in results.iter().filter_map(|result| result.as_ref().err()) {
            let ExecuteError::Rejected(Rejection::AlreadyClaimed { agent, name, at, seq }) = result else {
                panic!("{result:?}")
            };
            assert_eq!((*agent, name, *seq), (winner.agent_id(), &winner.name, executed.answer.seq));
            assert_eq!(*at, executed.answer.at);
        }
        assert_eq!(world.logged(key).await.len(), 2);
    }
}

#[actix_rt::test]
async fn two_nodes_that_write_at_once_make_one_history_that_both_see() {
    let world = World::real().await;
    let nodes = [world.node_on_threads(1), world.node_on_threads(1)];
    let contact = Person::contact("Lin");
    let key = world.open(&nodes[0], &contact).await;
    let mut recorders = vec![];
    for node in &nodes {
        recorders.push(Recorder::new(node, key, &contact).await);
    }
    let texts: Vec<_> = (0..60).map(|number| format!("{number}")).collect();
    let said = texts.iter().zip(nodes.iter().cycle());
    let mut seqs = join_all(said.map(|(text, node)| accepted(node, key, contact.says(text)))).await;
    seqs.sort_unstable();
    assert_eq!(seqs, (2..=61).collect::<Vec<_>>());
    assert_dense(&world.logged(key).await);
    for recorder in &mut recorders {
        assert_eq!(recorder.seqs_up_to(61).await, seqs);
    }
}

#[actix_rt::test]
async fn the_same_request_at_two_nodes_is_logged_once() {
    let world = World::begin().await;
    let (one, other, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&one, &contact).await;
    accepted(&other, key, contact.says("so that both have it")).await;
    world.log.set_live_paused(true);
    let request = contact.says("once");
    let (here, there) = tokio::join!(execute(&one, key, request.clone()), execute(&other, key, request.clone()));
    assert_eq!(here, there);
    assert_eq!(here.unwrap().answer.seq, 3);
    assert_eq!(world.texts(key).await, ["so that both have it", "once"]);
}

/// A refusal is an answer too: it must be true after the question was asked, whatever this node has heard by then.
#[actix_rt::test]
async fn nobody_is_refused_on_what_is_no_longer_so() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let (ada, bo) = (Person::agent("Ada"), Person::agent("Bo"));
    let key = world.open(&here, &contact).await;
    accepted(&here, key, ada.asks(Command::Claim)).await;
    accepted(&there, key, ada.says("so that both know")).await;
    world.log.set_live_paused(true);
    accepted(&here, key, ada.asks(Command::Unassign)).await;
    pass(Duration::from_millis(1)).await;
    assert_eq!(accepted(&there, key, bo.asks(Command::Claim)).await, 5);
}

#[actix_rt::test]
async fn nobody_is_told_that_all_is_as_asked_when_it_is_no_longer_so() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let (ada, bo) = (Person::agent("Ada"), Person::agent("Bo"));
    let key = world.open(&here, &contact).await;
    accepted(&here, key, ada.asks(Command::Claim)).await;
    accepted(&there, key, ada.says("so that both know")).await;
    world.log.set_live_paused(true);
    accepted(&here, key, ada.hands_to(&bo)).await;
    pass(Duration::from_millis(1)).await;
    let again = execute(&there, key, ada.asks(Command::Claim)).await;
    assert!(
        matches!(&again, Err(ExecuteError::Rejected(Rejection::AlreadyClaimed { name, .. })) if name == "Bo"),
        "{again:?}"
    );
}

/// Its own conversation may have been given to it a moment ago.
#[actix_rt::test]
async fn nobody_is_refused_a_conversation_that_another_node_has_just_given_to_it() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let (ada, bo) = (Person::agent("Ada"), Person::agent("Bo").with_grants(Scope::Own));
    let key = world.open(&here, &contact).await;
    accepted(&here, key, ada.asks(Command::Claim)).await;
    accepted(&there, key, ada.says("so that both know")).await;
    assert!(matches!(
        execute(&there, key, bo.says("not mine")).await,
        Err(ExecuteError::Rejected(Rejection::NotFound))
    ));
    world.log.set_live_paused(true);
    accepted(&here, key, ada.hands_to(&bo)).await;
    pass(Duration::from_millis(1)).await;
    assert_eq!(accepted(&there, key, bo.says("mine now")).await, 5);
}

/// What was accepted stays accepted: the right to do it again may be gone, the answer to the first time is not.
#[actix_rt::test]
async fn a_repeat_gets_the_first_answer_after_its_sender_lost_the_right() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let (ada, bo) = (Person::agent("Ada"), Person::agent("Bo"));
    let key = world.open(&here, &contact).await;
    accepted(&here, key, bo.asks(Command::Claim)).await;
    accepted(&there, key, bo.says("so that both know")).await;
    world.log.set_live_paused(true);
    let request = ada.notes("once");
    assert_eq!(accepted(&here, key, request.clone()).await, 4);
    pass(Duration::from_millis(1)).await;
    let narrower = ada.with_grants(Scope::Own).principal;
    let repeat = Request { principal: narrower, repeat: true, ..request };
    assert_eq!(accepted(&there, key, repeat).await, 4);
    assert_eq!(world.texts(key).await, ["so that both know", "once"]);
}

#[actix_rt::test]
async fn a_conflict_that_is_none_is_tried_again() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    world.log.fail_next_append(AppendFault::Conflict);
    world.log.fail_next_append(AppendFault::Conflict);
    assert_eq!(accepted(&node, key, contact.says("hello")).await, 2);
    assert_eq!(world.texts(key).await, ["hello"]);
}
