//! Work queues, trimming, dead-lettering.

use std::time::Duration;

use frontdesk_domain::{ConversationKey, ReceiptKind};
use frontdesk_protocol::{Ack, AckKind, Envelope};
use tokio::time::{Instant, timeout};

use super::{LogUnderTest, fill, message, neighbour, some_agent, some_conversation, text};
use crate::{
    SubjectNames,
    log::{AckRecord, AppendError},
    work::{Delivery, StreamPosition, Trim, WorkSource},
};

/// Every queue sees every record, in the order of its conversation.
pub async fn work_comes_in_order_and_to_every_queue(t: LogUnderTest) {
    let (one, two) = (some_conversation(), some_conversation());
    fill(&*t.log, one, &["a", "b", "c"]).await;
    fill(&*t.log, two, &["a", "b", "c"]).await;
    for queue in [&t.persist, &t.push] {
        let taken = take_exactly(&**queue, 6).await;
        for key in [one, two] {
            assert_eq!(texts_of(&taken, key), ["a", "b", "c"], "{}", queue.name());
        }
        assert!(taken.iter().all(|delivery| delivery.attempt == 1));
        for delivery in &taken {
            let key = Envelope::decode(&delivery.payload).unwrap().key();
            assert_eq!(delivery.subject.names(), Some(SubjectNames::Entry(key)), "{}", delivery.subject);
        }
    }
}

/// Two workers share a queue.
pub async fn work_taken_is_not_handed_to_a_second_worker(t: LogUnderTest) {
    let key = some_conversation();
    fill(&*t.log, key, &["a", "b"]).await;
    let taken = take_exactly(&*t.persist, 2).await;
    assert_eq!(t.other_persist.take(10, t.ack_wait / 4).await.unwrap().len(), 0);
    assert_eq!(t.other_persist.pending().await.unwrap(), 0);
    drop(taken);
}

/// An acknowledgement is final.
pub async fn acknowledged_work_does_not_come_again(t: LogUnderTest) {
    fill(&*t.log, some_conversation(), &["a", "b"]).await;
    assert_eq!(t.push.pending().await.unwrap(), 2);
    for delivery in take_exactly(&*t.push, 2).await {
        delivery.handle.ack().await.unwrap();
    }
    assert_eq!(t.push.take(10, t.ack_wait * 2).await.unwrap().len(), 0);
    assert_eq!(t.push.pending().await.unwrap(), 0);
}

/// Not before the delay, and counted.
pub async fn work_to_be_retried_comes_again_after_the_delay(t: LogUnderTest) {
    fill(&*t.log, some_conversation(), &["a"]).await;
    let delay = t.ack_wait / 2;
    let taken = take_exactly(&*t.persist, 1).await.remove(0);
    let retried = Instant::now();
    taken.handle.retry(delay).await.unwrap();
    let again = take_exactly(&*t.persist, 1).await.remove(0);
    assert!(retried.elapsed() >= delay.mul_f64(0.9), "after {:?}", retried.elapsed());
    assert_eq!((again.log_seq, again.attempt), (taken.log_seq, 2));
    again.handle.ack().await.unwrap();
}

/// A worker that was killed: another gets what it had, unless it said that it was still at it.
pub async fn work_dropped_without_a_word_comes_again(t: LogUnderTest) {
    fill(&*t.log, some_conversation(), &["a"]).await;
    let taken = take_exactly(&*t.persist, 1).await.remove(0);
    let started = Instant::now();
    assert_eq!(t.other_persist.take(1, t.ack_wait.mul_f64(0.6)).await.unwrap().len(), 0);
    taken.handle.progress().await.unwrap();
    let again = take_exactly(&*t.other_persist, 1).await.remove(0);
    assert!(started.elapsed() >= t.ack_wait.mul_f64(1.5), "after {:?}", started.elapsed());
    assert_eq!((again.log_seq, again.attempt, &again.payload), (taken.log_seq, 2, &taken.payload));
}

/// No longer than asked, no error.
pub async fn an_empty_queue_gives_nothing_after_the_wait(t: LogUnderTest) {
    let started = Instant::now();
    let wait = Duration::from_millis(200);
    assert!(t.persist.take(10, wait).await.unwrap().is_empty());
    // Generous: a busy machine may be late by seconds.
    assert!(started.elapsed() >= wait && started.elapsed() < wait + Duration::from_secs(15), "{:?}", started.elapsed());
}

/// A record that comes while a worker waits ends the wait.
pub async fn waiting_workers_hear_of_new_work_at_once(t: LogUnderTest) {
    let key = some_conversation();
    let waiting = tokio::spawn(async move { t.persist.take(10, Duration::from_secs(20)).await.unwrap().len() });
    tokio::task::yield_now().await;
    fill(&*t.log, key, &["a"]).await;
    assert_eq!(timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap(), 1);
}

