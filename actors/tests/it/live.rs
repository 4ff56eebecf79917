//! What watchers are told: everything, once, in order, whatever is lost on the way.

use std::{sync::Arc, time::Duration};

use actix_rt::Arbiter;
use frontdesk_domain::{ReceiptKind, Status};
use frontdesk_ports::{AckRecord, Acks as _};
use frontdesk_protocol::{Ack, AckKind, socket::ServerFrame};

use crate::{
    faulty::FaultyLog,
    participants::Person,
    recorder::Recorder,
    slow::SlowStore,
    time::{pass, soon},
    world::{World, accepted},
};

#[actix_rt::test]
async fn live_entries_follow_the_answer_without_gap_or_repeat() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&here, &contact).await;
    let writing = async {
        for number in 0..60 {
            let node = if number % 3 == 0 { &there } else { &here };
            accepted(node, key, contact.says(&format!("{number}"))).await;
            pass(Duration::from_millis(1)).await;
        }
    };
    let watching = async {
        let mut recorders = vec![];
        for node in [&here, &there].into_iter().cycle().take(16) {
            recorders.push(Recorder::after(node, key, &contact, None, 1).await);
            pass(Duration::from_millis(2)).await;
        }
        recorders
    };
    let ((), recorders) = tokio::join!(writing, watching);
    for (mut recorder, resumed) in recorders {
        let mut seqs = resumed.seqs;
        if seqs.last() != Some(&61) {
            seqs.extend(recorder.seqs_up_to(61).await);
        }
        assert_eq!(seqs, (2..=61).collect::<Vec<_>>());
    }
}

#[actix_rt::test]
async fn contacts_are_never_told_of_notes_and_see_by_prev_that_nothing_is_missing() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let ada = Person::supervisor("Ada");
    let key = world.open(&here, &contact).await;
    let (mut of_contact, mut of_staff) =
        (Recorder::new(&there, key, &contact).await, Recorder::new(&there, key, &ada).await);
    for request in [contact.says("two"), ada.notes("three"), ada.notes("four"), ada.says("five")] {
        accepted(&here, key, request).await;
    }
    let (first, second) = (of_contact.entry().await, of_contact.entry().await);
    assert_eq!([(first.seq, first.prev), (second.seq, second.prev)], [(2, 1), (5, 2)]);
    for seq in 2..=5 {
        let entry = of_staff.entry().await;
        assert_eq!((entry.seq, entry.prev), (seq, seq - 1));
    }
}

#[actix_rt::test]
async fn what_was_lost_during_an_interruption_is_told_after_it() {
    let first = World::begin().await;
    for (persisted, trimmed) in [(false, false), (true, false), (true, true)] {
        let world = first.another().await;
        let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
        let key = world.open(&here, &contact).await;
        let mut recorder = Recorder::new(&here, key, &contact).await;
        world.log.set_live_paused(true);
        for number in 0..20 {
            accepted(&there, key, contact.says(&format!("{number}"))).await;
        }
        if persisted {
            world.persist(key, true).await;
        }
        if trimmed {
            world.trim().await;
        }
        world.log.set_live_paused(false);
        assert_eq!(recorder.seqs_up_to(21).await, (2..=21).collect::<Vec<_>>(), "{persisted}, {trimmed}");
        accepted(&there, key, contact.says("on it goes")).await;
        assert_eq!(recorder.entry().await.seq, 22);
    }
}

/// The answer names the entry it ends with, which is all that a node knows that is cut from the log.
#[actix_rt::test]
async fn whoever_comes_back_to_a_node_that_is_cut_off_is_told_the_rest_once_it_is_not() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&here, &contact).await;
    let _keeps_it_in_memory = Recorder::new(&here, key, &contact).await;
    world.log.set_live_paused(true);
    for text in ["two", "three"] {
        accepted(&there, key, contact.says(text)).await;
    }
    world.log.set_unavailable(true);
    let (mut recorder, resumed) = Recorder::after(&here, key, &contact, None, 1).await;
    assert_eq!((resumed.seqs, resumed.more, resumed.state.last_seq, resumed.reset), (vec![], false, 1, false));
    // A client that holds more than this node knows is not told that the conversation ends before.
    assert!(Recorder::try_after(&here, key, &contact, None, 3).await.is_err());
    world.log.set_unavailable(false);
    world.log.set_live_paused(false);
    assert_eq!(recorder.seqs_up_to(3).await, [2, 3]);
}

