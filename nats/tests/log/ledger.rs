//! Streams read from end to end.

use frontdesk_domain::{AgentId, Participant, Partition, ReceiptKind};
use frontdesk_nats::{NatsLog, Queue, Token};
use frontdesk_ports::{
    AckRecord, Acks as _, Backlog, LogInspector as _, MessageLog as _,
    contract::log::{message, some_conversation},
};
use frontdesk_protocol::{Ack, AckKind, Envelope};
use std::{collections::BTreeMap, time::Duration};

use crate::support::{Server, until};

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
            for record in log.scan(&position.stream, None, next, 7).await.unwrap() {
                assert_eq!(record.log_seq, next);
                let envelope = Envelope::decode(&record.payload).unwrap();
                assert_eq!(record.key, Some(envelope.key()));
                scanned.insert((envelope.key(), envelope.entry.seq), (record.log_seq, envelope));
                next += 1;
            }
        }
        assert!(log.scan(&position.stream, None, next, 7).await.unwrap().is_empty());
    }
    assert_eq!(scanned, appended);
}

#[tokio::test]
async fn a_stream_tells_how_far_the_queue_for_the_database_has_come_whatever_the_others_do() {
    let server = Server::start().await;
    let log = server.log().await;
    let key = some_conversation();
    log.append(&message(key, 1, "first"), 0).await.unwrap();
    for delivery in log.work(Queue::named("persist")).take(1, Duration::from_secs(5)).await.unwrap() {
        delivery.handle.ack().await.unwrap();
    }
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    while log.streams().await.unwrap().iter().all(|position| position.processed_seq == 0) {
        assert!(tokio::time::Instant::now() < deadline, "acknowledged and not counted");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_worker_sees_what_is_left_behind_reads_it_back_and_tells_with_its_own_rights() {
    let server = Server::start().await;
    let (core, key) = (server.log().await, some_conversation());
    let worker = NatsLog::connect(server.worker_options()).await.unwrap();
    let stream = format!("MESSAGES-{}", Partition::of(&key).number() % 4);
    assert_eq!(worker.backlog(&stream).await.unwrap(), Backlog::default());
    let mut last = 0;
    for seq in 1..=5 {
        last = core.append(&message(key, seq, "left behind"), last).await.unwrap();
    }
    assert_eq!(worker.backlog(&stream).await.unwrap(), Backlog { last_seq: 5, processed_seq: 0, unprocessed: 5 });
    let taken = worker.work(Queue::named("persist")).take(4, Duration::from_secs(5)).await.unwrap();
    let backlog = worker.backlog(&stream).await.unwrap();
    assert_eq!((backlog.last_seq, backlog.unprocessed), (5, 5), "taken is not processed");
    // All but the second, which holds the floor.
    for (index, delivery) in taken.iter().enumerate() {
        if index != 1 {
            delivery.handle.ack().await.unwrap();
        }
    }
    let expected = Backlog { last_seq: 5, processed_seq: 1, unprocessed: 6 - taken.len() as u64 };
    until("acknowledged", || async { (worker.backlog(&stream).await.unwrap() == expected).then_some(()) }).await;
    assert!(worker.backlog("ACKS").await.is_err(), "no stream of messages");

    assert_eq!(worker.scan(&stream, None, 2, 10).await.unwrap().len(), 4);
    assert_eq!(worker.read(key, 0, 10).await.unwrap().len(), 5);
    for up_to_seq in [3, 5, 4] {
        worker.acknowledge(AckRecord { key, kind: AckKind::Persisted, ack: Ack { up_to_seq } }).await.unwrap();
    }
    assert_eq!(core.persisted(key).await.unwrap(), 5);
}

#[tokio::test]
async fn acknowledgements_come_once_in_order_and_by_tenant_and_probes_do_not() {
    let server = Server::start().await;
    let log = server.log().await;
    let keys: Vec<_> = (0..20).map(|_| some_conversation()).collect();
    let agent = AckKind::Receipt(Participant::Agent(AgentId(uuid::Uuid::new_v4())), ReceiptKind::Read);
    log.probe(&Token::new("node-1").unwrap()).await.unwrap();
    for up_to_seq in [1, 2] {
        for key in &keys {
            log.acknowledge(AckRecord { key: *key, kind: AckKind::Persisted, ack: Ack { up_to_seq } }).await.unwrap();
            log.acknowledge(AckRecord { key: *key, kind: agent, ack: Ack { up_to_seq } }).await.unwrap();
        }
    }
    let position = log.acknowledgement_position().await.unwrap();
    assert_eq!((position.last_seq, position.processed_seq), (81, 0));
    for (scope, expected) in [(None, 40), (Some(keys[3].tenant), 2), (Some(some_conversation().tenant), 0)] {
        let (mut seen, mut next) = (Vec::new(), position.first_seq);
        loop {
            let page = log.acknowledgements(scope, next, 7).await.unwrap();
            let Some(last) = page.last() else { break };
            next = last.log_seq + 1;
            seen.extend(page);
        }
        assert_eq!(seen.len(), expected, "{scope:?}");
        assert!(
            seen.iter()
                .all(|ack| ack.record.ack.up_to_seq == 2 && scope.is_none_or(|tenant| ack.record.key.tenant == tenant))
        );
    }
    assert_eq!((log.acknowledged(keys[0]).await.unwrap(), log.last_logged(keys[0]).await.unwrap()), (2, 0));
    let stream = format!("MESSAGES-{}", Partition::of(&keys[0]).number() % 4);
    log.append(&message(keys[0], 1, "ours"), 0).await.unwrap();
    assert_eq!(log.last_logged(keys[0]).await.unwrap(), 1);
    assert_eq!(log.scan(&stream, Some(keys[0].tenant), 1, 9).await.unwrap().len(), 1);
    assert!(log.scan(&stream, Some(keys[1].tenant), 1, 9).await.unwrap().is_empty());
}
