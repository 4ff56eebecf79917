//! What was persisted is looked at once more, all the time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use frontdesk_workers::{Anomaly, IntegrityCheck, ReconcileWorker, VerifyReport, Worker as _};

use super::desk::{Desk, NO_WAIT, Talk};

/// A desk that is audited from its first entry on.
async fn audited() -> (Desk, IntegrityCheck, Talk) {
    let desk = Desk::new();
    let audit = IntegrityCheck::new(&desk.context::<ReconcileWorker>());
    audit.step().await.unwrap();
    let talk = Talk::open(&desk).await;
    (desk, audit, talk)
}

async fn persist(desk: &Desk, talk: &Talk) {
    while desk.stored(talk.key).await < talk.state.last_seq {
        desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    }
}

fn logged(reports: &[VerifyReport]) -> u64 {
    reports.iter().map(|report| report.counts.logged).sum()
}

#[tokio::test]
async fn everything_that_is_persisted_is_looked_at_once() {
    let (desk, audit, mut talk) = audited().await;
    talk.hear_many(3).await;
    assert!(audit.step().await.unwrap().is_empty(), "nothing is persisted yet");
    persist(&desk, &talk).await;
    let reports = audit.step().await.unwrap();
    assert!(logged(&reports) == 4 && reports.iter().all(VerifyReport::is_clean), "{reports:?}");
    assert!(audit.step().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_the_database_lost_again_is_named_at_the_next_look() {
    let (desk, audit, mut talk) = audited().await;
    talk.hear_many(3).await;
    persist(&desk, &talk).await;
    desk.store.tamper(talk.key, |_, entries| drop(entries.remove(2)));
    let [report] = &audit.step().await.unwrap()[..] else { panic!("one stream") };
    let found: Vec<_> = report.findings().map(|(anomaly, finding)| (*anomaly, finding.key, finding.seq)).collect();
    assert_eq!(found, [(Anomaly::Missing, Some(talk.key), 3)]);
}

#[tokio::test]
async fn more_than_it_can_look_at_is_passed_over_and_the_newest_is_not() {
    let (desk, audit, mut talk) = audited().await;
    talk.hear_many(560).await;
    persist(&desk, &talk).await;
    desk.store.tamper(talk.key, |_, entries| drop(entries.pop()));
    let [report] = &audit.step().await.unwrap()[..] else { panic!("one stream") };
    assert_eq!((report.counts.logged, report.count(Anomaly::Missing)), (50, 1));
}

#[tokio::test]
async fn while_the_database_is_away_nothing_is_passed_over() {
    let (desk, audit, mut talk) = audited().await;
    talk.hear_many(3).await;
    persist(&desk, &talk).await;
    desk.store.set_available(false);
    audit.step().await.unwrap_err();
    desk.store.set_available(true);
    assert_eq!(logged(&audit.step().await.unwrap()), 4);
}