#[actix_rt::test]
async fn subscriptions_that_ended_are_made_again() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&here, &contact).await;
    let mut recorder = Recorder::new(&here, key, &contact).await;
    for seq in [2, 4, 6] {
        world.log.end_subscriptions();
        accepted(&there, key, contact.says("while no subscription is open")).await;
        assert_eq!(recorder.entry().await.seq, seq);
        accepted(&there, key, contact.says("and again")).await;
        assert_eq!(recorder.entry().await.seq, seq + 1);
    }
}

#[actix_rt::test]
async fn a_gap_is_filled_before_what_follows_it_is_told() {
    let world = World::begin().await;
    let (there, contact) = (world.node(), Person::contact("Lin"));
    let lossy = FaultyLog::new(&world.log);
    let here = world.node_with(lossy.clone(), Arc::clone(&world.store) as _, &[Arbiter::current()]);
    let key = world.open(&there, &contact).await;
    let mut recorder = Recorder::new(&here, key, &contact).await;
    lossy.lose("lost");
    for text in ["heard", "lost", "lost", "lost", "lost", "lost", "heard again"] {
        accepted(&there, key, contact.says(text)).await;
    }
    assert_eq!(recorder.seqs_up_to(8).await, (2..=8).collect::<Vec<_>>());
}

#[actix_rt::test]
async fn a_lost_last_entry_is_looked_for_once_somebody_speaks_of_it() {
    let world = World::begin().await;
    let (there, contact, ada) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let lossy = FaultyLog::new(&world.log);
    let here = world.node_with(lossy.clone(), Arc::clone(&world.store) as _, &[Arbiter::current()]);
    let key = world.open(&there, &contact).await;
    let mut recorder = Recorder::new(&here, key, &contact).await;
    lossy.lose("lost");
    accepted(&there, key, contact.says("lost")).await;
    world.persist(key, false).await;
    assert_eq!(recorder.entry().await.seq, 2);
    accepted(&there, key, contact.says("lost")).await;
    Recorder::new(&there, key, &ada).await.received(ReceiptKind::Read, 3);
    assert_eq!(recorder.entry().await.seq, 3);
}

#[actix_rt::test]
async fn a_catch_up_that_fails_is_repeated_until_it_succeeds() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&here, &contact).await;
    let mut recorder = Recorder::new(&here, key, &contact).await;
    world.log.set_live_paused(true);
    accepted(&there, key, contact.says("unheard")).await;
    world.log.set_unavailable(true);
    world.log.set_live_paused(false);
    pass(Duration::from_secs(60)).await;
    world.log.set_unavailable(false);
    assert_eq!(recorder.entry().await.seq, 2);
}

/// The database is slow to answer a catch-up; what came in live meanwhile is not told again, nor forgotten.
#[actix_rt::test]
async fn live_entries_that_overtake_a_catch_up_are_told_once() {
    let world = World::begin().await;
    let (there, contact) = (world.node(), Person::contact("Lin"));
    let slow = Arc::new(SlowStore::new(Arc::clone(&world.store)));
    let here = world.node_with(Arc::new(world.log.clone()), slow.clone(), &[Arbiter::current()]);
    let key = world.open(&there, &contact).await;
    accepted(&there, key, contact.says("two")).await;
    let mut recorder = Recorder::after(&here, key, &contact, None, 2).await.0;
    world.persist(key, false).await;
    world.trim().await;
    slow.hold(true);
    world.log.interrupt();
    pass(Duration::from_millis(5)).await;
    accepted(&there, key, contact.says("three")).await;
    accepted(&there, key, contact.says("four")).await;
    assert_eq!(recorder.seqs_up_to(4).await, [3, 4]);
    slow.hold(false);
    pass(Duration::from_millis(5)).await;
    assert_eq!(accepted(&here, key, contact.says("five")).await, 5);
    assert_eq!(recorder.seqs_up_to(5).await, [5]);
    let resumed = recorder.resume(None, 4).await.unwrap();
    assert_eq!((resumed.reset, resumed.seqs, resumed.state.status), (false, vec![5], Status::Open));
}

