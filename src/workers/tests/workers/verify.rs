//! Every anomaly that `verify` can find, made on purpose.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{sync::Arc, time::Duration};

use frontdesk_domain::{ClientId, ConversationKey, Entry, MessageText, Participant, ReceiptKind, Status};
use frontdesk_ports::{AckRecord, Acks as _, Trim as _, content_hash};
use frontdesk_protocol::{Ack, AckKind, Envelope};
use frontdesk_workers::{Anomaly, Counts, Verifier, VerifyOptions, VerifyReport, Worker as _};
use uuid::Uuid;

use super::{
    desk::{Desk, NO_WAIT, Talk},
    faults::{Answers, Strict},
};

const GRACE: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_secs(3_600);

/// A desk whose clock stands well after zero, with a conversation of four entries in log and database.
async fn talked() -> (Desk, Talk) {
    let desk = Desk::new();
    desk.clock.advance(HOUR);
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(3).await;
    persist(&desk).await;
    (desk, talk)
}

async fn persist(desk: &Desk) {
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
}

async fn verify(desk: &Desk) -> VerifyReport {
    verify_with(desk, None, true).await
}

async fn verify_with(desk: &Desk, since: Option<Duration>, workers_run: bool) -> VerifyReport {
    let options = VerifyOptions { scope: None, since, grace: GRACE, workers_run };
    let verifier = Verifier::new(Arc::new(desk.log.clone()), desk.store.clone(), desk.clock.clone(), options);
    let report = verifier.run().await.unwrap();
    assert_eq!(verifier.progress(), report.counts);
    report
}

/// The report holds this and nothing else.
#[track_caller]
fn assert_only(report: &VerifyReport, anomaly: Anomaly, found: &[(ConversationKey, u64)]) {
    for other in Anomaly::ALL {
        let expected = if other == anomaly { found.len() as u64 } else { 0 };
        assert_eq!(report.count(other), expected, "{other:?} in {report:?}");
    }
    let named: Vec<_> = report.findings().map(|(_, finding)| (finding.key.unwrap(), finding.seq)).collect();
    assert_eq!(named, found);
}

/// Appends what no writer of ours would.
fn plant(desk: &Desk, key: ConversationKey, entry: Entry) {
    desk.log.append_raw(key, Envelope::new(key, entry, None).encode());
}

#[tokio::test]
async fn what_agrees_is_counted_and_found_clean() {
    let (desk, _) = talked().await;
    let mut other = Talk::open(&desk).await;
    other.hear_many(1_200).await;
    while desk.stored(other.key).await < 1_201 {
        persist(&desk).await;
    }
    let report = verify(&desk).await;
    assert!(report.is_clean(), "{report:?}");
    let counts = report.counts;
    assert_eq!((counts.logged, counts.compared, counts.conversations, counts.entries), (1_205, 1_205, 2, 1_205));
}

#[tokio::test]
async fn what_was_trimmed_from_the_log_is_not_missing() {
    let (desk, talk) = talked().await;
    let stream = desk.position(&talk).await.stream;
    desk.log.trim(&stream, 3).await.unwrap();
    let report = verify(&desk).await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.counts.logged, report.counts.entries), (1, 4));
}

#[tokio::test]
async fn an_entry_that_is_not_in_the_database_is_missing_once_it_is_old_enough() {
    let (desk, mut talk) = talked().await;
    talk.hear("on its way").await;
    let report = verify(&desk).await;
    assert!(report.is_clean() && report.counts.waiting == 1, "{report:?}");
    desk.clock.advance(GRACE);
    assert_only(&verify(&desk).await, Anomaly::Missing, &[(talk.key, 5)]);
    let report = verify_with(&desk, None, false).await;
    assert!(report.is_clean() && report.counts.waiting == 1, "it waits for a worker: {report:?}");
    persist(&desk).await;
    assert!(verify(&desk).await.is_clean());
}

