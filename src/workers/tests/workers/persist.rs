//! Batches, acknowledgements, outages, poison.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use frontdesk_domain::{Audience, Entry, Partition};
use frontdesk_ports::{Acks as _, ConversationStore as _, EntryRange, MessageLog as _, Record};
use frontdesk_protocol::{AckKind, Envelope};
use frontdesk_workers::{StepOutcome, Worker as _};
use futures_util::StreamExt as _;

use super::{
    desk::{Desk, NO_WAIT, Talk, eventually},
    faults::{Answers, Full, Picky, Strict},
};

#[tokio::test]
async fn what_is_ready_is_written_at_once_and_acknowledged_after_the_commit() {
    let mut desk = Desk::new();
    desk.ports.log = Strict::on(&desk, Answers::Well);
    let (mut one, mut two) = (Talk::open(&desk).await, Talk::open(&desk).await);
    one.hear_many(3).await;
    two.hear_many(2).await;
    let worker = desk.persist_worker();
    assert_eq!(worker.step(NO_WAIT, &desk.stop).await.unwrap(), StepOutcome::Worked(7));
    assert_eq!(worker.step(NO_WAIT, &desk.stop).await.unwrap(), StepOutcome::Idle);
    for talk in [&one, &two] {
        assert_eq!(desk.store.load(talk.key).await.unwrap().unwrap().conversation, talk.state);
        assert_eq!(desk.persisted(talk.key).await, talk.state.last_seq);
    }
}

#[tokio::test]
async fn a_batch_holds_no_more_than_the_settings_allow() {
    let mut desk = Desk::new();
    desk.settings.persist_batch = 4;
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(9).await;
    let worker = desk.persist_worker();
    for expected in [4, 4, 2] {
        assert_eq!(worker.step(NO_WAIT, &desk.stop).await.unwrap(), StepOutcome::Worked(expected));
    }
    assert_eq!(desk.persisted(talk.key).await, 10);
}

#[tokio::test(start_paused = true)]
async fn a_worker_killed_between_commit_and_acknowledgement_does_no_harm() {
    let mut desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(4).await;
    desk.ports.log = Strict::on(&desk, Answers::Never);
    let (victim, stop) = (desk.persist_worker(), desk.stop.clone());
    let victim = tokio::spawn(async move { victim.step(NO_WAIT, &stop).await.map(drop) });
    eventually(async || desk.stored(talk.key).await == 5).await;
    victim.abort();
    assert!(victim.await.unwrap_err().is_cancelled());
    assert_eq!(desk.persisted(talk.key).await, 0);

    desk.ports.log = Strict::on(&desk, Answers::Well);
    let again = desk.persist_worker();
    assert_eq!(again.step(Duration::from_secs(30), &desk.stop).await.unwrap(), StepOutcome::Worked(5));
    assert_eq!(desk.persisted(talk.key).await, 5);
    let entries = desk.store.entries(talk.key, EntryRange::After(0), Audience::Staff, 100).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(again.step(Duration::from_secs(30), &desk.stop).await.unwrap(), StepOutcome::Idle);
}

