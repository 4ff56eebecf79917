//! Streams read from end to end.

use frontdesk_nats::Queue;
use frontdesk_ports::{
    Log as _, LogLedger as _,
    contract::log::{message, some_conversation},
};
use frontdesk_protocol::Envelope;
use std::{collections::BTreeMap, time::Duration};

use crate::support::Server;

#[tokio::test]
async fn every_record_of_every_stream_comes_once_in_order_and_whole() {
    let server = Server::start().await;
    let log = server.log().await;
    let mut appended = BTreeMap::new();
    for number in 0..40_usize {
        let (key, mut last) = (some_conversation(), 0);
        for seq in 1..=3 {
            let envelope = message(key, seq, &"long enough to be compressed ".repeat(number + 1));
            last = log.append(&envelope, last).await.unwrap();
            appended.insert((key, seq), (last, envelope));
        }
    }
    let mut scanned = BTreeMap::new();
    for position in log.streams().await.unwrap() {
        assert_eq!(position.processed_seq, 0);
        let mut next = position.first_seq;
        while next <= position.last_seq {
            for record in log.scan(&position.stream, next, 7).await.unwrap() {
                assert_eq!(record.log_seq, next);
                let envelope = Envelope::decode(&record.payload).unwrap();
                assert_eq!(record.key, Some(envelope.key()));
                scanned.insert((envelope.key(), envelope.entry.seq), (record.log_seq, envelope));
                next += 1;
            }
        }
        assert!(log.scan(&position.stream, next, 7).await.unwrap().is_empty());
    }
    assert_eq!(scanned, appended);
}

#[tokio::test]
async fn a_stream_tells_how_far_the_queue_for_the_database_has_come_whatever_the_others_do() {
    let server = Server::start().await;
    let log = server.log().await;
    let key = some_conversation();
    log.append(&message(key, 1, "first"), 0).await.unwrap();
    for delivery in log.work(Queue::Persist).take(1, Duration::from_secs(5)).await.unwrap() {
        delivery.handle.ack().await.unwrap();
    }
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    while log.streams().await.unwrap().iter().all(|position| position.processed_seq == 0) {
        assert!(tokio::time::Instant::now() < deadline, "acknowledged and not counted");
        tokio::task::yield_now().await;
    }
}