#[tokio::test]
async fn an_entry_that_was_acknowledged_and_not_written_is_missing_whoever_runs() {
    let (desk, mut talk) = talked().await;
    talk.hear("forgotten").await;
    for delivery in desk.log.persist_work().take(10, NO_WAIT).await.unwrap() {
        delivery.handle.ack().await.unwrap();
    }
    desk.clock.advance(GRACE);
    assert_only(&verify_with(&desk, None, false).await, Anomaly::Missing, &[(talk.key, 5)]);
}

#[tokio::test]
async fn a_hole_in_the_database_is_missing_and_counted_once() {
    let (desk, talk) = talked().await;
    desk.store.tamper(talk.key, |_, entries| drop(entries.remove(1)));
    desk.clock.advance(GRACE);
    assert_only(&verify(&desk).await, Anomaly::Missing, &[(talk.key, 2)]);
    let stream = desk.position(&talk).await.stream;
    desk.log.trim(&stream, 4).await.unwrap();
    assert_only(&verify(&desk).await, Anomaly::Missing, &[(talk.key, 2)]);
    desk.store.tamper(talk.key, |_, entries| drop(entries.pop()));
    assert_only(&verify(&desk).await, Anomaly::Missing, &[(talk.key, 2), (talk.key, 4)]);
}

#[tokio::test]
async fn a_number_that_the_log_skips_is_missing() {
    let (desk, talk) = talked().await;
    let mut ahead = talk.next_message("six");
    ahead.seq = 6;
    plant(&desk, talk.key, ahead);
    assert_only(&verify(&desk).await, Anomaly::Missing, &[(talk.key, 5)]);
}

#[tokio::test]
async fn a_record_that_was_logged_again_is_duplicated() {
    let (desk, mut talk) = talked().await;
    let entry = talk.next_message("twice");
    talk.append_entry(entry.clone()).await;
    plant(&desk, talk.key, entry.clone());
    assert_only(&verify(&desk).await, Anomaly::Duplicated, &[(talk.key, 5)]);
    persist(&desk).await;
    assert_only(&verify(&desk).await, Anomaly::Duplicated, &[(talk.key, 5)]);
}

#[tokio::test]
async fn a_request_that_was_logged_under_two_numbers_is_duplicated() {
    let (desk, mut talk) = talked().await;
    let entry = talk.next_message("twice");
    talk.append_entry(entry.clone()).await;
    persist(&desk).await;
    plant(&desk, talk.key, Entry { seq: 6, prev_public: 5, ..entry });
    assert_only(&verify(&desk).await, Anomaly::Duplicated, &[(talk.key, 6)]);
}

#[tokio::test]
async fn a_request_that_stands_twice_in_the_database_is_duplicated() {
    let (desk, talk) = talked().await;
    let entry = talk.next_message("twice");
    let again = Entry { seq: 6, prev_public: 5, ..entry.clone() };
    desk.store.tamper(talk.key, |snapshot, entries| {
        for entry in [entry, again] {
            snapshot.conversation.apply(&entry);
            let hash = content_hash(&Envelope::new(talk.key, entry.clone(), None));
            entries.push((entry, hash));
        }
    });
    assert_only(&verify(&desk).await, Anomaly::Duplicated, &[(talk.key, 6)]);
}

#[tokio::test]
async fn a_smaller_number_behind_a_larger_one_is_misordered() {
    let (desk, mut talk) = talked().await;
    let early = talk.next_message("five");
    let mut late = talk.next_message("six");
    late.seq = 6;
    plant(&desk, talk.key, late);
    talk.state.last_seq = 5;
    plant(&desk, talk.key, early);
    assert_only(&verify(&desk).await, Anomaly::Misordered, &[(talk.key, 5)]);
}

