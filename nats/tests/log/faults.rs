//! Publishes without an answer, servers that stop and come back.

use std::{collections::BTreeSet, time::Duration};

use frontdesk_domain::Partition;
use frontdesk_nats::{NatsLog, NatsOptions, Queue};
use frontdesk_ports::{
    AppendError, DeadLetter, DeadLetterSink as _, Liveness as _, LogError, LogStream, MessageLog as _, Record,
    Trim as _,
    contract::log::{message, some_conversation},
};
use futures_util::{StreamExt as _, future::join_all};
use tokio::time::{Instant, timeout};

use crate::support::{Server, until};

#[tokio::test]
async fn an_append_to_a_frozen_server_is_unknown_and_landed_once() {
    let server = Server::start().await;
    let (log, key) = (server.log().await, some_conversation());
    let envelope = message(key, 1, "are you there?");
    server.signal("STOP");
    let begun = Instant::now();
    let outcome = log.append(&envelope, 0).await;
    let waited = begun.elapsed();
    server.signal("CONT");
    assert!(matches!(outcome, Err(AppendError::Unknown(_))), "{outcome:?}");
    assert!(waited < Duration::from_millis(2500), "{waited:?}");

    let landed = until("it landed", || async { log.last(key).await.ok().flatten() }).await;
    assert_eq!(landed.envelope, envelope);
    let again = log.append(&envelope, 0).await;
    assert!(matches!(again, Err(AppendError::Conflict)), "{again:?}");
    assert_eq!(log.read(key, 0, 10).await.unwrap(), [landed]);
}

#[tokio::test]
async fn nothing_is_sent_while_there_is_no_connection() {
    let server = Server::start().await;
    let (log, key) = (server.log().await, some_conversation());
    log.append(&message(key, 1, "before"), 0).await.unwrap();
    // Frozen for so long that the connection counts as cut; a new connection is not answered.
    server.signal("STOP");
    until("the cut is noticed", || async { (!log.is_connected()).then_some(()) }).await;
    let begun = Instant::now();
    let refused = log.append(&message(some_conversation(), 1, "never sent"), 0).await;
    assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{refused:?}");
    assert!(begun.elapsed() < server.options().ack_timeout / 2, "it waited for the broker");
    server.signal("CONT");
    until("it is connected again", || async { log.is_connected().then_some(()) }).await;
    until("the log works again", || async { log.last(key).await.ok().flatten() }).await;
}

#[tokio::test]
async fn appends_beyond_the_places_are_refused_before_anything_is_sent() {
    let server = Server::start().await;
    let log = NatsLog::connect(NatsOptions { max_in_flight: 2, ..server.options() }).await.unwrap();
    server.signal("STOP");
    let envelopes: Vec<_> = (0..4).map(|_| message(some_conversation(), 1, "crowd")).collect();
    let outcomes = join_all(envelopes.iter().map(|envelope| log.append(envelope, 0))).await;
    server.signal("CONT");
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(AppendError::Unavailable(_)))).count();
    let unknown = outcomes.iter().filter(|outcome| matches!(outcome, Err(AppendError::Unknown(_)))).count();
    assert_eq!((refused, unknown), (2, 2), "{outcomes:?}");
    timeout(Duration::from_secs(5), log.settled()).await.unwrap();
}

#[tokio::test]
async fn live_records_and_work_go_on_after_the_server_restarts_and_nothing_is_missing() {
    let server = Server::start().await;
    let (log, other, key) = (server.log().await, server.log().await, some_conversation());
    let mut live = log.live(Partition::of(&key)).await.unwrap();
    let work = log.work(Queue::named("persist"));
    let mut place = log.append(&message(key, 1, "before"), 0).await.unwrap();
    assert_eq!(seq(&mut live).await, 1);
    work.take(10, Duration::from_secs(5)).await.unwrap().pop().unwrap().handle.ack().await.unwrap();

    let mut reconnects = log.reconnects();
    for round in 0..2 {
        reconnects.mark_unchanged();
        server.restart().await;
        // The other node may be back before this one is: what it writes meanwhile must be heard all the same.
        for seq in round * 2 + 2..round * 2 + 4 {
            place =
                until("an append is taken", || async { other.append(&message(key, seq, "after"), place).await.ok() })
                    .await;
        }
        for wanted in round * 2 + 2..round * 2 + 4 {
            assert_eq!(seq(&mut live).await, wanted);
        }
        timeout(Duration::from_secs(5), reconnects.changed()).await.expect("readers are told").unwrap();
        // What was acknowledged shortly before the end may come again; what is new must come.
        let mut taken = BTreeSet::new();
        let deadline = Instant::now() + Duration::from_secs(15);
        while !taken.contains(&place) && Instant::now() < deadline {
            for delivery in work.take(10, Duration::from_secs(1)).await.unwrap_or_default() {
                delivery.handle.ack().await.unwrap();
                taken.insert(delivery.log_seq);
            }
        }
        assert!(taken.contains(&place) && taken.contains(&(place - 1)), "{taken:?}");
    }
}

