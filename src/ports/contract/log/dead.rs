//! Dead letters: storing, listing, failing again, removing.

use bytes::Bytes;
use frontdesk_domain::{ConversationKey, DeadLetterKind, ItemRef, Partition, participant::KindName};
use frontdesk_protocol::AckKind;
use uuid::Uuid;

use super::{
    LogUnderTest, fill, some_conversation,
    work::{position, take_exactly, until},
};
use crate::{
    Subject, SubjectNames,
    dead_letter::{DeadLetter, DeadLetterScope, DeadLetterStore, StoredDeadLetter},
};

/// A record of `key` that the queue for the database could not process.
fn dead_letter(key: ConversationKey, log_seq: u64) -> DeadLetter {
    let ConversationKey { tenant, conversation } = key;
    DeadLetter {
        stream: "MESSAGES-0".to_owned(),
        consumer: "persist".to_owned(),
        subject: Subject::new(
            format!("desk.msg.{}.{tenant}.{conversation}", Partition::of(&key)),
            Some(SubjectNames::Entry(key)),
        ),
        log_seq,
        reason: "cannot be read".to_owned(),
        payload: Bytes::from_static(b"\xc1 \0 \n"),
    }
}

async fn all(dead_letters: &dyn DeadLetterStore, scope: DeadLetterScope) -> Vec<StoredDeadLetter> {
    dead_letters.list(scope, 0, 100).await.unwrap()
}

/// The same record, stored by two workers or by one that was killed after storing it.
pub async fn storing_a_dead_letter_twice_is_safe(t: LogUnderTest) {
    let dead_letter = dead_letter(some_conversation(), 7);
    t.dead_letter_sink.store(&dead_letter).await.unwrap();
    t.dead_letter_sink.store(&DeadLetter { reason: "another".to_owned(), ..dead_letter.clone() }).await.unwrap();
    let [stored] = &all(&*t.dead_letters, DeadLetterScope::Installation).await[..] else { panic!("one dead letter") };
    assert_eq!((&stored.record, stored.redeliveries), (&dead_letter, 0));
    assert_eq!(stored.dead_lettered_at, stored.tried_at);
    assert_eq!(t.dead_letters.count().await.unwrap(), 1);

    // Another queue's trouble with the same record is another dead letter.
    t.dead_letter_sink.store(&DeadLetter { consumer: "push".to_owned(), ..dead_letter }).await.unwrap();
    assert_eq!(t.dead_letters.count().await.unwrap(), 2);
}