#[tokio::test]
async fn other_content_under_a_number_is_contradicting_wherever_it_was_changed() {
    let (desk, talk) = talked().await;
    desk.store.tamper(talk.key, |_, entries| {
        entries[2].0.event = frontdesk_domain::Event::message(MessageText::new("forged").unwrap());
    });
    assert_only(&verify(&desk).await, Anomaly::Contradicting, &[(talk.key, 3)]);

    let (desk, talk) = talked().await;
    let mut other = talk.next_message("another four");
    other.seq = 4;
    other.client_id = ClientId(Uuid::now_v7());
    plant(&desk, talk.key, other);
    assert_only(&verify(&desk).await, Anomaly::Contradicting, &[(talk.key, 4)]);
}

#[tokio::test]
async fn a_row_that_is_not_the_fold_of_its_entries_is_unfolded() {
    let (desk, talk) = talked().await;
    desk.store.tamper(talk.key, |snapshot, _| snapshot.conversation.status = Status::Resolved);
    assert_only(&verify(&desk).await, Anomaly::Unfolded, &[(talk.key, 4)]);

    let (desk, talk) = talked().await;
    desk.store.tamper(talk.key, |snapshot, entries| {
        snapshot.conversation = frontdesk_domain::Conversation::default();
        entries[..2].iter().for_each(|(entry, _)| snapshot.conversation.apply(entry));
    });
    assert_only(&verify(&desk).await, Anomaly::Unfolded, &[(talk.key, 4)]);
}

#[tokio::test]
async fn bytes_that_are_no_entry_of_their_subject_are_unreadable() {
    let (desk, talk) = talked().await;
    desk.log.append_raw(talk.key, b"\xc1 nonsense".as_slice().into());
    let stranger = Talk::open(&Desk::new()).await;
    desk.log.append_raw(talk.key, Envelope::new(stranger.key, stranger.next_message("lost"), None).encode());
    assert_only(&verify(&desk).await, Anomaly::Unreadable, &[(talk.key, 0), (talk.key, 0)]);
}

#[tokio::test]
async fn only_conversations_with_something_new_are_looked_at_when_asked_for() {
    let (desk, old) = talked().await;
    desk.store.tamper(old.key, |snapshot, _| snapshot.conversation.status = Status::Resolved);
    desk.clock.advance(HOUR);
    let mut new = Talk::open(&desk).await;
    new.hear("today").await;
    persist(&desk).await;
    let report = verify_with(&desk, Some(HOUR / 2), true).await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.counts.compared, report.counts.conversations), (2, 1));
    assert!(!verify(&desk).await.is_clean());
}

#[tokio::test]
async fn a_database_or_log_that_is_away_is_an_error_and_never_clean() {
    let (desk, _) = talked().await;
    let options = VerifyOptions { scope: None, since: None, grace: GRACE, workers_run: true };
    let verifier = Verifier::new(Arc::new(desk.log.clone()), desk.store.clone(), desk.clock.clone(), options);
    desk.store.set_available(false);
    assert!(verifier.run().await.is_err());
    desk.store.set_available(true);
    desk.log.set_unavailable(true);
    assert!(verifier.run().await.is_err());
}

#[tokio::test]
async fn findings_are_bounded_and_counts_are_not() {
    let (desk, talk) = talked().await;
    for _ in 0..300 {
        desk.log.append_raw(talk.key, b"\xc1".as_slice().into());
    }
    let report = verify(&desk).await;
    assert_eq!((report.count(Anomaly::Unreadable), report.findings().count()), (300, 100));
}

/// Publishes an acknowledgement to the ack stream.
async fn tell(desk: &Desk, key: ConversationKey, kind: AckKind, up_to_seq: u64) {
    desk.log.acknowledge(AckRecord { key, kind, ack: Ack { up_to_seq } }).await.unwrap();
}

fn receipt(talk: &Talk, kind: ReceiptKind) -> AckKind {
    AckKind::Receipt(Participant::Contact(talk.contact), kind)
}