#[actix_rt::test]
async fn what_is_persisted_is_told_and_never_taken_back() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = world.open(&here, &contact).await;
    let mut recorder = Recorder::new(&here, key, &contact).await;
    accepted(&here, key, contact.says("two")).await;
    let persisted = |frame: &ServerFrame| match frame {
        ServerFrame::Persisted { up_to_seq, .. } => Some(*up_to_seq),
        _ => None,
    };
    world.persist(key, false).await;
    assert_eq!(recorder.until(persisted).await, 2);
    // Logged while no subscription was open: found afterwards.
    accepted(&here, key, contact.says("three")).await;
    world.log.set_live_paused(true);
    world.persist(key, false).await;
    world.log.set_live_paused(false);
    assert_eq!(recorder.until(persisted).await, 3);
    // Read from the log alone, less is known to be persisted. It still is.
    world.store.set_available(false);
    world.log.set_live_paused(true);
    for number in 0..5 {
        accepted(&there, key, contact.says(&format!("{number}"))).await;
    }
    world.log.set_live_paused(false);
    assert_eq!(recorder.seqs_up_to(8).await.last(), Some(&8));
    assert_eq!(recorder.resume(None, 8).await.unwrap().state.persisted_seq, 3);
    let backwards = recorder.heard().iter().filter_map(persisted).any(|up_to_seq| up_to_seq < 3);
    assert!(!backwards);
}

#[actix_rt::test]
async fn a_session_that_cannot_keep_up_is_told_to_come_back_and_others_go_on() {
    let world = World::begin().await;
    let (node, contact, ada) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let key = world.open(&node, &contact).await;
    let mut quick = Recorder::new(&node, key, &contact).await;
    let mut stuck = Recorder::new(&node, key, &ada).await;
    stuck.freeze().await;
    for number in 0..40 {
        accepted(&node, key, contact.says(&format!("{number}"))).await;
    }
    assert_eq!(quick.seqs_up_to(41).await, (2..=41).collect::<Vec<_>>());
    assert!(stuck.is_lagging() && !quick.is_lagging());
    soon("the rest", async { accepted(&node, key, contact.says("on it goes")).await }).await;
}

#[actix_rt::test]
async fn an_entry_that_could_not_be_filed_is_told_to_those_who_may_see_it_and_not_once_it_is() {
    let world = World::begin().await;
    let (node, contact, ada) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let key = world.open(&node, &contact).await;
    let mut widget = Recorder::new(&node, key, &contact).await;
    let mut console = Recorder::new(&node, key, &ada).await;
    accepted(&node, key, contact.says("kept")).await;
    accepted(&node, key, ada.notes("between us")).await;
    let fail = async |seq| {
        let record = AckRecord { key, kind: AckKind::Failed(seq), ack: Ack { up_to_seq: seq } };
        world.log.acknowledge(record).await.unwrap();
        pass(Duration::from_millis(10)).await;
    };
    fail(2).await;
    fail(3).await;
    let failed = |recorder: &mut Recorder| {
        let frames = recorder.heard().into_iter();
        frames
            .filter_map(|frame| if let ServerFrame::Failed { seq, .. } = frame { Some(seq) } else { None })
            .collect::<Vec<_>>()
    };
    assert_eq!((failed(&mut widget), failed(&mut console)), (vec![2], vec![2, 3]));
    world.persist(key, false).await;
    pass(Duration::from_millis(10)).await;
    fail(2).await;
    assert_eq!((failed(&mut widget), failed(&mut console)), (vec![], vec![]), "it was filed since");
}