#[tokio::test(start_paused = true)]
async fn what_was_committed_and_could_not_be_acknowledged_is_acknowledged_later() {
    let mut desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(2).await;
    desk.ports.log = Strict::on(&desk, Answers::Badly);
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!((desk.stored(talk.key).await, desk.persisted(talk.key).await), (3, 0));

    desk.ports.log = Strict::on(&desk, Answers::Well);
    let worker = desk.persist_worker();
    assert_eq!(worker.step(Duration::from_secs(1), &desk.stop).await.unwrap(), StepOutcome::Worked(3));
    assert_eq!(desk.persisted(talk.key).await, 3);
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_database_loses_nothing_and_hands_nothing_to_others() {
    let mut desk = Desk::new();
    desk.settings.persist_batch = 3;
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(4).await;
    desk.store.set_available(false);
    let running = tokio::spawn(desk.persist_worker().run(desk.stop.clone()));

    // Far longer than the broker waits for a word.
    tokio::time::sleep(desk.settings.persist_ack_wait * 4).await;
    talk.hear_many(5).await;
    let others = desk.log.persist_work().take(100, NO_WAIT).await.unwrap();
    assert!(others.iter().all(|delivery| delivery.log_seq > 3 && delivery.attempt == 1), "the batch is kept");
    assert_eq!(desk.persisted(talk.key).await, 0);
    drop(others);

    desk.store.set_available(true);
    eventually(async || desk.persisted(talk.key).await == 10).await;
    assert_eq!(desk.store.load(talk.key).await.unwrap().unwrap().conversation, talk.state);
    assert!(desk.log.dead_letters().is_empty());
    desk.stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_asked_to_stop_during_an_outage_gives_its_batch_back() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(1).await;
    desk.store.set_available(false);
    let running = tokio::spawn(desk.persist_worker().run(desk.stop.clone()));
    tokio::time::sleep(Duration::from_secs(7)).await;
    desk.stop.cancel();
    running.await.unwrap();
    let again = desk.log.persist_work().take(100, desk.settings.persist_ack_wait * 2).await.unwrap();
    assert_eq!(again.len(), 2);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_dead_lettered_and_the_rest_flows() {
    let desk = Desk::new();
    let (mut sound, spoilt) = (Talk::open(&desk).await, Talk::open(&desk).await);
    let poison = desk.log.append_raw(spoilt.key, Bytes::from_static(b"\xc1 nonsense"));
    sound.hear_many(3).await;
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(desk.persisted(sound.key).await, 4);
    assert_eq!(desk.persisted(spoilt.key).await, 1);
    let [dead_letter] = &desk.log.dead_letters()[..] else { panic!("one dead letter") };
    assert_eq!((dead_letter.consumer.as_str(), &dead_letter.payload[..]), ("persist", &b"\xc1 nonsense"[..]));
    assert!(dead_letter.reason.starts_with("the record is not a log envelope: "), "{}", dead_letter.reason);
    desk.push_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let position = desk.position(&spoilt).await;
    assert_eq!(position.processed_seq, poison - 1, "the log keeps it until an operator has decided");
    assert_eq!(
        desk.push_worker().step(NO_WAIT, &desk.stop).await.unwrap(),
        StepOutcome::Idle,
        "other queues are not held up"
    );
}

#[tokio::test(start_paused = true)]
async fn without_room_for_dead_letters_the_rest_still_flows() {
    let mut desk = Desk::new();
    let (mut sound, spoilt) = (Talk::open(&desk).await, Talk::open(&desk).await);
    desk.log.append_raw(spoilt.key, Bytes::from_static(b"\xc1"));
    sound.hear("hello").await;
    let dead_letters = std::mem::replace(&mut desk.ports.dead_letter_sink, Arc::new(Full));
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(desk.persisted(sound.key).await, 2);

    desk.ports.dead_letter_sink = dead_letters;
    let again = desk.persist_worker().step(Duration::from_secs(30), &desk.stop).await.unwrap();
    assert_eq!((again, desk.log.dead_letters().len()), (StepOutcome::Worked(1), 1));
}

#[tokio::test]
async fn an_entry_that_the_database_refuses_is_dead_lettered_and_the_rest_flows() {
    let mut desk = Desk::new();
    let mut talks = Vec::new();
    for _ in 0..20 {
        let mut talk = Talk::open(&desk).await;
        talk.hear_many(3).await;
        talks.push(talk);
    }
    let mut spoilt = Talk::open(&desk).await;
    spoilt.hear("poison").await;
    let refuses = |entry: &Entry| entry.event.text() == Some("poison");
    desk.ports.database.conversations = Arc::new(Picky { store: desk.store.clone(), refuses });
    let told = desk.log.acks(Partition::of(&spoilt.key)).await.unwrap();
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let mut failures = told.filter(|ack| std::future::ready(ack.key == spoilt.key && ack.kind != AckKind::Persisted));
    let failed = tokio::time::timeout(Duration::from_secs(5), failures.next()).await.expect("people are told").unwrap();
    assert_eq!(failed.kind, AckKind::Failed(2));
    for talk in &talks {
        assert_eq!(desk.persisted(talk.key).await, 4);
    }
    assert_eq!(desk.persisted(spoilt.key).await, 1);
    let [dead_letter] = &desk.log.dead_letters()[..] else { panic!("one dead letter") };
    assert!(dead_letter.reason.ends_with("refused by the test"), "{}", dead_letter.reason);
}

#[tokio::test]
async fn an_entry_that_contradicts_the_database_is_an_alarm_and_never_written() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let entry = talk.next_message("what the database holds");
    let foreign = Record { log_seq: 99, envelope: Envelope::new(talk.key, entry, None) };
    desk.store.persist(&[foreign]).await.unwrap();
    talk.hear("what the log holds").await;
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    assert_eq!(desk.log.dead_letters().len(), 1);
    let entries = desk.store.entries(talk.key, EntryRange::After(1), Audience::Staff, 10).await.unwrap();
    assert_eq!(entries[0].event.text(), Some("what the database holds"));
    assert_eq!(desk.log.last(talk.key).await.unwrap().unwrap().envelope.entry.seq, 2);
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_of_a_conversation_never_go_back_while_batches_follow_one_another() {
    let mut desk = Desk::new();
    desk.settings.persist_batch = 1;
    desk.ports.log = Strict::on(&desk, Answers::Well);
    let mut talk = Talk::open(&desk).await;
    let partition = Partition::of(&talk.key);
    let mut acks = desk.log.acks(partition).await.unwrap();
    talk.hear_many(50).await;
    let running = tokio::spawn(desk.persist_worker().run(desk.stop.clone()));
    eventually(async || desk.persisted(talk.key).await == 51).await;
    desk.stop.cancel();
    running.await.unwrap();
    let mut last = 0;
    while let Some(Some(record)) = futures_util::FutureExt::now_or_never(futures_util::StreamExt::next(&mut acks)) {
        assert!(record.ack.up_to_seq > last);
        last = record.ack.up_to_seq;
    }
    assert_eq!(last, 51);
}

#[tokio::test(start_paused = true)]
async fn batches_committed_while_others_are_acknowledged_are_acknowledged_together() {
    let mut desk = Desk::new();
    desk.settings.persist_batch = 1;
    desk.ports.log = Strict::on(&desk, Answers::Well);
    let mut talk = Talk::open(&desk).await;
    let mut acks = desk.log.acks(Partition::of(&talk.key)).await.unwrap();
    talk.hear_many(40).await;
    let running = tokio::spawn(desk.persist_worker().run(desk.stop.clone()));
    eventually(async || desk.persisted(talk.key).await == 41).await;
    desk.stop.cancel();
    running.await.unwrap();
    let mut told = 0;
    while let Some(Some(_)) = futures_util::FutureExt::now_or_never(futures_util::StreamExt::next(&mut acks)) {
        told += 1;
    }
    // Acknowledging takes some milliseconds here and writing takes none, so four batches wait whenever it is done.
    assert!(told <= 41 / 4 + 3, "{told} acknowledgements for 41 batches");
    tokio::time::sleep(desk.settings.persist_ack_wait * 2).await;
    assert!(desk.log.persist_work().take(10, NO_WAIT).await.unwrap().is_empty(), "none comes again");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_can_acknowledge_nothing_any_more_ends_and_is_started_anew() {
    let mut desk = Desk::new();
    desk.settings.persist_batch = 1;
    desk.ports.log = Strict::on(&desk, Answers::Panic);
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(10).await;
    let ended = tokio::time::timeout(Duration::from_secs(60), desk.persist_worker().run(desk.stop.clone())).await;
    ended.expect("it does not go on writing what cannot be acknowledged");
    assert!(!desk.stop.is_cancelled());

    desk.ports.log = Strict::on(&desk, Answers::Well);
    let running = tokio::spawn(desk.persist_worker().run(desk.stop.clone()));
    eventually(async || desk.persisted(talk.key).await == 11).await;
    desk.stop.cancel();
    running.await.unwrap();
}
