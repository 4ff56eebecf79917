//! Records that the broker hands out no more.

use std::time::Duration;

use async_nats::jetstream::stream;
use frontdesk_domain::{DeadLetterKind, ItemRef, Partition, participant::KindName};
use frontdesk_nats::{NatsLog, Queue};
use frontdesk_ports::{
    DeadLetterScope, DeadLetterSink as _, DeadLetterStore as _, ExhaustedDelivery, MaxDeliveryNotices, MessageLog as _,
    contract::log::{message, some_conversation},
};
use futures_util::StreamExt as _;
use uuid::Uuid;

use crate::support::{Server, until};

/// The next notices, which must come soon.
async fn exhausted(queue: &dyn MaxDeliveryNotices) -> ExhaustedDelivery {
    until("a record is not delivered any more", || async { queue.take(10, Duration::from_secs(1)).await.ok()?.pop() })
        .await
}

#[tokio::test]
async fn a_record_that_was_handed_out_too_often_is_not_lost_but_told_of_and_dead_lettered() {
    let server = Server::start().await;
    let (log, key) = (server.log().await, some_conversation());
    let name = format!("MESSAGES-{}", Partition::of(&key).number() % 4);
    let stream = server.client().await.get_stream(&name).await.unwrap();
    let consumer = name.replace("MESSAGES", "persist");
    // As an operator may, although our own consumers have no such limit.
    let mut config = stream.consumer_info(&consumer).await.unwrap().config;
    (config.max_deliver, config.ack_wait) = (2, Duration::from_millis(100));
    stream.update_consumer(config).await.unwrap();

    let envelope = message(key, 1, "never acknowledged");
    let place = log.append(&envelope, 0).await.unwrap();
    let work = log.work(Queue::named("persist"));
    for attempt in 1..=2 {
        let taken =
            until("it is handed out", || async { work.take(1, Duration::from_secs(1)).await.ok()?.pop() }).await;
        assert_eq!((taken.log_seq, taken.attempt), (place, attempt));
    }
    assert!(work.take(1, Duration::from_secs(2)).await.unwrap().is_empty(), "and then never again");

    let queue = log.max_delivery_notices();
    let ExhaustedDelivery { dead_letter, handle } = exhausted(&*queue).await;
    assert_eq!(
        (dead_letter.stream.as_str(), dead_letter.consumer.as_str(), dead_letter.log_seq),
        (&*name, "persist", place)
    );
    assert_eq!(dead_letter.payload, envelope.encode());
    assert_eq!(dead_letter.reason, "deliveries exhausted: delivered 2 times without acknowledgement");
    log.store(&dead_letter).await.unwrap();
    handle.ack().await.unwrap();
    let stored = log.list(DeadLetterScope::Tenant(key.tenant), 0, 10).await.unwrap().remove(0);
    assert_eq!((stored.conversation(), stored.record), (Some(key), dead_letter));
    until("the notice is gone", || async { (queue.pending().await.ok()? == 0).then_some(()) }).await;
    let mut notices = server.client().await.get_stream("ADVISORIES").await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    while notices.info().await.unwrap().state.messages > 0 {
        assert!(tokio::time::Instant::now() < deadline, "a notice that was dealt with takes no room");
    }
}

