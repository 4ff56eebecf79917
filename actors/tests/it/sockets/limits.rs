//! Rates, heartbeats, and peers that do not keep up.

use std::{sync::Arc, time::Duration};

use actix_rt::Arbiter;
use frontdesk_domain::{ConversationKey, MessageText};
use frontdesk_protocol::socket::{ClientFrame, Codec, ErrorCode, PresenceState, RejectCode, ServerFrame};

use super::{
    client::{Client, say},
    server::{Server, Transport, on_both_transports},
};
use crate::{
    faulty::FaultyLog,
    participants::Person,
    slow::SlowStore,
    time::{StandStill, eventually, soon},
    world::{World, accepted},
};

on_both_transports! {
    too_many_commands_are_rejected_with_a_time_to_come_back
    a_peer_that_does_not_answer_is_given_up_and_one_that_does_is_not
    a_peer_that_is_busy_all_the_time_is_still_there_for_others
    a_peer_that_stops_reading_is_evicted_and_the_others_go_on
    a_peer_that_asks_for_much_and_reads_slowly_gets_it_all
    a_peer_that_waits_for_the_database_is_told_of_everything_else_meanwhile
    a_socket_is_not_read_while_the_log_does_not_take_what_it_says
    watchers_of_a_node_that_hears_nothing_any_more_are_told_to_come_back
    watchers_of_a_conversation_that_died_are_told_to_come_back
    a_socket_that_is_cut_leaves_nothing_behind
}

async fn too_many_commands_are_rejected_with_a_time_to_come_back(on: Transport) {
    let (mut world, clock) = World::with_manual_clock().await;
    (world.settings.session.commands_per_second, world.settings.session.commands_burst) = (5, 3);
    let node = world.node();
    let server = Server::of(on, world, node);
    let mut client = server.welcome(&Person::contact("Lin")).await;
    // However long all this takes: no command is given up meanwhile.
    let _time = StandStill::begin();
    let conversation = client.open().await;
    let frames: Vec<_> = (0..6).map(|number| say(conversation, &format!("{number}"))).collect();
    for frame in &frames {
        client.send(frame).await;
    }
    let (mut accepted, mut waits) = (vec![], vec![]);
    while accepted.len() + waits.len() < 6 {
        match client.next().await {
            ServerFrame::Accepted { client_id, .. } => accepted.push(client_id),
            ServerFrame::Rejected { code, retryable, retry_after_ms, .. } => {
                assert_eq!((code, retryable), (RejectCode::RateLimited, true));
                waits.push(retry_after_ms.expect("it says when"));
            }
            _ => {}
        }
    }
    // The opening took one of three.
    assert_eq!((accepted.len(), waits.len()), (2, 4));
    assert_eq!(waits, [200; 4], "no time has passed");
    client.send(&ClientFrame::Leave { conversation }).await;
    let refused = client.until(|frame| match frame {
        ServerFrame::Error { code, conversation, .. } => Some((*code, *conversation)),
        _ => None,
    });
    assert_eq!(refused.await, (ErrorCode::RateLimited, Some(conversation)));
    // Pings are answered all the same, and later there is room again.
    client.send(&ClientFrame::Ping {}).await;
    client.until(|frame| (*frame == ServerFrame::Pong {}).then_some(())).await;
    clock.advance(Duration::from_millis(200));
    assert_eq!(client.say(conversation, "again").await, 4);
}

async fn a_peer_that_does_not_answer_is_given_up_and_one_that_does_is_not(on: Transport) {
    let server = Server::with(on, |session| {
        session.agent_heartbeat = Duration::from_millis(200);
        session.heartbeat_deadline = Duration::from_millis(300);
    })
    .await;
    let mut silent = server.welcome(&Person::agent("Ada")).await;
    let mut lively = server.welcome(&Person::agent("Bo")).await;
    let pinged = |frame: &ServerFrame| (*frame == ServerFrame::Ping {}).then_some(());
    for _ in 0..4 {
        lively.until(pinged).await;
        lively.send(&ClientFrame::Pong {}).await;
    }
    let (code, told) = silent.closed().await;
    assert_eq!(code, 4008);
    assert!(told.contains(&ServerFrame::Ping {}));
    lively.until(pinged).await;
}

