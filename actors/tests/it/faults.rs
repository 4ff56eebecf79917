//! Commands when log or database fail.

use std::{sync::Arc, time::Duration};

use frontdesk_actors::{BridgeCommands, Node};
use frontdesk_domain::{Command, ConversationKey, Rejection, Tag};
use frontdesk_memory::AppendFault;
use frontdesk_ports::{Commands, ExecuteError};
use futures_util::{FutureExt, future::join_all};

use crate::{
    participants::{Person, say},
    recorder::Recorder,
    time::pass,
    world::{World, accepted, assert_dense, execute},
};

#[actix_rt::test]
async fn an_answer_that_was_lost_is_found_out_and_nothing_is_logged_twice() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    world.log.set_live_paused(true);
    world.log.fail_next_append(AppendFault::AnswerLost);
    let request = contact.says("landed");
    let executed = execute(&node, key, request.clone()).await.unwrap();
    assert_eq!(executed.answer.seq, 2);
    assert_eq!(execute(&node, key, request).await.unwrap(), executed);
    assert_eq!(world.texts(key).await, ["landed"]);
}

#[actix_rt::test]
async fn a_request_that_got_lost_is_published_again() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    for fault in [AppendFault::Lost, AppendFault::Lost, AppendFault::AnswerLost] {
        world.log.fail_next_append(fault);
    }
    assert_eq!(accepted(&node, key, contact.says("at last")).await, 2);
    assert_eq!(world.texts(key).await, ["at last"]);
}

#[actix_rt::test]
async fn an_opening_whose_answer_was_lost_is_found_out_too() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    for fault in [AppendFault::AnswerLost, AppendFault::Lost] {
        let (key, open) = world.opening(&contact);
        world.log.fail_next_append(fault);
        assert_eq!(accepted(&node, key, open).await, 1);
        assert_eq!(world.logged(key).await.len(), 1);
    }
}

#[actix_rt::test]
async fn what_is_refused_while_the_log_is_away_never_appears() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    world.log.set_unavailable(true);
    let begun = tokio::time::Instant::now();
    let refused = execute(&node, key, contact.says("never")).await;
    assert_eq!(refused, Err(ExecuteError::Unavailable));
    assert!(begun.elapsed() < Duration::from_secs(2));
    let (elsewhere, open) = world.opening(&contact);
    assert_eq!(execute(&node, elsewhere, open).await, Err(ExecuteError::Unavailable));
    world.log.set_unavailable(false);
    assert_eq!(accepted(&node, key, contact.says("later")).await, 2);
    pass(Duration::from_secs(30)).await;
    assert_eq!(world.texts(key).await, ["later"]);
    assert!(world.logged(elsewhere).await.is_empty());
}

#[actix_rt::test]
async fn a_log_that_is_full_and_a_record_too_large_are_refused_for_what_they_are() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    for (fault, error) in [(AppendFault::Full, ExecuteError::LogFull), (AppendFault::TooLarge, ExecuteError::TooLarge)]
    {
        world.log.fail_next_append(fault);
        assert_eq!(execute(&node, key, contact.says("never")).await, Err(error));
    }
    assert_eq!(accepted(&node, key, contact.says("later")).await, 2);
}

#[actix_rt::test]
async fn a_request_in_doubt_is_never_refused_whatever_the_log_says_later() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    for fault in [AppendFault::Lost, AppendFault::Full, AppendFault::Unavailable, AppendFault::TooLarge] {
        world.log.fail_next_append(fault);
    }
    assert_eq!(accepted(&node, key, contact.says("through it all")).await, 2);
    assert_eq!(world.texts(key).await, ["through it all"]);
}

