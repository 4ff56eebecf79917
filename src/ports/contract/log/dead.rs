//! Dead letters: parking, listing, failing again, removing.

use bytes::Bytes;
use frontdesk_domain::{ConversationKey, Partition};

use super::{
    LogUnderTest, fill, some_conversation,
    work::{position, take_exactly, until},
};
use crate::{
    Subject, SubjectNames,
    dead_letter::{DeadLetter, LetterScope, ParkedLetter, ParkedLetters},
};

/// A record of `key` that the queue for the database gave up.
fn letter(key: ConversationKey, log_seq: u64) -> DeadLetter {
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

async fn all(letters: &dyn ParkedLetters, scope: LetterScope) -> Vec<ParkedLetter> {
    letters.letters(scope, 0, 100).await.unwrap()
}

/// The same record, given up by two workers or by one that was killed after parking it.
pub async fn parking_twice_is_safe(t: LogUnderTest) {
    let letter = letter(some_conversation(), 7);
    t.dead_letters.park(&letter).await.unwrap();
    t.dead_letters.park(&DeadLetter { reason: "another".to_owned(), ..letter.clone() }).await.unwrap();
    let [parked] = &all(&*t.parked, LetterScope::Desk).await[..] else { panic!("one letter") };
    assert_eq!((&parked.letter, parked.redeliveries), (&letter, 0));
    assert_eq!(parked.parked_at, parked.tried_at);
    assert_eq!(t.parked.count().await.unwrap(), 1);

    // Another queue's trouble with the same record is another letter.
    t.dead_letters.park(&DeadLetter { consumer: "push".to_owned(), ..letter }).await.unwrap();
    assert_eq!(t.parked.count().await.unwrap(), 2);
}

/// No tenant sees another's, by list or by name; operators see all, those of no tenant included.
pub async fn parked_letters_are_listed_in_pages_and_to_their_tenant_only(t: LogUnderTest) {
    let (ours, theirs) = (some_conversation(), some_conversation());
    for log_seq in 1..=5 {
        t.dead_letters.park(&letter(ours, log_seq)).await.unwrap();
    }
    t.dead_letters.park(&letter(theirs, 6)).await.unwrap();
    t.dead_letters.park(&DeadLetter { subject: Subject::unknown("noise"), ..letter(ours, 7) }).await.unwrap();

    let scope = LetterScope::Tenant(ours.tenant);
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let page = t.parked.letters(scope, after, 2).await.unwrap();
        assert!(page.len() <= 2 && page.iter().all(|parked| parked.tenant == Some(ours.tenant)));
        assert!(page.iter().all(|parked| parked.conversation == Some(ours)));
        let Some(last) = page.last() else { break };
        after = last.place;
        seen.extend(page.iter().map(|parked| parked.letter.log_seq));
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    let desk: Vec<_> = all(&*t.parked, LetterScope::Desk).await;
    assert_eq!(desk.iter().map(|parked| parked.letter.log_seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!((desk[6].tenant, desk[6].conversation), (None, None));

    let id = letter(theirs, 6).id();
    assert_eq!(t.parked.letter(scope, &id).await.unwrap(), None);
    let own = t.parked.letter(LetterScope::Tenant(theirs.tenant), &id).await.unwrap();
    assert_eq!(own.as_ref(), Some(&desk[5]));
    assert_eq!(t.parked.letter(LetterScope::Desk, &id).await.unwrap(), own);
}

/// With the newest reason and a count; by the first process that records it.
pub async fn a_letter_that_failed_again_says_so_and_is_still_one(t: LogUnderTest) {
    let letter = letter(some_conversation(), 7);
    t.dead_letters.park(&letter).await.unwrap();
    let first = t.parked.letter(LetterScope::Desk, &letter.id()).await.unwrap().unwrap();
    t.parked.failed_again(&first, "second reason").await.unwrap();
    t.parked.failed_again(&first, "late to the party").await.unwrap();
    let [parked] = &all(&*t.parked, LetterScope::Desk).await[..] else { panic!("one letter") };
    assert_eq!((parked.letter.reason.as_str(), parked.redeliveries), ("second reason", 1));
    assert_eq!((parked.parked_at, &parked.letter.payload), (first.parked_at, &letter.payload));
    assert!(parked.tried_at >= first.tried_at && parked.place > first.place);
    assert_eq!(t.parked.count().await.unwrap(), 1);

    // Given up once more by a worker that had it in hand: what is known of it stays.
    t.dead_letters.park(&letter).await.unwrap();
    assert_eq!(all(&*t.parked, LetterScope::Desk).await, std::slice::from_ref(parked));
}

/// Removing is final and safe to repeat, and what is gone does not come back by failing again.
pub async fn a_removed_letter_is_gone_and_no_other(t: LogUnderTest) {
    let key = some_conversation();
    for log_seq in [7, 77] {
        t.dead_letters.park(&letter(key, log_seq)).await.unwrap();
    }
    let first = t.parked.letter(LetterScope::Desk, &letter(key, 7).id()).await.unwrap().unwrap();
    for _ in 0..2 {
        t.parked.remove(&first).await.unwrap();
    }
    t.parked.failed_again(&first, "from beyond").await.unwrap();
    assert_eq!(t.parked.letter(LetterScope::Desk, &first.letter.id()).await.unwrap(), None);
    let [other] = &all(&*t.parked, LetterScope::Desk).await[..] else { panic!("one letter") };
    assert_eq!((other.letter.log_seq, t.parked.count().await.unwrap()), (77, 1));
}

/// Whatever the order in which they were parked.
pub async fn letters_of_a_conversation_come_in_the_order_of_the_log(t: LogUnderTest) {
    let (key, other) = (some_conversation(), some_conversation());
    for log_seq in [9, 3, 5] {
        t.dead_letters.park(&letter(key, log_seq)).await.unwrap();
        t.dead_letters.park(&letter(other, log_seq + 100)).await.unwrap();
    }
    t.dead_letters.park(&DeadLetter { consumer: "push".to_owned(), ..letter(key, 4) }).await.unwrap();
    let of_key = t.parked.of_conversation(key, "persist", 100).await.unwrap();
    assert_eq!(of_key.iter().map(|parked| parked.letter.log_seq).collect::<Vec<_>>(), [3, 5, 9]);
    assert_eq!(t.parked.of_conversation(key, "persist", 2).await.unwrap().len(), 2);
}

/// It was accepted and is in no database: the log keeps it and what follows until an operator has decided.
pub async fn what_is_parked_for_the_database_is_not_trimmed(t: LogUnderTest) {
    let key = some_conversation();
    let places = fill(&*t.log, key, &["a", "b", "c"]).await;
    let mut stream = String::new();
    for queue in [&t.persist, &t.push] {
        for delivery in take_exactly(&**queue, 3).await {
            if queue.name() == "persist" && delivery.log_seq == places[1] {
                stream.clone_from(&delivery.stream);
                let letter = DeadLetter { stream: delivery.stream.clone(), ..letter(key, delivery.log_seq) };
                t.dead_letters.park(&letter).await.unwrap();
            }
            delivery.handle.ack().await.unwrap();
        }
    }
    until(|| async { position(&*t.trim, &stream).await.processed_seq == places[0] }).await;
    let parked = all(&*t.parked, LetterScope::Desk).await.remove(0);
    t.parked.remove(&parked).await.unwrap();
    until(|| async { position(&*t.trim, &stream).await.processed_seq == places[2] }).await;
}
