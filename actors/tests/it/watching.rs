//! Resuming and paging: exactly what is missing, or a reset.

use std::{sync::Arc, time::Duration};

use frontdesk_actors::{Node, conversation::ReadError};
use frontdesk_domain::{Command, ConversationId, ConversationKey, MessageText, Status, Tag, Timestamp};
use frontdesk_ports::EntryRange;
use frontdesk_protocol::socket::{Codec, ServerFrame};
use uuid::Uuid;

use crate::{
    participants::Person,
    recorder::Recorder,
    slow::SlowStore,
    time::pass,
    world::{World, accepted},
};

/// A conversation of `last` entries, all said by its contact but the first.
async fn talk(world: &World, node: &Node, contact: &Person, last: u64) -> ConversationKey {
    let key = world.open(node, contact).await;
    for seq in 2..=last {
        assert_eq!(accepted(node, key, contact.says(&format!("entry {seq}"))).await, seq);
    }
    key
}

#[actix_rt::test]
async fn exactly_what_is_missing_comes_back_to_either_side() {
    let world = World::begin().await;
    let (node, contact, ada) = (world.node(), Person::contact("Lin"), Person::supervisor("Ada"));
    let key = talk(&world, &node, &contact, 2).await;
    accepted(&node, key, ada.notes("between us")).await;
    accepted(&node, key, contact.says("four")).await;
    accepted(&node, key, ada.asks(Command::Tag { tag: Tag::new("vip").unwrap() })).await;
    accepted(&node, key, ada.says("six")).await;
    accepted(&node, key, ada.notes("seven")).await;
    world.persist(key, false).await;
    // From memory, and rebuilt from the database.
    for node in [&node, &world.node()] {
        for (person, held, missing, end) in [
            (&ada, 2, vec![3, 4, 5, 6, 7], 7),
            (&ada, 7, vec![], 7),
            (&contact, 1, vec![2, 4, 6], 6),
            (&contact, 2, vec![4, 6], 6),
            (&contact, 6, vec![], 6),
        ] {
            let (_, resumed) = Recorder::after(node, key, person, Some(world.epoch()), held).await;
            assert_eq!((resumed.reset, resumed.seqs, resumed.more), (false, missing, false));
            assert_eq!(resumed.state.last_seq, end);
        }
    }
}

#[actix_rt::test]
async fn a_cursor_of_another_history_begins_anew() {
    let world = World::begin().await;
    let (node, contact, ada) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let key = talk(&world, &node, &contact, 3).await;
    accepted(&node, key, ada.notes("four")).await;
    let other = Some("another".to_owned());
    for (person, epoch, held) in
        [(&contact, other, 2), (&contact, None, 4), (&contact, None, u64::MAX), (&ada, Some(world.epoch()), 5)]
    {
        let (_, resumed) = Recorder::after(&node, key, person, epoch, held).await;
        assert!(resumed.reset && !resumed.more);
        assert_eq!(resumed.seqs.first(), Some(&1), "the whole of it");
    }
}

#[actix_rt::test]
async fn a_newcomer_gets_all_of_a_short_history_and_the_end_of_a_long_one() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let short = talk(&world, &node, &contact, 50).await;
    let (_, resumed) = Recorder::after(&node, short, &contact, None, 0).await;
    assert_eq!((resumed.reset, resumed.more, resumed.seqs), (false, false, (1..=50).collect()));

    let long = talk(&world, &node, &contact, 130).await;
    for node in [&node, &world.node()] {
        let (recorder, resumed) = Recorder::after(node, long, &contact, None, 0).await;
        assert_eq!((resumed.reset, resumed.more, resumed.seqs), (true, true, (81..=130).collect()));
        assert_eq!(recorder.range(EntryRange::Before(81), 50).await, Ok(((31..=80).collect(), true)));
        assert_eq!(recorder.range(EntryRange::Before(31), 50).await, Ok(((1..=30).collect(), false)));
        world.persist(long, false).await;
    }
}

#[actix_rt::test]
async fn what_does_not_fit_into_one_answer_comes_page_by_page() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = talk(&world, &node, &contact, 120).await;
    let (recorder, resumed) = Recorder::after(&node, key, &contact, None, 10).await;
    assert_eq!((resumed.reset, resumed.more, resumed.seqs), (false, true, (11..=60).collect()));
    assert_eq!(recorder.range(EntryRange::After(60), 1_000).await, Ok(((61..=110).collect(), true)));
    assert_eq!(recorder.range(EntryRange::After(110), 50).await, Ok(((111..=120).collect(), false)));
    assert_eq!(recorder.range(EntryRange::After(u64::MAX), 50).await, Ok((vec![], false)));
}

#[actix_rt::test]
async fn entries_that_fell_out_of_memory_come_from_the_database() {
    let mut world = World::begin().await;
    world.settings.conversation.recent_entries = 4;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = talk(&world, &node, &contact, 30).await;
    world.persist(key, false).await;
    pass(Duration::from_millis(10)).await;
    accepted(&node, key, contact.says("not persisted yet")).await;
    let (recorder, resumed) = Recorder::after(&node, key, &contact, None, 5).await;
    assert_eq!((resumed.reset, resumed.more, resumed.seqs), (false, false, (6..=31).collect()));
    assert_eq!(recorder.range(EntryRange::Before(30), 5).await, Ok(((25..=29).collect(), true)));

    world.store.set_available(false);
    let refused = Recorder::try_after(&node, key, &contact, None, 5).await;
    assert_eq!(refused.err(), Some(ReadError::Unavailable));
    assert_eq!(recorder.range(EntryRange::Before(30), 5).await, Err(ReadError::Unavailable));
    let (_, resumed) = Recorder::after(&node, key, &contact, None, 29).await;
    assert_eq!(resumed.seqs, [30, 31], "memory needs no database");
}