#[actix_rt::test]
async fn what_was_in_doubt_and_is_refused_in_the_end_is_refused_in_every_copy() {
    let mut world = World::begin().await;
    world.settings.conversation.command_timeout = Duration::from_secs(1);
    let (node, other, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let (ada, bob) = (Person::agent("Ada"), Person::agent("Bob"));
    let key = world.open(&node, &contact).await;
    (0..2).for_each(|_| world.log.fail_next_append(AppendFault::Lost));
    let claim = bob.asks(Command::Claim);
    let wins = async {
        pass(Duration::from_millis(100)).await;
        accepted(&other, key, ada.asks(Command::Claim)).await
    };
    let (refused, won) = tokio::join!(execute(&node, key, claim.clone()), wins);
    assert_eq!(won, 2);
    let Err(ExecuteError::Rejected(Rejection::AlreadyClaimed { agent, .. })) = refused else { panic!("{refused:?}") };
    assert_eq!(agent, ada.agent_id());
    // A copy that was on its way to another node all the time is too late, although the conversation is free again.
    accepted(&other, key, ada.asks(Command::Unassign)).await;
    assert_eq!(execute(&other, key, claim).await, refused);
    world.persist(key, false).await;
    assert_dense(&world.logged(key).await);
}

#[actix_rt::test]
async fn an_outcome_that_cannot_be_found_out_stays_unknown_also_for_a_repeat() {
    let mut world = World::begin().await;
    world.settings.conversation.command_timeout = Duration::from_secs(1);
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    // Lost on the way three times, and then the log is away.
    (0..3).for_each(|_| world.log.fail_next_append(AppendFault::Lost));
    let request = contact.says("who knows");
    let asked = execute(&node, key, request.clone());
    let fails = async {
        pass(Duration::from_millis(300)).await;
        world.log.set_unavailable(true);
    };
    assert_eq!(tokio::join!(asked, fails).0, Err(ExecuteError::Unknown));
    // It may still land, so it is not refused now either; another request is.
    assert_eq!(execute(&node, key, request.clone()).await, Err(ExecuteError::Unknown));
    assert_eq!(execute(&node, key, contact.says("another")).await, Err(ExecuteError::Unavailable));
    world.log.set_unavailable(false);
    assert_eq!(accepted(&node, key, request).await, 2);
}

#[actix_rt::test]
async fn a_log_that_never_answers_holds_nothing_up_for_ever() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    world.log.hold_appends(true);
    let (first, second) = (contact.says("held"), contact.says("behind it"));
    let (held, behind) = tokio::join!(execute(&node, key, first.clone()), async {
        let begun = tokio::time::Instant::now();
        (execute(&node, key, second).await, begun.elapsed())
    });
    assert_eq!(held, Err(ExecuteError::Unknown));
    assert_eq!(behind.0, Err(ExecuteError::Unavailable));
    assert!(behind.1 < Duration::from_millis(2_100), "refused in time: {:?}", behind.1);
    world.log.hold_appends(false);
    assert_eq!(accepted(&node, key, first).await, 2);
    assert_dense(&world.logged(key).await);
}

#[actix_rt::test]
async fn commands_wait_in_a_bounded_queue_and_are_refused_beyond_it() {
    let mut world = World::begin().await;
    world.settings.conversation.queue_capacity = 8;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    world.log.hold_appends(true);
    let asked = join_all((0..20).map(|number| execute(&node, key, contact.says(&format!("{number}")))));
    let release = async {
        pass(Duration::from_millis(100)).await;
        world.log.hold_appends(false);
    };
    let results = tokio::join!(asked, release).0;
    // One is being published, eight wait, eleven are refused at once.
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 9);
    for result in &results[9..] {
        assert!(matches!(result, Err(ExecuteError::Overloaded { retry_after_ms: 1.. })), "{result:?}");
    }
    assert_eq!(world.texts(key).await, (0..9).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[actix_rt::test]
async fn known_conversations_go_on_without_the_database() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let ada = Person::agent("Ada");
    let key = world.open(&here, &contact).await;
    let request = contact.says("not persisted yet");
    let answer = execute(&here, key, request.clone()).await;
    world.store.set_available(false);
    // Here it is known; there it is rebuilt from the log alone.
    for node in [&here, &there] {
        assert_eq!(execute(node, key, request.clone()).await, answer);
        let reuse = execute(node, key, contact.asks_as(request.client_id, say("other"))).await;
        assert_eq!(reuse, Err(ExecuteError::Rejected(Rejection::IdReuse)));
        accepted(node, key, contact.says("on it goes")).await;
    }
    accepted(&here, key, ada.asks(Command::Claim)).await;
    let bo = execute(&there, key, Person::agent("Bo").asks(Command::Claim)).await;
    assert!(matches!(bo, Err(ExecuteError::Rejected(Rejection::AlreadyClaimed { .. }))));
    assert_dense(&world.logged(key).await);
}

