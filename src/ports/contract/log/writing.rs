//! Compare-and-set, reading back.

use frontdesk_domain::Participant;

use super::{LogUnderTest, fill, message, neighbour, some_agent, some_conversation, text};
use crate::log::AppendError;

/// Nothing was ever said.
pub async fn an_empty_conversation_has_no_last_record(t: LogUnderTest) {
    let key = some_conversation();
    assert_eq!(t.log.last(key).await.unwrap(), None);
    assert_eq!(t.log.read(key, 0, 10).await.unwrap(), []);
    assert_eq!(t.log.persisted(key).await.unwrap(), 0);
}

/// What one handle appends, the other reads.
pub async fn records_are_read_back_as_they_were_appended(t: LogUnderTest) {
    let key = some_conversation();
    let mut envelope = message(key, 1, "你好, hello");
    envelope.trace = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    let log_seq = t.log.append(&envelope, 0).await.unwrap();
    let last = t.other.last(key).await.unwrap().unwrap();
    assert_eq!((last.log_seq, &last.envelope), (log_seq, &envelope));
    assert_eq!(t.other.read(key, 0, 10).await.unwrap(), [last]);
}

/// Neighbours on the same stream, a start in the middle, a limit.
pub async fn reading_keeps_to_its_conversation_its_start_and_its_limit(t: LogUnderTest) {
    let key = some_conversation();
    let other = neighbour(key, true);
    let (mut mine, mut theirs) = (vec![0], 0);
    for seq in 1..=5 {
        mine.push(t.log.append(&message(key, seq, &format!("mine {seq}")), mine[mine.len() - 1]).await.unwrap());
        theirs = t.log.append(&message(other, seq, "theirs"), theirs).await.unwrap();
    }
    let read = t.log.read(key, mine[2], 2).await.unwrap();
    assert_eq!(read.iter().map(|record| record.log_seq).collect::<Vec<_>>(), mine[3..=4]);
    assert_eq!(read.iter().map(|record| text(&record.envelope)).collect::<Vec<_>>(), ["mine 3", "mine 4"]);
    assert_eq!(t.log.read(key, mine[5], 10).await.unwrap(), []);
    assert_eq!(t.log.read(key, 0, 100).await.unwrap().len(), 5);
}

/// The expectation must name the last record exactly: neither an older one nor none.
pub async fn an_append_upon_an_older_record_is_refused_and_stores_nothing(t: LogUnderTest) {
    let key = some_conversation();
    let places = fill(&*t.log, key, &["one", "two"]).await;
    for expected in [0, places[0], places[1] + 1] {
        let refused = t.other.append(&message(key, 3, "three"), expected).await;
        assert!(matches!(refused, Err(AppendError::Conflict)), "{expected}: {refused:?}");
    }
    assert_eq!(t.log.read(key, 0, 10).await.unwrap().len(), 2);
    t.other.append(&message(key, 3, "three"), places[1]).await.unwrap();
}

/// The arbiter of order: one of those who saw the same last record.
pub async fn of_many_that_append_at_once_one_wins(t: LogUnderTest) {
    let key = some_conversation();
    let place = fill(&*t.log, key, &["one"]).await[0];
    let tries = (0..16).map(|n| {
        let log = if n % 2 == 0 { t.log.clone() } else { t.other.clone() };
        tokio::spawn(async move { log.append(&message(key, 2, "two"), place).await })
    });
    let (mut won, mut lost) = (0, 0);
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(_) => won += 1,
            Err(AppendError::Conflict) => lost += 1,
            Err(other) => panic!("neither won nor lost: {other:?}"),
        }
    }
    assert_eq!((won, lost), (1, 15));
    assert_eq!(t.log.read(key, 0, 10).await.unwrap().len(), 2);
}

/// A repeat after an unknown outcome: with the old expectation and, by mistake, with the new one.
pub async fn the_same_record_twice_is_stored_once(t: LogUnderTest) {
    let key = some_conversation();
    let envelope = message(key, 1, "once");
    let place = t.log.append(&envelope, 0).await.unwrap();
    for expected in [0, place] {
        let repeated = t.other.append(&envelope, expected).await;
        assert!(matches!(repeated, Err(AppendError::Conflict)), "{expected}: {repeated:?}");
    }
    assert_eq!(t.log.read(key, 0, 10).await.unwrap().len(), 1);
}

/// Client ids belong to their sender: guessing the id of another's record does not suppress it.
pub async fn the_same_client_id_of_two_senders_is_two_records(t: LogUnderTest) {
    let key = some_conversation();
    let first = message(key, 1, "mine");
    let mut second = message(key, 2, "also mine");
    second.entry.client_id = first.entry.client_id;
    second.entry.author.member = some_agent();
    let place = t.log.append(&first, 0).await.unwrap();
    t.log.append(&second, place).await.unwrap();
    let mut elsewhere = message(neighbour(key, true), 1, "elsewhere");
    elsewhere.entry.client_id = first.entry.client_id;
    assert!(matches!(first.entry.author.member, Participant::Contact(_)));
    t.log.append(&elsewhere, 0).await.unwrap();
    assert_eq!(t.log.read(key, 0, 10).await.unwrap().len(), 2);
}

/// Long texts come back whole; what is beyond all bounds is refused and leaves no trace.
pub async fn a_long_record_survives_and_one_too_large_is_refused(t: LogUnderTest) {
    let key = some_conversation();
    let mut long = message(key, 1, &"你好 ".repeat(500));
    let place = t.log.append(&long, 0).await.unwrap();
    assert_eq!(t.other.last(key).await.unwrap().unwrap().envelope, long);
    assert_eq!(t.other.read(key, 0, 1).await.unwrap()[0].envelope, long);

    long = message(key, 2, "and");
    long.extra.insert("attachment".to_owned(), "x".repeat(300_000).into());
    let refused = t.log.append(&long, place).await;
    assert!(matches!(refused, Err(AppendError::TooLarge)), "{refused:?}");
    assert_eq!(t.log.last(key).await.unwrap().unwrap().log_seq, place);
}