#[tokio::test]
async fn everything_acknowledged_survives_a_kill_under_load() {
    let server = Server::start().await;
    let log = server.log().await;
    let writers = (0..8).map(|_| {
        let log = log.clone();
        tokio::spawn(async move {
            let (key, mut acknowledged, mut place) = (some_conversation(), Vec::new(), 0);
            for seq in 1..=200 {
                let envelope = message(key, seq, "under load");
                match log.append(&envelope, place).await {
                    Ok(stored) => (acknowledged, place) = ([acknowledged, vec![envelope]].concat(), stored),
                    Err(_) => break,
                }
            }
            (key, acknowledged)
        })
    });
    let writers: Vec<_> = writers.collect();
    until("some are through", || async { (log.read(some_conversation(), 0, 1).await.is_ok()).then_some(()) }).await;
    server.restart().await;
    for writer in writers {
        let (key, acknowledged) = writer.await.unwrap();
        let kept = until("the log is readable", || async { log.read(key, 0, 1000).await.ok() }).await;
        assert!(kept.len() >= acknowledged.len());
        for (record, envelope) in kept.iter().zip(&acknowledged) {
            assert_eq!(&record.envelope, envelope);
        }
    }
}

#[tokio::test]
async fn a_full_stream_says_so_in_time_refuses_and_forgets_nothing() {
    let server = Server::start().await;
    let options = NatsOptions { message_streams: 1, message_stream_bytes: 1 << 20, ..server.options() };
    let log = NatsLog::connect(options).await.unwrap();
    let noise: String = (0..16_000).map(|_| char::from(b'a' + uuid::Uuid::new_v4().as_bytes()[0] % 26)).collect();
    let (key, mut place, mut kept, mut uncrowded) = (some_conversation(), 0, 0, 0);
    let refused = loop {
        match log.append(&message(key, kept + 1, &noise), place).await {
            Ok(stored) => (place, kept) = (stored, kept + 1),
            Err(refused) => break refused,
        }
        let crowded = log.positions().await.unwrap()[0].crowded;
        uncrowded += u64::from(!crowded);
        assert_eq!(crowded, uncrowded < kept, "it does not come and go");
    };
    assert!((kept * 7 / 10..kept * 8 / 10).contains(&uncrowded), "crowded from {uncrowded} of {kept} on");
    assert!(log.retention() == server.options().retain_at_least && log.retain() == server.options().retain);
    assert!(matches!(refused, AppendError::Full), "{refused:?}");
    assert!(kept > 50);
    assert_eq!(log.last(key).await.unwrap().unwrap().log_seq, place);
    assert_eq!(log.read(key, 0, 1000).await.unwrap().len() as u64, kept);
}

#[tokio::test]
async fn a_record_that_nobody_can_read_is_reported_handed_out_and_passed_over_live() {
    let server = Server::start().await;
    let (log, key) = (server.log().await, some_conversation());
    let mut live = log.live(Partition::of(&key)).await.unwrap();
    let subject = server.options().topology().unwrap().subjects.message(key);
    let place = log.append(&message(key, 1, "good"), 0).await.unwrap();
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("Content-Encoding", "zstd");
    let broker = server.client().await;
    let poison =
        broker.publish_with_headers(subject, headers, "not zstd".into()).await.unwrap().await.unwrap().sequence;
    let after = log.append(&message(key, 3, "good again"), poison).await.unwrap();

    assert_eq!(log.read(key, 0, 10).await.unwrap().len(), 1, "what precedes it is read");
    let read = log.read(key, place, 10).await.unwrap_err();
    assert!(matches!(read, LogError::Poison { log_seq, .. } if log_seq == poison), "{read:?}");
    assert_eq!(log.read(key, poison, 10).await.unwrap()[0].log_seq, after);
    assert_eq!((seq(&mut live).await, seq(&mut live).await), (1, 3));

    let mut taken = Vec::new();
    let work = log.work(Queue::named("persist"));
    while taken.len() < 3 {
        taken.extend(work.take(10, Duration::from_secs(5)).await.unwrap());
    }
    assert_eq!(taken[1].payload, "not zstd");
}

#[tokio::test]
async fn a_dead_lettered_record_is_there_once_with_all_that_is_needed_to_hand_it_out_again() {
    let server = Server::start().await;
    let log = server.log().await;
    let dead_letter = DeadLetter {
        stream: "MESSAGES-0".to_owned(),
        consumer: "persist".to_owned(),
        subject: frontdesk_ports::Subject::unknown("desk.msg.1.a.b"),
        log_seq: 7,
        reason: "cannot be read:\n什么".to_owned(),
        payload: "\u{1}bytes".into(),
    };
    for _ in 0..2 {
        log.store(&dead_letter).await.unwrap();
    }
    let mut dead = server.client().await.get_stream("DEAD").await.unwrap();
    assert_eq!(dead.info().await.unwrap().state.messages, 1);
    let stored = dead.get_last_raw_message_by_subject("desk.dead.MESSAGES-0.persist.none.none.7").await.unwrap();
    let header = |name: &str| stored.headers.get(name).map(|value| value.as_str().to_owned());
    assert_eq!(stored.payload, dead_letter.payload);
    assert_eq!(header("Desk-Subject").as_deref(), Some("desk.msg.1.a.b"));
    assert_eq!(header("Desk-Log-Seq").as_deref(), Some("7"));
    assert_eq!(header("Desk-Reason").as_deref(), Some(r"cannot be read:\n\u{4ec0}\u{4e48}"));
}

async fn seq(live: &mut LogStream<Record>) -> u64 {
    let record = timeout(Duration::from_secs(15), live.next()).await.expect("a record within 15 s");
    record.expect("the subscription goes on").envelope.entry.seq
}
