//! Heartbeats on a real server: every subscription receives them, readers are not shown them, and a stale channel is
//! detected by their absence.

use std::time::Duration;

use frontdesk_domain::Partition;
use frontdesk_ports::{
    Acks as _, Feed, LiveChannel, Liveness, MessageLog as _, Signal, Signals as _,
    contract::log::{message, some_conversation},
};
use futures_util::StreamExt as _;

use crate::support::{Server, until};

#[tokio::test]
async fn a_channel_that_is_dead_while_the_connection_lives_is_noticed_and_no_other() {
    let server = Server::start().await;
    let (log, key) = (server.log().await, some_conversation());
    let partition = Partition::of(&key);
    let mut live = log.live(partition).await.unwrap();
    let mut acks = log.acks(partition).await.unwrap();
    let mut signals = log.signals(partition).await.unwrap();
    let shown = tokio::spawn(async move {
        tokio::select! {
            record = live.next() => format!("{record:?}"),
            ack = acks.next() => format!("{ack:?}"),
            signal = signals.next() => format!("{signal:?}"),
        }
    });
    for _ in 0..5 {
        Liveness::check(&log, partition).await.unwrap();
        assert_eq!(Liveness::stale_channel(&log, partition), None);
    }

    // The operator breaks it by hand: the broker still takes everything, and repeats nothing.
    let broker = server.client().await;
    let mut beats = broker.get_stream("BEATS").await.unwrap().cached_info().config.clone();
    beats.republish = None;
    broker.update_stream(&beats).await.unwrap();
    let found = until("an alarm", || async {
        Liveness::check(&log, partition).await.unwrap();
        Liveness::stale_channel(&log, partition)
    });
    assert_eq!(found.await, LiveChannel::Live);

    // Listening anew gives it another chance.
    let _again = log.live(partition).await.unwrap();
    assert_eq!(Liveness::stale_channel(&log, partition), None);
    assert!(!shown.is_finished(), "readers are not shown heartbeats");
    log.signal(
        key,
        Signal::Presence {
            member: message(key, 1, "x").entry.author.member,
            state: frontdesk_protocol::socket::PresenceState::Away,
        },
    )
    .await;
    let shown = tokio::time::timeout(Duration::from_secs(5), shown).await.expect("it listens").unwrap();
    assert!(shown.contains("Away"), "{shown}");
}

#[tokio::test]
async fn a_feed_hears_its_heartbeats_and_shows_them_to_nobody() {
    let server = Server::start().await;
    let (log, tenant) = (server.log().await, some_conversation().tenant);
    let mut feed = log.subscribe(tenant).await.unwrap();
    let shown = tokio::spawn(async move { feed.next().await });
    let begun = tokio::time::Instant::now();
    // Longer than the patience of an alarm.
    while begun.elapsed() < Duration::from_secs(7) {
        Feed::check(&log, &[tenant]).await.unwrap();
        assert!(!Feed::is_stale(&log, tenant));
    }
    assert!(!shown.is_finished());
    shown.abort();
    // Never read, as when its reader is stuck.
    let _stuck = log.subscribe(tenant).await.unwrap();
    until("an alarm", || async {
        Feed::check(&log, &[tenant]).await.unwrap();
        Feed::is_stale(&log, tenant).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_broker_that_takes_no_heartbeat_makes_nobody_deaf() {
    let server = Server::start().await;
    let (log, key) = (server.log().await, some_conversation());
    let partition = Partition::of(&key);
    let _live = log.live(partition).await.unwrap();
    server.signal("STOP");
    let begun = tokio::time::Instant::now();
    let mut refused = 0;
    // Two beats are due within that, and it is longer than the patience of an alarm.
    while begun.elapsed() < Duration::from_secs(12) {
        let taken = tokio::time::timeout(Duration::from_millis(500), Liveness::check(&log, partition)).await;
        refused += u32::from(!matches!(taken, Ok(Ok(()))));
        assert_eq!(Liveness::stale_channel(&log, partition), None);
    }
    assert!(refused >= 2, "a frozen broker takes nothing");
    server.signal("CONT");
    until("a heartbeat that is taken", || async { Liveness::check(&log, partition).await.ok() }).await;
    assert_eq!(Liveness::stale_channel(&log, partition), None);
}

#[tokio::test]
async fn of_several_nodes_that_listen_one_beats() {
    let server = Server::start().await;
    let partition = Partition::of(&some_conversation());
    let (one, other) = (server.log().await, server.log().await);
    let mut heard = 0;
    let _listening = [one.live(partition).await.unwrap(), other.live(partition).await.unwrap()]
        .map(|mut live| tokio::spawn(async move { while live.next().await.is_some() {} }));
    let broker = server.client().await;
    let begun = tokio::time::Instant::now();
    let mut last = 0;
    while begun.elapsed() < Duration::from_secs(12) {
        for node in [&one, &other] {
            Liveness::check(node, partition).await.unwrap();
            assert_eq!(Liveness::stale_channel(node, partition), None);
        }
        let stored = broker.get_stream("BEATS").await.unwrap().cached_info().state.last_sequence;
        heard += u32::from(stored > last);
        last = stored;
    }
    assert!(heard >= 3, "the silence is broken every few seconds");
    assert!(last <= 6, "{last} beats in 12 s, at most one in 2.5 s and one that crossed another");
}