async fn a_peer_that_is_busy_all_the_time_is_still_there_for_others(on: Transport) {
    let server = Server::with(on, |session| {
        session.agent_heartbeat = Duration::from_millis(300);
        session.heartbeat_deadline = Duration::from_millis(600);
    })
    .await;
    let ada = Person::agent("Ada");
    let mut busy = server.welcome(&ada).await;
    // Never silent, so never pinged, for longer than presence lasts.
    let until = tokio::time::Instant::now() + Duration::from_millis(3_600);
    while tokio::time::Instant::now() < until {
        busy.send(&ClientFrame::Ping {}).await;
        busy.until(|frame| (*frame == ServerFrame::Pong {}).then_some(())).await;
    }
    let states = server.world.presence.get(server.world.doorkeeper.tenant, &[ada.member()]).await.unwrap();
    assert_eq!(states, [PresenceState::Online]);
}

async fn a_peer_that_stops_reading_is_evicted_and_the_others_go_on(on: Transport) {
    let server = Server::start(on).await;
    let (contact, ada) = (Person::contact("Lin"), Person::supervisor("Ada"));
    let mut reader = server.welcome(&contact).await;
    let conversation = reader.open().await;
    let mut sleeper = server.welcome_with(&contact, Codec::MessagePack).await;
    sleeper.watch(conversation).await;
    let mut writer = server.welcome(&ada).await;
    let text = "x".repeat(MessageText::MAX_BYTES);
    for number in 0..50 {
        assert_eq!(writer.say(conversation, &text).await, number + 2);
        reader.texts(1).await;
    }
    let (code, told) = sleeper.closed().await;
    assert_eq!(code, 1013);
    assert!(matches!(told.last(), Some(ServerFrame::Bye { reason, retry_in_ms: Some(_) }) if reason == "lagging"));
    let seqs: Vec<_> = told.iter().filter_map(seq).collect();
    assert!(seqs.len() < 50 && seqs == (2..seqs.len() as u64 + 2).collect::<Vec<_>>(), "no hole: {seqs:?}");
}

fn seq(frame: &ServerFrame) -> Option<u64> {
    match frame {
        ServerFrame::Message { entry, .. } => Some(entry.seq),
        _ => None,
    }
}

/// It asks for far more than its outbox may hold, before it reads anything: it is not read further, and not evicted.
async fn a_peer_that_asks_for_much_and_reads_slowly_gets_it_all(on: Transport) {
    let server = Server::start(on).await;
    let ada = Person::supervisor("Ada");
    let mut client = server.welcome(&Person::contact("Lin")).await;
    let conversation = client.open().await;
    for _ in 0..5 {
        client.say(conversation, &"x".repeat(9_000)).await;
    }
    let mut greedy = server.welcome(&ada).await;
    for _ in 0..58 {
        greedy.send(&ClientFrame::Range { conversation, after_seq: Some(0), before_seq: None, limit: None }).await;
    }
    // Nothing is read until the server has had the time to answer.
    assert_eq!(client.say(conversation, "meanwhile").await, 7);
    for page in 0..58 {
        let frame = greedy.next().await;
        assert!(matches!(&frame, ServerFrame::Range { entries, .. } if entries.len() >= 5), "page {page}: {frame:?}");
    }
}

/// It asked for two pages, so it is not read for now. What others say comes all the same.
async fn a_peer_that_waits_for_the_database_is_told_of_everything_else_meanwhile(on: Transport) {
    let (mut world, _clock) = World::with_manual_clock().await;
    world.settings.conversation.recent_entries = 2;
    let slow = Arc::new(SlowStore::new(Arc::clone(&world.store)));
    let node = world.node_with(Arc::new(world.log.clone()), slow.clone(), &[Arbiter::current()]);
    let (contact, ada) = (Person::contact("Lin"), Person::supervisor("Ada"));
    let key = world.open(&node, &contact).await;
    for number in 0..10 {
        accepted(&node, key, contact.says(&format!("{number}"))).await;
    }
    world.persist(key, false).await;
    let (server, conversation) = (Server::of(on, world, node), key.conversation);
    let mut client = server.welcome(&ada).await;
    client.watch(conversation).await;
    // However long all this takes: the pages are not given up meanwhile.
    let _time = StandStill::begin();
    slow.hold(true);
    for _ in 0..3 {
        client.send(&ClientFrame::Range { conversation, after_seq: Some(0), before_seq: None, limit: None }).await;
    }
    for number in 0..40 {
        let text = format!("{number}{}", "x".repeat(12_000));
        accepted(&server.node, key, contact.says(&text)).await;
        assert_eq!(client.texts(1).await, [text]);
    }
    slow.hold(false);
    for _ in 0..3 {
        client.until(|frame| matches!(frame, ServerFrame::Range { .. }).then_some(())).await;
    }
}