/// The database is read, then more is persisted and leaves memory, then both are put together.
#[actix_rt::test]
async fn entries_that_are_persisted_while_the_database_is_read_are_not_missed() {
    let mut world = World::begin().await;
    world.settings.conversation.recent_entries = 4;
    let contact = Person::contact("Lin");
    let slow = Arc::new(SlowStore::new(Arc::clone(&world.store)));
    let node = world.node_with(Arc::new(world.log.clone()), slow.clone(), &[actix_rt::Arbiter::current()]);
    let key = talk(&world, &node, &contact, 10).await;
    world.persist(key, false).await;
    pass(Duration::from_millis(10)).await;
    for seq in 11..=14 {
        accepted(&node, key, contact.says(&format!("entry {seq}"))).await;
    }
    slow.hold(true);
    let meanwhile = async {
        pass(Duration::from_millis(10)).await;
        for seq in 15..=30 {
            accepted(&node, key, contact.says(&format!("entry {seq}"))).await;
        }
        world.persist(key, false).await;
        pass(Duration::from_millis(10)).await;
        slow.hold(false);
    };
    let ((mut recorder, resumed), ()) = tokio::join!(Recorder::after(&node, key, &contact, None, 2), meanwhile);
    let mut held = resumed.seqs.clone();
    let mut more = resumed.more;
    while more {
        let page = recorder.range(EntryRange::After(*held.last().unwrap()), 50).await.unwrap();
        held.extend(page.0);
        more = page.1;
    }
    assert_eq!((resumed.reset, held), (false, (3..=30).collect()));
    accepted(&node, key, contact.says("and live")).await;
    assert_eq!(recorder.entry().await.seq, 31);
}

#[actix_rt::test]
async fn no_answer_is_larger_than_a_frame() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = world.open(&node, &contact).await;
    for _ in 0..12 {
        accepted(&node, key, contact.says(&"\"".repeat(MessageText::MAX_BYTES))).await;
        accepted(&node, key, contact.says("short")).await;
    }
    let mut recorder = Recorder::new(&node, key, &contact).await;
    let (mut held, mut frames) = (1, 0);
    while held < 25 {
        let resumed = recorder.resume(None, held).await.unwrap();
        assert_eq!(resumed.seqs[0], held + 1);
        held = *resumed.seqs.last().unwrap();
        assert_eq!(resumed.more, held < 25);
        frames += 1;
    }
    assert!(frames > 6, "{frames}");
    let mut raw = Recorder::new(&node, key, &contact).await;
    raw.received(frontdesk_domain::ReceiptKind::Read, 25);
    let told = raw.until(|frame| matches!(frame, ServerFrame::Read { .. }).then(|| frame.clone())).await;
    assert!(Codec::Json.encode(&told).len() < world.settings.session.max_frame_bytes);
}

#[actix_rt::test]
async fn strangers_and_made_up_ids_look_the_same() {
    let world = World::begin().await;
    let (node, contact) = (world.node(), Person::contact("Lin"));
    let key = talk(&world, &node, &contact, 3).await;
    let nowhere = ConversationKey { conversation: ConversationId(Uuid::now_v7()), ..key };
    let stranger = Person::contact("Max");
    for (key, person) in [(key, &stranger), (nowhere, &stranger), (nowhere, &Person::supervisor("Sol"))] {
        assert_eq!(Recorder::try_after(&node, key, person, None, 0).await.err(), Some(ReadError::NotFound));
        assert_eq!(Recorder::try_after(&node, key, person, None, 99).await.err(), Some(ReadError::NotFound));
    }
}

#[actix_rt::test]
async fn a_client_that_knows_more_than_this_node_is_not_reset() {
    let world = World::begin().await;
    let (here, there, contact) = (world.node(), world.node(), Person::contact("Lin"));
    let key = talk(&world, &here, &contact, 3).await;
    world.log.set_live_paused(true);
    for _ in 0..4 {
        accepted(&there, key, contact.says("over there")).await;
    }
    let (_, resumed) = Recorder::after(&here, key, &contact, Some(world.epoch()), 5).await;
    assert_eq!((resumed.reset, resumed.seqs), (false, vec![6, 7]));
    world.log.set_unavailable(true);
    let refused = Recorder::try_after(&here, key, &contact, Some(world.epoch()), 8).await;
    assert_eq!(refused.err(), Some(ReadError::Unavailable), "whether there is an entry 8 cannot be known");
}

#[actix_rt::test]
async fn a_contact_does_not_learn_that_its_conversation_was_set_aside() {
    let world = World::begin().await;
    let (node, contact, ada) = (world.node(), Person::contact("Lin"), Person::agent("Ada"));
    let key = talk(&world, &node, &contact, 2).await;
    for (command, staff_sees, contact_sees) in [
        (Command::Pend, Status::Pending, Status::Open),
        (Command::Snooze { until: Timestamp(1_700_000_900_000) }, Status::Snoozed, Status::Open),
        (Command::Resolve, Status::Resolved, Status::Resolved),
    ] {
        accepted(&node, key, ada.asks(command)).await;
        let (_, as_staff) = Recorder::after(&node, key, &ada, None, 0).await;
        let (_, as_contact) = Recorder::after(&node, key, &contact, None, 0).await;
        assert_eq!((as_staff.state.status, as_contact.state.status), (staff_sees, contact_sees));
    }
}
