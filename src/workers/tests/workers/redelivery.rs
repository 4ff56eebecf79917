//! Dead letters redelivered, dropped, and made of what the broker delivers no more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use frontdesk_domain::{Audience, DeadLetterKind, Entry, Participant, ReceiptKind, TenantId, participant::KindName};
use frontdesk_ports::{
    AckRecord, Acks as _, ConversationStore as _, DeadLetter, DeadLetterId, DeadLetterScope, DeadLetterStore as _,
    Dropped, EntryRange, Redelivered, Redelivery as _, RedeliveryError, StoredDeadLetter,
};
use frontdesk_protocol::{Ack, AckKind, Envelope};
use frontdesk_workers::{ExhaustedWorker, Redeliverer, StepOutcome, Worker as _};
use uuid::Uuid;

use super::{
    desk::{Desk, NO_WAIT, Talk, agent, eventually},
    faults::Picky,
};

const ALL: DeadLetterScope = DeadLetterScope::Installation;

/// A database that refuses "poison" until it is cured.
fn picky(desk: &mut Desk) -> Arc<AtomicBool> {
    let cured = Arc::new(AtomicBool::new(false));
    let is_cured = Arc::clone(&cured);
    let refuses = move |entry: &Entry| entry.event.text() == Some("poison") && !is_cured.load(Ordering::Relaxed);
    desk.ports.database.conversations = Arc::new(Picky { store: desk.store.clone(), refuses });
    cured
}

fn redeliverer(desk: &Desk) -> Redeliverer {
    Redeliverer::new(desk.ports.clone(), desk.settings.clone())
}

/// The names of all dead letters, by stream, consumer and sequence.
fn ids(desk: &Desk) -> Vec<DeadLetterId> {
    desk.log.dead_letters().iter().map(DeadLetter::id).collect()
}