async fn a_socket_is_not_read_while_the_log_does_not_take_what_it_says(on: Transport) {
    let server = Server::start(on).await;
    let mut widget = server.welcome(&Person::contact("Lin")).await;
    let mut other = server.welcome(&Person::contact("Mo")).await;
    let conversation = widget.open().await;
    server.world.log.hold_appends(true);
    for number in 0..17 {
        widget.send(&say(conversation, &format!("{number}"))).await;
    }
    widget.send(&ClientFrame::Ping {}).await;
    // Others are read meanwhile, for long enough that it would have been.
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < Duration::from_millis(500) {
        other.send(&ClientFrame::Ping {}).await;
        other.until(|frame| (*frame == ServerFrame::Pong {}).then_some(())).await;
    }
    server.world.log.hold_appends(false);
    let first = widget.until(|frame| match frame {
        ServerFrame::Accepted { .. } => Some(true),
        ServerFrame::Pong {} => Some(false),
        _ => None,
    });
    let accepted_first = first.await;
    assert!(accepted_first, "the ping behind sixteen unanswered commands was read only when the log had answered");
}

async fn watchers_of_a_node_that_hears_nothing_any_more_are_told_to_come_back(on: Transport) {
    let server = Server::with(on, |session| session.heartbeat_deadline = Duration::from_millis(400)).await;
    let contact = Person::contact("Lin");
    let mut client = server.welcome(&contact).await;
    let conversation = client.open().await;
    let mut console = server.welcome(&Person::agent("Ada")).await;
    server.world.log.set_silent(true);
    assert_eq!(client.closed().await.0, 1013);
    assert_eq!(console.closed().await.0, 1013, "it watches nothing but its feed");
    server.world.log.set_silent(false);
    // The node listens again: what another node logs is heard.
    let mut client = server.welcome(&contact).await;
    client.watch(conversation).await;
    let key = ConversationKey { tenant: server.world.doorkeeper.tenant, conversation };
    accepted(&server.world.node(), key, contact.says("from elsewhere")).await;
    assert_eq!(client.texts(1).await, ["from elsewhere"]);
}

async fn watchers_of_a_conversation_that_died_are_told_to_come_back(on: Transport) {
    let mut world = World::real().await;
    world.settings.session.heartbeat_deadline = Duration::from_millis(400);
    let log = FaultyLog::new(&world.log);
    let node = world.node_with(log.clone(), Arc::clone(&world.store) as _, &[Arbiter::current()]);
    let contact = Person::contact("Lin");
    let key = world.open(&node, &contact).await;
    let server = Server::of(on, world, node);
    let mut client = server.welcome(&contact).await;
    client.watch(key.conversation).await;
    log.panic_once();
    client.send(&say(key.conversation, "fatal")).await;
    let (code, _) = client.closed().await;
    assert_eq!(code, 1013);
    assert_eq!(soon("a rebuilt conversation", accepted(&server.node, key, contact.says("two"))).await, 2);
}

async fn a_socket_that_is_cut_leaves_nothing_behind(on: Transport) {
    let server = Server::start(on).await;
    let ada = Person::agent("Ada");
    let client: Client = server.welcome(&ada).await;
    assert_eq!(server.sessions.count(), 1);
    drop(client);
    let tenant = server.world.doorkeeper.tenant;
    eventually("it is gone", async || {
        let states = server.world.presence.get(tenant, &[ada.member()]).await.unwrap();
        (server.sessions.count() == 0 && states == [PresenceState::Offline]).then_some(())
    })
    .await;
}