#[actix_rt::test]
async fn a_conversation_whose_beginning_left_the_log_goes_on_without_the_database_where_it_is_known() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&here, &contact).await;
    accepted(&there, key, contact.says("both know")).await;
    world.persist(key, false).await;
    world.trim().await;
    accepted(&here, key, contact.says("the log goes on")).await;
    world.store.set_available(false);
    world.log.set_live_paused(true);
    accepted(&here, key, contact.says("from here")).await;
    // This node has not heard of it: conflict, and what is missing is in the log.
    assert_eq!(accepted(&there, key, contact.says("from there")).await, 5);
}

#[actix_rt::test]
async fn what_the_database_does_not_hold_yet_stays_known_while_it_is_away() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    world.store.set_available(false);
    let request = contact.says("first of many");
    let answer = execute(&node, key, request.clone()).await;
    for number in 0..200 {
        accepted(&node, key, contact.says(&format!("{number}"))).await;
    }
    world.log.forget_ids();
    assert_eq!(execute(&node, key, request).await, answer);
}

#[actix_rt::test]
async fn a_long_conversation_that_is_rebuilt_without_the_database_goes_on() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&there, &contact).await;
    fill(&there, key, &contact).await;
    world.persist(key, false).await;
    pass(Duration::from_secs(1)).await;
    let last = accepted(&there, key, contact.says("the database has caught up")).await;
    world.store.set_available(false);
    assert_eq!(accepted(&here, key, contact.says("what it holds, it said before")).await, last + 1);
}

#[actix_rt::test]
async fn a_conversation_that_takes_nothing_more_finds_out_that_the_database_has_caught_up() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    fill(&node, key, &contact).await;
    // Not told: what was committed was never acknowledged.
    world.persist(key, true).await;
    for _ in 0..100 {
        if execute(&node, key, contact.says("later")).await.is_ok() {
            return;
        }
        pass(Duration::from_millis(100)).await;
    }
    panic!("it refuses for ever");
}