#[tokio::test]
async fn a_record_that_its_consumer_refused_is_told_of_to_a_worker_too() {
    let server = Server::start().await;
    let (log, key) = (server.log().await, some_conversation());
    let place = log.append(&message(key, 1, "refused"), 0).await.unwrap();
    let name = format!("MESSAGES-{}", Partition::of(&key).number() % 4);
    let client = server.client().await.client();
    let next = format!("$JS.API.CONSUMER.MSG.NEXT.{name}.{}", name.replace("MESSAGES", "push"));
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.unwrap();
    client.publish_with_reply(next, inbox, r#"{"batch":1,"group":"workers"}"#.into()).await.unwrap();
    let taken = answers.next().await.unwrap();
    client.publish(taken.reply.unwrap(), "+TERM".into()).await.unwrap();

    let worker = NatsLog::connect(server.worker_options()).await.unwrap();
    let ExhaustedDelivery { dead_letter, handle } = exhausted(&*worker.max_delivery_notices()).await;
    assert_eq!((dead_letter.consumer.as_str(), dead_letter.log_seq), ("push", place));
    worker.store(&dead_letter).await.unwrap();
    handle.ack().await.unwrap();
    assert_eq!(log.count().await.unwrap(), 1);
    // A worker fills holes from the log, so it must be able to read it. It removes nothing.
    assert_eq!(worker.read(key, 0, 10).await.unwrap().len(), 1);
    let stored = worker.list(DeadLetterScope::Installation, 0, 10).await.unwrap().remove(0);
    assert!(worker.remove(&stored).await.is_err());
    assert_eq!(log.count().await.unwrap(), 1);
}

/// As the version before stored them: without a kind, and nothing but an entry or acknowledgement under a conversation.
#[tokio::test]
async fn dead_letters_that_were_stored_before_there_were_kinds_are_read_and_settled() {
    let server = Server::start().await;
    let (log, broker, key) = (server.log().await, server.client().await, some_conversation());
    let (tenant, inbox) = (key.tenant, Uuid::new_v4());
    let (entry, event) = (message(key, 1, "of old"), Uuid::new_v4());
    let of_entry = format!("desk.msg.{}.{tenant}.{}", Partition::of(&key), key.conversation);
    let inbound = format!("desk.in.{tenant}.{inbox}");
    let of_event = format!("desk.event.{tenant}.agent.{event}");
    let kept = [
        (format!("desk.dead.MESSAGES-0.persist.{tenant}.{}.1", key.conversation), of_entry, entry.encode()),
        (format!("desk.dead.INBOUND.ingest.{tenant}.none.2"), inbound, "a message".into()),
        ("desk.dead.EVENTS.integrator.none.none.3".to_owned(), of_event, "an event".into()),
    ];
    for (log_seq, (address, subject, payload)) in (1_u64..).zip(kept) {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Desk-Subject", subject.as_str());
        headers.insert("Desk-Log-Seq", log_seq.to_string());
        headers.insert("Desk-Reason", "of old");
        headers.insert("Desk-Parked-At", "1700000000000");
        headers.insert("Desk-Tried-At", "1700000000000");
        headers.insert("Desk-Redeliveries", "0");
        broker.publish_with_headers(address, headers, payload).await.unwrap().await.unwrap();
    }
    let all = log.list(DeadLetterScope::Installation, 0, 10).await.unwrap();
    let about: Vec<_> = all.iter().map(|stored| (stored.kind, stored.tenant, stored.item)).collect();
    let item = |kind: &str, id| Some(ItemRef::Other(KindName::new(kind).unwrap(), id));
    assert_eq!(
        about,
        [
            (DeadLetterKind::Entry, Some(tenant), Some(ItemRef::Conversation(key.conversation))),
            (DeadLetterKind::InboundMessage, Some(tenant), item("inbox", inbox)),
            (DeadLetterKind::Event, None, item("agent", event)),
        ]
    );
    assert_eq!(log.of_conversation(key, "persist", 10).await.unwrap(), all[..1]);
    assert_eq!((&all[0].record.payload[..], all[0].dead_lettered_at.0), (&entry.encode()[..], 1_700_000_000_000));
    for stored in &all {
        log.failed_again(stored, "again").await.unwrap();
        let again = log.find(DeadLetterScope::Installation, &stored.record.id()).await.unwrap().unwrap();
        assert_eq!((again.kind, again.item, again.redeliveries), (stored.kind, stored.item, 1));
        log.remove(&again).await.unwrap();
    }
    assert_eq!(log.count().await.unwrap(), 0);
}

#[tokio::test]
async fn the_dead_letters_of_an_older_version_stay_and_its_notices_move_house() {
    let server = Server::start().await;
    let broker = server.client().await;
    let old = server.options().topology().unwrap().streams().into_iter().find(|stream| stream.name == "DEAD").unwrap();
    let advisory = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.ACKS.*".to_owned();
    let subjects = vec!["desk.dead.>".to_owned(), advisory];
    broker.create_stream(stream::Config { subjects, ..old }).await.unwrap();
    broker.publish("desk.dead.MESSAGES-0.persist", "of old".into()).await.unwrap().await.unwrap();
    let log = server.log().await;
    assert_eq!(log.count().await.unwrap(), 1);
    let dead = broker.get_stream("DEAD").await.unwrap();
    assert_eq!(dead.cached_info().config.subjects, ["desk.dead.>"]);
}