async fn texts(desk: &Desk, talk: &Talk) -> Vec<String> {
    let entries = desk.store.entries(talk.key, EntryRange::After(1), Audience::Staff, 100).await.expect("it is there");
    entries.iter().map(|entry| entry.event.text().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_redelivered_entry_heals_its_conversation_and_all_dead_letters_that_waited_for_it() {
    let mut desk = Desk::new();
    let cured = picky(&mut desk);
    let mut talk = Talk::open(&desk).await;
    for text in ["before", "poison", "after", "long after"] {
        talk.hear(text).await;
    }
    let running = tokio::spawn(desk.persist_worker().run(desk.stop.clone()));
    eventually(async || ids(&desk).len() == 3).await;
    let [poison, waited, _] = &ids(&desk)[..] else { panic!("three dead letters") };
    assert_eq!(desk.persisted(talk.key).await, 2);

    // Neither the entry nor one that waits for it gets through as long as nothing has changed, and each says why.
    for (id, why) in [(poison, "refused by the test"), (waited, "entry 3 before it is missing")] {
        let failed = redeliverer(&desk).redeliver(ALL, id).await.unwrap();
        assert!(matches!(&failed, Redelivered::FailedAgain { reason } if reason.contains(why)), "{failed:?}");
        let dead_letter = desk.log.find(ALL, id).await.unwrap().unwrap();
        assert!(dead_letter.record.reason.contains(why) && dead_letter.redeliveries == 1, "{dead_letter:?}");
    }
    assert_eq!((ids(&desk).len(), desk.persisted(talk.key).await), (3, 2));

    cured.store(true, Ordering::Relaxed);
    let settled = redeliverer(&desk).redeliver(ALL, waited).await.unwrap();
    assert_eq!(settled, Redelivered::Settled { others: 2 });
    assert_eq!((ids(&desk), desk.persisted(talk.key).await), (vec![], 5));
    assert_eq!(texts(&desk, &talk).await, ["before", "poison", "after", "long after"]);
    assert_eq!(desk.store.load(talk.key).await.unwrap().unwrap().conversation, talk.state);
    talk.hear("and it goes on").await;
    eventually(async || desk.persisted(talk.key).await == 6).await;
    desk.stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_dead_letter_is_redelivered_from_its_own_bytes_when_the_log_has_forgotten_it() {
    let mut desk = Desk::new();
    let cured = picky(&mut desk);
    let mut talk = Talk::open(&desk).await;
    talk.hear("poison").await;
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let [id] = &ids(&desk)[..] else { panic!("one dead letter") };
    let position = desk.position(&talk).await;
    frontdesk_ports::Trim::trim(&desk.log, &position.stream, position.last_seq).await.unwrap();
    cured.store(true, Ordering::Relaxed);
    let before = desk.position(&talk).await.last_seq;
    assert_eq!(redeliverer(&desk).redeliver(ALL, id).await.unwrap(), Redelivered::Settled { others: 0 });
    assert_eq!((desk.persisted(talk.key).await, texts(&desk, &talk).await), (2, vec!["poison".to_owned()]));
    assert_eq!(desk.position(&talk).await.last_seq, before, "nothing is appended to the log");
    let gone = redeliverer(&desk).redeliver(ALL, id).await;
    assert!(matches!(gone, Err(RedeliveryError::NotFound)), "{gone:?}");
}

#[tokio::test(start_paused = true)]
async fn while_the_database_is_away_a_dead_letter_stays_as_it_is() {
    let desk = Desk::new();
    let talk = Talk::open(&desk).await;
    desk.log.append_raw(talk.key, Bytes::from_static(b"\xc1"));
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let mut other = Talk::open(&desk).await;
    other.hear("hello").await;
    let dead_letter = desk.log.dead_letters().remove(0);
    let taken = desk.log.persist_work().take(10, NO_WAIT).await.unwrap();
    let stored = DeadLetter {
        stream: taken[1].stream.clone(),
        consumer: "persist".to_owned(),
        subject: taken[1].subject.clone(),
        log_seq: taken[1].log_seq,
        payload: taken[1].payload.clone(),
        reason: "the database was away".to_owned(),
    };
    desk.ports.dead_letter_sink.store(&stored).await.unwrap();
    desk.store.set_available(false);
    let now = redeliverer(&desk).redeliver(ALL, &stored.id()).await;
    assert!(matches!(now, Err(RedeliveryError::NotNow)), "{now:?}");
    let held = desk.log.find(ALL, &stored.id()).await.unwrap().unwrap();
    assert_eq!((held.record, held.redeliveries), (stored.clone(), 0));

    desk.store.set_available(true);
    let settled = redeliverer(&desk).redeliver(ALL, &stored.id()).await.unwrap();
    assert_eq!(settled, Redelivered::Settled { others: 0 });
    let failed = redeliverer(&desk).redeliver(ALL, &dead_letter.id()).await.unwrap();
    assert!(matches!(failed, Redelivered::FailedAgain { .. }), "nonsense stays nonsense: {failed:?}");
}

#[tokio::test]
async fn a_dead_letter_of_another_tenant_is_neither_redelivered_nor_dropped() {
    let mut desk = Desk::new();
    let cured = picky(&mut desk);
    let mut talk = Talk::open(&desk).await;
    talk.hear("poison").await;
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    cured.store(true, Ordering::Relaxed);
    let (id, stranger) = (ids(&desk).remove(0), DeadLetterScope::Tenant(TenantId(Uuid::now_v7())));
    let (again, dropped) =
        (redeliverer(&desk).redeliver(stranger, &id).await, redeliverer(&desk).discard(stranger, &id, true).await);
    assert!(matches!(again, Err(RedeliveryError::NotFound)), "{again:?}");
    assert!(matches!(dropped, Err(RedeliveryError::NotFound)), "{dropped:?}");
    assert_eq!((ids(&desk), desk.stored(talk.key).await), (vec![id], 1));
}

#[tokio::test]
async fn an_accepted_entry_that_the_database_lacks_is_dropped_by_force_only() {
    let mut desk = Desk::new();
    let _never_cured = picky(&mut desk);
    let mut talk = Talk::open(&desk).await;
    talk.hear("poison").await;
    desk.log.append_raw(talk.key, Bytes::from_static(b"\xc1 nonsense"));
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let [poison, nonsense] = &ids(&desk)[..] else { panic!("two dead letters") };
    let redeliverer = redeliverer(&desk);
    assert_eq!(redeliverer.discard(ALL, nonsense, false).await.unwrap(), Dropped::Gone);
    assert_eq!(redeliverer.discard(ALL, poison, false).await.unwrap(), Dropped::LeavesHole { seq: Some(2) });
    assert_eq!(ids(&desk), std::slice::from_ref(poison));
    assert_eq!(redeliverer.discard(ALL, poison, true).await.unwrap(), Dropped::Gone);
    assert_eq!(ids(&desk), []);
}

#[tokio::test]
async fn an_entry_of_a_newer_version_is_dropped_by_force_only() {
    let desk = Desk::new();
    let talk = Talk::open(&desk).await;
    let entry = talk.next_message("by a newer version");
    let newer = Envelope { v: Envelope::VERSION + 1, ..Envelope::new(talk.key, entry, None) };
    desk.log.append_raw(talk.key, newer.encode());
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let [id] = &ids(&desk)[..] else { panic!("one dead letter") };
    let redeliverer = redeliverer(&desk);
    assert_eq!(redeliverer.discard(ALL, id, false).await.unwrap(), Dropped::LeavesHole { seq: None });
    assert_eq!(redeliverer.discard(ALL, id, true).await.unwrap(), Dropped::Gone);
}

#[tokio::test]
async fn an_entry_that_the_database_holds_already_is_dropped_without_force() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear("filed").await;
    let delivery = desk.log.persist_work().take(10, NO_WAIT).await.unwrap().remove(1);
    let dead_letter = DeadLetter {
        stream: delivery.stream.clone(),
        consumer: "persist".to_owned(),
        subject: delivery.subject.clone(),
        log_seq: delivery.log_seq,
        reason: "slow".to_owned(),
        payload: delivery.payload.clone(),
    };
    desk.ports.dead_letter_sink.store(&dead_letter).await.unwrap();
    delivery.handle.retry(NO_WAIT).await.unwrap();
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(redeliverer(&desk).discard(ALL, &dead_letter.id(), false).await.unwrap(), Dropped::Gone);
}

#[tokio::test]
async fn receipts_and_pushes_are_redelivered_to_their_own_workers_and_strangers_to_none() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear("hello").await;
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let kind = AckKind::Receipt(Participant::Agent(agent()), ReceiptKind::Read);
    desk.log.acknowledge(AckRecord { key: talk.key, kind, ack: Ack { up_to_seq: 2 } }).await.unwrap();
    let receipt = desk.log.receipts_work().take(1, NO_WAIT).await.unwrap().remove(0);
    let push = desk.log.push_work().take(1, NO_WAIT).await.unwrap().remove(0);
    let bridge = desk.log.persist_work();
    for (delivery, consumer) in [(&receipt, "receipts"), (&push, "push"), (&push, "some-bridge")] {
        let dead_letter = DeadLetter {
            stream: delivery.stream.clone(),
            consumer: consumer.to_owned(),
            subject: delivery.subject.clone(),
            log_seq: delivery.log_seq,
            reason: "given up".to_owned(),
            payload: delivery.payload.clone(),
        };
        desk.ports.dead_letter_sink.store(&dead_letter).await.unwrap();
        let outcome = redeliverer(&desk).redeliver(ALL, &dead_letter.id()).await;
        match consumer {
            "some-bridge" => assert!(matches!(outcome, Err(RedeliveryError::NotOurs(_))), "{outcome:?}"),
            _ => assert_eq!(outcome.unwrap(), Redelivered::Settled { others: 0 }, "{consumer}"),
        }
    }
    let receipts = desk.store.receipts(talk.key).await.unwrap();
    assert_eq!(receipts.iter().map(|(_, mark)| mark.read).collect::<Vec<_>>(), [2]);
    assert_eq!(ids(&desk).len(), 1, "the bridge's stays");
    assert_eq!(bridge.pending().await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_of_a_kind_of_a_newer_version_is_kept_and_goes_to_no_worker() {
    let mut desk = Desk::new();
    let cured = picky(&mut desk);
    let mut talk = Talk::open(&desk).await;
    for text in ["before", "poison", "after"] {
        talk.hear(text).await;
    }
    let running = tokio::spawn(desk.persist_worker().run(desk.stop.clone()));
    eventually(async || ids(&desk).len() == 2).await;
    desk.stop.cancel();
    running.await.unwrap();
    cured.store(true, Ordering::Relaxed);

    let [poison, waited] = &ids(&desk)[..] else { panic!("two dead letters") };
    let newer = DeadLetterKind::Unknown(KindName::new("summary").unwrap());
    let stored = desk.log.find(ALL, waited).await.unwrap().unwrap();
    desk.log.restore(StoredDeadLetter { kind: newer, ..stored });
    let outcome = redeliverer(&desk).redeliver(ALL, waited).await;
    assert!(matches!(outcome, Err(RedeliveryError::UnknownKind(kind)) if kind == newer), "{outcome:?}");
    // Nor does it go along with another one of its conversation.
    let outcome = redeliverer(&desk).redeliver(ALL, poison).await.unwrap();
    assert_eq!(outcome, Redelivered::Settled { others: 0 });
    let kept = desk.log.find(ALL, waited).await.unwrap().unwrap();
    assert_eq!((kept.kind, kept.redeliveries), (newer, 0));
}

#[tokio::test(start_paused = true)]
async fn what_the_broker_delivers_no_more_is_dead_lettered_once_and_can_be_redelivered() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear("given up").await;
    let taken = desk.log.persist_work().take(10, NO_WAIT).await.unwrap();
    let exhausted = DeadLetter {
        stream: taken[0].stream.clone(),
        consumer: "persist".to_owned(),
        subject: taken[0].subject.clone(),
        log_seq: taken[0].log_seq,
        reason: "deliveries exhausted".to_owned(),
        payload: taken[0].payload.clone(),
    };
    let worker = desk.worker::<ExhaustedWorker>();
    desk.log.exhaust(exhausted.clone());
    desk.log.set_unavailable(true);
    assert!(worker.step(NO_WAIT, &desk.stop).await.is_err());
    desk.log.set_unavailable(false);
    assert_eq!(worker.step(NO_WAIT, &desk.stop).await.unwrap(), StepOutcome::Worked(1));
    assert_eq!(worker.step(NO_WAIT, &desk.stop).await.unwrap(), StepOutcome::Idle);
    assert_eq!(desk.log.dead_letters(), std::slice::from_ref(&exhausted));
    let settled = redeliverer(&desk).redeliver(ALL, &exhausted.id()).await.unwrap();
    assert_eq!((settled, desk.stored(talk.key).await), (Redelivered::Settled { others: 0 }, 1));

    let running = tokio::spawn(worker.run(desk.stop.clone()));
    tokio::time::sleep(Duration::from_secs(5)).await;
    desk.log.exhaust(exhausted);
    eventually(async || desk.log.dead_letters().len() == 1).await;
    desk.stop.cancel();
    running.await.unwrap();
}