/// Says so much that the conversation takes no more before the database has some of it.
async fn fill(node: &Node, key: ConversationKey, contact: &Person) {
    for _ in 0..10_000 {
        match execute(node, key, contact.says("and on")).await {
            Ok(_) => {}
            Err(ExecuteError::Overloaded { .. }) => return,
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("it takes more than it may");
}

#[actix_rt::test]
async fn a_request_that_lands_elsewhere_while_the_database_is_asked_is_not_logged_twice() {
    let world = World::begin().await;
    let contact = Person::contact("Lin");
    let slow = Arc::new(crate::slow::SlowStore::new(Arc::clone(&world.store)));
    let here = world.node_with(Arc::new(world.log.clone()), slow.clone(), &[actix_rt::Arbiter::current()]);
    let there = world.node();
    let key = world.open(&here, &contact).await;
    let request = contact.says("made first, sent last");
    accepted(&here, key, contact.says("made later")).await;
    slow.hold(true);
    let mut asked = Box::pin(execute(&here, key, request.clone()));
    pass(Duration::from_millis(1)).await;
    assert!((&mut asked).now_or_never().is_none(), "the id is not the newest, so the database is asked");
    pass(Duration::from_millis(1)).await;
    assert_eq!(accepted(&there, key, request).await, 3);
    // The log would not know it again.
    world.log.forget_ids();
    pass(Duration::from_millis(1)).await;
    slow.hold(false);
    assert_eq!(asked.await.unwrap().answer.seq, 3);
    assert_dense(&world.logged(key).await);
}

#[actix_rt::test]
async fn a_watcher_sees_its_own_entry_once_although_the_answer_was_lost() {
    let world = World::begin().await;
    let (node, contact, agent) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let key = world.open(&node, &contact).await;
    let mut recorder = Recorder::new(&node, key, &contact).await;
    for fault in [AppendFault::AnswerLost, AppendFault::Lost, AppendFault::Conflict] {
        world.log.fail_next_append(fault);
        accepted(&node, key, contact.says("hello")).await;
    }
    accepted(&node, key, agent.asks(Command::Tag { tag: Tag::new("vip").unwrap() })).await;
    accepted(&node, key, contact.says("the end")).await;
    assert_eq!(recorder.seqs_up_to(6).await, [2, 3, 4, 6]);
}

#[actix_rt::test]
async fn when_the_desk_is_full_contacts_wait_first_and_agents_last() {
    let mut world = World::begin().await;
    world.settings.conversation.max_in_hand = 20;
    let (node, contact, ada) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let key = world.open(&node, &contact).await;
    world.log.hold_appends(true);
    let said = async {
        let all = (0..20).map(|number| execute(&node, key, contact.says(&format!("{number}"))));
        join_all(all).await
    };
    let noted = async {
        let first = execute(&node, key, ada.notes("agents come in all the same"));
        let held = async {
            pass(Duration::from_millis(50)).await;
            world.log.hold_appends(false);
        };
        tokio::join!(first, held).0
    };
    let (said, noted) = tokio::join!(said, noted);
    let busy = said
        .iter()
        .filter(|result| matches!(result, Err(ExecuteError::Overloaded { retry_after_ms }) if *retry_after_ms > 0));
    assert_eq!((busy.count(), said.iter().filter(|result| result.is_ok()).count()), (3, 17), "85 % of 20 places");
    assert!(noted.is_ok(), "{noted:?}");
    // Nothing is left in hand.
    let again = join_all((0..17).map(|number| execute(&node, key, contact.says(&format!("again {number}"))))).await;
    assert!(again.iter().all(Result::is_ok), "{again:?}");
    assert_dense(&world.logged(key).await);
}

#[actix_rt::test]
async fn while_the_desk_is_busy_what_bridges_bring_waits_and_people_do_not() {
    let mut world = World::begin().await;
    world.settings.conversation.max_in_hand = 20;
    let (node, participants) =
        (world.node(), [Person::contact("Lin"), Person::contact("Kim"), Person::supervisor("Ada")]);
    let bridges = BridgeCommands(Arc::clone(node.host()));
    let [key, other] = [world.open(&node, &participants[0]).await, world.open(&node, &participants[1]).await];
    world.log.hold_appends(true);
    let in_hand = (0..8).map(|_| execute(&node, key, participants[0].says("in hand")));
    let busy = async {
        pass(Duration::from_millis(1)).await;
        let refused = bridges.execute(other, participants[1].says("by a bridge")).await;
        assert!(matches!(refused, Err(ExecuteError::Overloaded { retry_after_ms: 1.. })), "{refused:?}");
        let (contact, agent) = (participants[1].says("by a person"), participants[2].says("by an agent"));
        let room_at_last = async {
            pass(Duration::from_millis(50)).await;
            world.log.hold_appends(false);
        };
        tokio::join!(execute(&node, other, contact), execute(&node, other, agent), room_at_last)
    };
    let (in_hand, (contact, agent, ())) = tokio::join!(join_all(in_hand), busy);
    assert!(in_hand.iter().chain([&contact, &agent]).all(Result::is_ok), "{in_hand:?} {contact:?} {agent:?}");
    // Once there is room, the same request is as good as any.
    bridges.execute(other, participants[1].says("by a bridge")).await.unwrap();
}