/// No tenant sees another's, by list or by name; operators see all, those of no tenant included.
pub async fn dead_letters_are_listed_in_pages_and_to_their_tenant_only(t: LogUnderTest) {
    let (ours, theirs) = (some_conversation(), some_conversation());
    for log_seq in 1..=5 {
        t.dead_letter_sink.store(&dead_letter(ours, log_seq)).await.unwrap();
    }
    t.dead_letter_sink.store(&dead_letter(theirs, 6)).await.unwrap();
    t.dead_letter_sink.store(&DeadLetter { subject: Subject::unknown("noise"), ..dead_letter(ours, 7) }).await.unwrap();

    let scope = DeadLetterScope::Tenant(ours.tenant);
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let page = t.dead_letters.list(scope, after, 2).await.unwrap();
        assert!(page.len() <= 2 && page.iter().all(|stored| stored.tenant == Some(ours.tenant)));
        assert!(page.iter().all(|stored| stored.conversation() == Some(ours)));
        let Some(last) = page.last() else { break };
        after = last.place;
        seen.extend(page.iter().map(|stored| stored.record.log_seq));
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    let desk: Vec<_> = all(&*t.dead_letters, DeadLetterScope::Installation).await;
    assert_eq!(desk.iter().map(|stored| stored.record.log_seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!((desk[6].tenant, desk[6].conversation()), (None, None));

    let id = dead_letter(theirs, 6).id();
    assert_eq!(t.dead_letters.find(scope, &id).await.unwrap(), None);
    let own = t.dead_letters.find(DeadLetterScope::Tenant(theirs.tenant), &id).await.unwrap();
    assert_eq!(own.as_ref(), Some(&desk[5]));
    assert_eq!(t.dead_letters.find(DeadLetterScope::Installation, &id).await.unwrap(), own);
}

/// Of a conversation or of something else, and of a kind that only a newer version knows, also after failing again.
pub async fn a_dead_letter_keeps_its_kind_and_what_it_is_about(t: LogUnderTest) {
    let key = some_conversation();
    let kind_named = |name: &str| KindName::new(name).unwrap();
    let queue = Some(ItemRef::Other(kind_named("queue"), Uuid::new_v4()));
    let newer = DeadLetterKind::Unknown(kind_named("assignment"));
    let foreign = |kind, item| SubjectNames::Foreign { tenant: key.tenant, kind, item };
    let conversation = Some(ItemRef::Conversation(key.conversation));
    let cases = [
        (SubjectNames::Entry(key), DeadLetterKind::Entry, conversation),
        (SubjectNames::Ack(key, AckKind::Persisted), DeadLetterKind::Acknowledgement, conversation),
        (foreign(DeadLetterKind::Event, queue), DeadLetterKind::Event, queue),
        (foreign(newer, queue), newer, queue),
        (foreign(newer, conversation), newer, conversation),
        (foreign(newer, None), newer, None),
    ];
    for (log_seq, (names, kind, item)) in (1..).zip(cases) {
        let text = dead_letter(key, log_seq).subject.as_str().to_owned();
        let record = DeadLetter { subject: Subject::new(text, Some(names)), ..dead_letter(key, log_seq) };
        let (id, scope) = (record.id(), DeadLetterScope::Tenant(key.tenant));
        t.dead_letter_sink.store(&record).await.unwrap();
        let stored = t.dead_letters.find(scope, &id).await.unwrap().unwrap();
        assert_eq!((stored.kind, stored.item, stored.tenant), (kind, item, Some(key.tenant)));
        t.dead_letters.failed_again(&stored, "again").await.unwrap();
        let again = t.dead_letters.find(scope, &id).await.unwrap().unwrap();
        assert_eq!((again.kind, again.item, again.redeliveries), (kind, item, 1));
        t.dead_letters.remove(&again).await.unwrap();
        assert_eq!(t.dead_letters.count().await.unwrap(), 0, "{kind}");
    }
}

/// With the newest reason and a count; by the first process that records it.
pub async fn a_dead_letter_that_failed_again_says_so_and_is_still_one(t: LogUnderTest) {
    let dead_letter = dead_letter(some_conversation(), 7);
    t.dead_letter_sink.store(&dead_letter).await.unwrap();
    let first = t.dead_letters.find(DeadLetterScope::Installation, &dead_letter.id()).await.unwrap().unwrap();
    t.dead_letters.failed_again(&first, "second reason").await.unwrap();
    t.dead_letters.failed_again(&first, "late to the party").await.unwrap();
    let [stored] = &all(&*t.dead_letters, DeadLetterScope::Installation).await[..] else { panic!("one dead letter") };
    assert_eq!((stored.record.reason.as_str(), stored.redeliveries), ("second reason", 1));
    assert_eq!((stored.dead_lettered_at, &stored.record.payload), (first.dead_lettered_at, &dead_letter.payload));
    assert!(stored.tried_at >= first.tried_at && stored.place > first.place);
    assert_eq!(t.dead_letters.count().await.unwrap(), 1);

    // Stored once more by a worker that had it in hand: what is known of it stays.
    t.dead_letter_sink.store(&dead_letter).await.unwrap();
    assert_eq!(all(&*t.dead_letters, DeadLetterScope::Installation).await, std::slice::from_ref(stored));
}

/// Removing is final and safe to repeat, and what is gone does not come back by failing again.
pub async fn a_removed_dead_letter_is_gone_and_no_other(t: LogUnderTest) {
    let key = some_conversation();
    for log_seq in [7, 77] {
        t.dead_letter_sink.store(&dead_letter(key, log_seq)).await.unwrap();
    }
    let first = t.dead_letters.find(DeadLetterScope::Installation, &dead_letter(key, 7).id()).await.unwrap().unwrap();
    for _ in 0..2 {
        t.dead_letters.remove(&first).await.unwrap();
    }
    t.dead_letters.failed_again(&first, "from beyond").await.unwrap();
    assert_eq!(t.dead_letters.find(DeadLetterScope::Installation, &first.record.id()).await.unwrap(), None);
    let [other] = &all(&*t.dead_letters, DeadLetterScope::Installation).await[..] else { panic!("one dead letter") };
    assert_eq!((other.record.log_seq, t.dead_letters.count().await.unwrap()), (77, 1));
}

/// Whatever the order in which they were stored.
pub async fn dead_letters_of_a_conversation_come_in_the_order_of_the_log(t: LogUnderTest) {
    let (key, other) = (some_conversation(), some_conversation());
    for log_seq in [9, 3, 5] {
        t.dead_letter_sink.store(&dead_letter(key, log_seq)).await.unwrap();
        t.dead_letter_sink.store(&dead_letter(other, log_seq + 100)).await.unwrap();
    }
    t.dead_letter_sink.store(&DeadLetter { consumer: "push".to_owned(), ..dead_letter(key, 4) }).await.unwrap();
    let of_key = t.dead_letters.of_conversation(key, "persist", 100).await.unwrap();
    assert_eq!(of_key.iter().map(|stored| stored.record.log_seq).collect::<Vec<_>>(), [3, 5, 9]);
    assert_eq!(t.dead_letters.of_conversation(key, "persist", 2).await.unwrap().len(), 2);
}

/// It was accepted and is in no database: the log keeps it and what follows until an operator has decided.
pub async fn a_dead_letter_of_the_persist_queue_is_not_trimmed(t: LogUnderTest) {
    let key = some_conversation();
    let places = fill(&*t.log, key, &["a", "b", "c"]).await;
    let mut stream = String::new();
    for queue in [&t.persist, &t.push] {
        for delivery in take_exactly(&**queue, 3).await {
            if queue.name() == "persist" && delivery.log_seq == places[1] {
                stream.clone_from(&delivery.stream);
                let dead_letter = DeadLetter { stream: delivery.stream.clone(), ..dead_letter(key, delivery.log_seq) };
                t.dead_letter_sink.store(&dead_letter).await.unwrap();
            }
            delivery.handle.ack().await.unwrap();
        }
    }
    until(|| async { position(&*t.trim, &stream).await.processed_seq == places[0] }).await;
    let stored = all(&*t.dead_letters, DeadLetterScope::Installation).await.remove(0);
    t.dead_letters.remove(&stored).await.unwrap();
    until(|| async { position(&*t.trim, &stream).await.processed_seq == places[2] }).await;
}