#[tokio::test]
async fn what_people_were_told_is_compared_and_counted() {
    let (desk, mut talk) = talked().await;
    tell(&desk, talk.key, receipt(&talk, ReceiptKind::Delivered), 4).await;
    tell(&desk, talk.key, receipt(&talk, ReceiptKind::Read), 3).await;
    desk.receipts_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    let report = verify(&desk).await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.counts.acknowledgements, report.counts.receipts), (3, 1));
    // Ahead of the database, and not of the log.
    talk.hear("five").await;
    tell(&desk, talk.key, receipt(&talk, ReceiptKind::Delivered), 5).await;
    desk.receipts_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    assert!(verify(&desk).await.is_clean());
}

#[tokio::test]
async fn senders_who_were_told_of_what_is_not_in_the_database_are_told_too_much() {
    let (desk, mut talk) = talked().await;
    talk.hear("five").await;
    tell(&desk, talk.key, AckKind::Persisted, 5).await;
    assert_only(&verify(&desk).await, Anomaly::Overstated, &[(talk.key, 5)]);
    persist(&desk).await;
    assert!(verify(&desk).await.is_clean());
}

#[tokio::test]
async fn senders_who_were_not_told_of_what_is_in_the_database_are_told_too_little() {
    let mut desk = Desk::new();
    desk.clock.advance(HOUR);
    let mut talk = Talk::open(&desk).await;
    persist(&desk).await;
    talk.hear("two").await;
    desk.ports.log = Strict::on(&desk, Answers::Badly);
    persist(&desk).await;
    assert!(verify(&desk).await.is_clean(), "it is on its way");
    desk.clock.advance(GRACE);
    assert_only(&verify(&desk).await, Anomaly::Understated, &[(talk.key, 2)]);
    assert!(verify_with(&desk, None, false).await.is_clean(), "no worker runs that could have acknowledged");
}

#[tokio::test]
async fn receipts_for_what_was_never_logged_are_overstated_wherever_they_stand() {
    let (desk, talk) = talked().await;
    tell(&desk, talk.key, receipt(&talk, ReceiptKind::Read), 9).await;
    assert_only(&verify(&desk).await, Anomaly::Overstated, &[(talk.key, 9)]);
    desk.receipts_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    assert_only(&verify(&desk).await, Anomaly::Overstated, &[(talk.key, 9), (talk.key, 9)]);
}

#[tokio::test]
async fn a_receipt_that_was_taken_and_not_written_is_understated() {
    let (desk, talk) = talked().await;
    tell(&desk, talk.key, receipt(&talk, ReceiptKind::Delivered), 3).await;
    assert!(verify(&desk).await.is_clean(), "it waits for a worker");
    for delivery in desk.log.receipts_work().take(10, NO_WAIT).await.unwrap() {
        delivery.handle.ack().await.unwrap();
    }
    assert_only(&verify(&desk).await, Anomaly::Understated, &[(talk.key, 3)]);
}

#[tokio::test]
async fn a_check_of_one_tenant_sees_nothing_of_another() {
    let (desk, mut ours) = talked().await;
    let mut theirs = Talk::open(&desk).await;
    theirs.hear("private").await;
    persist(&desk).await;
    for talk in [&mut ours, &mut theirs] {
        talk.hear("forgotten").await;
        tell(&desk, talk.key, receipt(talk, ReceiptKind::Read), 9).await;
    }
    desk.clock.advance(GRACE);
    assert_eq!(verify(&desk).await.count(Anomaly::Missing), 2);
    let options = VerifyOptions { scope: Some(ours.key.tenant), since: None, grace: GRACE, workers_run: true };
    let verifier = Verifier::new(Arc::new(desk.log.clone()), desk.store.clone(), desk.clock.clone(), options);
    let report = verifier.run().await.unwrap();
    assert!(report.findings().all(|(_, finding)| finding.key == Some(ours.key)), "{report:?}");
    assert_eq!((report.count(Anomaly::Missing), report.count(Anomaly::Overstated)), (1, 1));
    let Counts { logged, conversations, entries, acknowledgements, .. } = report.counts;
    assert_eq!((logged, conversations, entries, acknowledgements), (5, 1, 4, 2));
}