/// Delivered and read; a newer value takes the place of one that was not delivered yet.
pub async fn receipts_are_queued_without_the_databases_own_reports(t: LogUnderTest) {
    let (key, member) = (some_conversation(), some_agent());
    let kinds = [
        AckKind::Persisted,
        AckKind::Receipt(member, ReceiptKind::Delivered),
        AckKind::Receipt(member, ReceiptKind::Read),
    ];
    for (kind, up_to_seq) in kinds.into_iter().chain(kinds).zip(1..) {
        t.log.acknowledge(AckRecord { key, kind, ack: Ack { up_to_seq } }).await.unwrap();
    }
    let taken = take_exactly(&*t.receipts, 2).await;
    let told: Vec<_> = taken.iter().map(|delivery| (delivery.subject.ack(), Ack::decode(&delivery.payload))).collect();
    assert_eq!(
        told,
        [(Ok((key, kinds[1])), Some(Ack { up_to_seq: 5 })), (Ok((key, kinds[2])), Some(Ack { up_to_seq: 6 }))]
    );
    for delivery in &taken {
        delivery.handle.ack().await.unwrap();
    }
    assert_eq!(t.receipts.pending().await.unwrap(), 0);
}

/// The slowest queue says how far all are.
pub async fn records_are_processed_once_every_queue_is_through(t: LogUnderTest) {
    let key = some_conversation();
    let place = fill(&*t.log, key, &["a", "b", "c"]).await[2];
    let stream = take_exactly(&*t.persist, 3).await.remove(0).stream;
    assert_eq!(position(&*t.trim, &stream).await.processed_seq, 0, "handed out is not processed");
    let taken = take_exactly(&*t.push, 3).await;
    for delivery in &taken {
        delivery.handle.ack().await.unwrap();
    }
    assert_eq!(position(&*t.trim, &stream).await.processed_seq, 0, "the other queue holds it back");
    for delivery in take_exactly(&*t.persist, 3).await {
        delivery.handle.ack().await.unwrap();
    }
    until(|| async { position(&*t.trim, &stream).await.processed_seq == place }).await;
    let all = t.trim.positions().await.unwrap();
    assert!(all.iter().all(|at| at.processed_seq <= at.last_seq && at.first_seq <= at.last_seq + 1), "{all:?}");
}

/// Trimming forgets records but neither breaks the conversation nor lets an old writer in.
pub async fn a_trimmed_conversation_goes_on(t: LogUnderTest) {
    let key = some_conversation();
    let place = fill(&*t.log, key, &["a", "b"]).await[1];
    let mut stream = String::new();
    for queue in [&t.persist, &t.push] {
        for delivery in take_exactly(&**queue, 2).await {
            delivery.handle.ack().await.unwrap();
            stream.clone_from(&delivery.stream);
        }
    }
    until(|| async { position(&*t.trim, &stream).await.processed_seq == place }).await;
    t.trim.trim(&stream, place).await.unwrap();
    assert_eq!(position(&*t.trim, &stream).await.first_seq, place + 1);
    assert_eq!(t.log.last(key).await.unwrap(), None);
    let stale = t.log.append(&message(key, 3, "c"), place).await;
    assert!(matches!(stale, Err(AppendError::Conflict)), "{stale:?}");
    let next = t.log.append(&message(key, 3, "c"), 0).await.unwrap();
    assert!(next > place);
    fill(&*t.log, neighbour(key, true), &["a"]).await;
    assert_eq!(take_exactly(&*t.persist, 2).await.len(), 2);
}

/// Takes until `count` came; more than that is a failure.
pub(super) async fn take_exactly(queue: &dyn WorkSource, count: usize) -> Vec<Delivery> {
    let mut taken = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(10);
    while taken.len() < count && Instant::now() < deadline {
        taken.extend(queue.take(count - taken.len(), Duration::from_secs(1)).await.unwrap());
    }
    assert_eq!(taken.len(), count, "deliveries of {}", queue.name());
    taken
}

/// Waits until `condition` holds; for what a broker tells with a little delay.
pub(super) async fn until<F: Future<Output = bool>>(condition: impl Fn() -> F) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !condition().await {
        assert!(Instant::now() < deadline, "the condition never held");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(super) async fn position(trim: &dyn Trim, stream: &str) -> StreamPosition {
    let all = trim.positions().await.unwrap();
    all.into_iter().find(|position| position.stream == stream).expect("the stream is known")
}

fn texts_of(taken: &[Delivery], key: ConversationKey) -> Vec<String> {
    let envelopes = taken.iter().map(|delivery| Envelope::decode(&delivery.payload).unwrap());
    let of_key = envelopes.filter(|envelope| envelope.key() == key);
    of_key.map(|envelope| text(&envelope).to_owned()).collect()
}
