//! What is left behind between log, database and channel 2, and what is done about it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_domain::{Audience, ConversationKey, TenantId, Timestamp};
use frontdesk_memory::MemoryStore;
use frontdesk_ports::{
    ConversationStore as _, EntryRange, IntegrityRecord, KnownEntry, MessageLog as _, Record, StoreError,
    StoreInspector, StoredConversation, StoredEntry, StoredProgress, TenantCounts, TenantFilter,
};
use frontdesk_workers::{ReconcileWorker, StepOutcome, Worker as _};

use super::{
    desk::{Desk, NO_WAIT, Talk, eventually},
    faults::{Answers, Strict},
};

/// Longer than the least patience, and far shorter than the broker's wait for a worker.
const LATER: Duration = Duration::from_millis(300);

/// Looks, lets time pass, and looks until there is nothing left to do.
async fn reconcile(desk: &Desk, worker: &ReconcileWorker) -> usize {
    look_everywhere(desk, worker).await;
    desk.clock.advance(LATER);
    let mut done = 0;
    while let StepOutcome::Worked(count) = worker.step(NO_WAIT, &desk.stop).await.unwrap() {
        done += count;
    }
    done
}

/// A stream in which nothing waits is asked every fourth look only.
async fn look_everywhere(desk: &Desk, worker: &ReconcileWorker) {
    for _ in 0..4 {
        assert_eq!(worker.step(NO_WAIT, &desk.stop).await.unwrap(), StepOutcome::Idle);
    }
}

async fn seqs(desk: &Desk, key: ConversationKey) -> Vec<u64> {
    let entries = desk.store.entries(key, EntryRange::After(0), Audience::Staff, 10_000).await.unwrap();
    entries.iter().map(|entry| entry.seq).collect()
}

#[tokio::test]
async fn what_a_killed_worker_took_is_written_and_told_long_before_it_comes_again() {
    let desk = Desk::new();
    let (mut one, mut two) = (Talk::open(&desk).await, Talk::open(&desk).await);
    one.hear_many(600).await;
    two.hear_many(3).await;
    let with_the_dead = desk.log.persist_work().take(1_000, NO_WAIT).await.unwrap();
    assert_eq!(with_the_dead.len(), 605);
    let worker = desk.reconciler();
    assert!(reconcile(&desk, &worker).await >= 605);
    for talk in [&one, &two] {
        assert_eq!(desk.store.load(talk.key).await.unwrap().unwrap().conversation, talk.state);
        assert_eq!(seqs(&desk, talk.key).await, (1..=talk.state.last_seq).collect::<Vec<_>>());
        assert_eq!(desk.persisted(talk.key).await, talk.state.last_seq);
        assert_eq!(
            desk.log.read(talk.key, 0, 1_000).await.unwrap().len() as u64,
            talk.state.last_seq,
            "nothing is logged"
        );
    }
    for talk in [&one, &two] {
        let book = desk.store.integrity_record(talk.key.tenant).await.unwrap();
        assert_eq!(
            (book.repaired_entries, book.repaired_acknowledgements > 0),
            (talk.state.last_seq, true),
            "{book:?}"
        );
    }
    desk.clock.advance(LATER * 100);
    look_everywhere(&desk, &worker).await;
    drop(with_the_dead);
}

#[tokio::test]
async fn what_is_in_time_is_left_to_the_workers() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(3).await;
    let worker = desk.reconciler();
    look_everywhere(&desk, &worker).await;
    desk.clock.advance(Duration::from_millis(200));
    look_everywhere(&desk, &worker).await;
    assert_eq!((desk.stored(talk.key).await, desk.persisted(talk.key).await), (0, 0));
    desk.persist_worker().step(NO_WAIT, &desk.stop).await.unwrap();
    desk.clock.advance(LATER);
    look_everywhere(&desk, &worker).await;
    assert_eq!(desk.persisted(talk.key).await, 4);
}

#[tokio::test(start_paused = true)]
async fn what_was_committed_by_a_worker_that_died_before_it_told_is_told() {
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
    assert_eq!(reconcile(&desk, &desk.reconciler()).await, 5);
    assert_eq!(desk.persisted(talk.key).await, 5);
    let book = desk.store.integrity_record(talk.key.tenant).await.unwrap();
    assert_eq!((book.repaired_entries, book.repaired_acknowledgements), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_told_is_told_later() {
    let mut desk = Desk::new();
    let talk = Talk::open(&desk).await;
    let _with_the_dead = desk.log.persist_work().take(10, NO_WAIT).await.unwrap();
    desk.ports.log = Strict::on(&desk, Answers::Badly);
    let worker = desk.reconciler();
    look_everywhere(&desk, &worker).await;
    desk.clock.advance(LATER);
    assert!(worker.step(NO_WAIT, &desk.stop).await.is_err());
    assert_eq!((desk.stored(talk.key).await, desk.persisted(talk.key).await), (1, 0));
    desk.ports.log = Strict::on(&desk, Answers::Well);
    reconcile(&desk, &desk.reconciler()).await;
    assert_eq!(desk.persisted(talk.key).await, 1);
}

#[tokio::test]
async fn two_reconcilers_and_a_worker_that_all_see_to_the_same_write_it_once() {
    let desk = Desk::new();
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(40).await;
    let dead = desk.log.persist_work().take(20, NO_WAIT).await.unwrap();
    let (one, two) = (desk.reconciler(), desk.reconciler());
    look_everywhere(&desk, &one).await;
    look_everywhere(&desk, &two).await;
    desk.clock.advance(LATER);
    let persist = desk.persist_worker();
    let (one, two, three) =
        tokio::join!(one.step(NO_WAIT, &desk.stop), two.step(NO_WAIT, &desk.stop), persist.step(NO_WAIT, &desk.stop));
    assert_eq!((one.unwrap(), two.unwrap()), (StepOutcome::Worked(41), StepOutcome::Worked(41)));
    three.unwrap();
    assert_eq!(seqs(&desk, talk.key).await, (1..=41).collect::<Vec<_>>());
    assert_eq!(desk.persisted(talk.key).await, 41);
    assert_eq!(
        desk.store.integrity_record(talk.key.tenant).await.unwrap().repaired_entries,
        41,
        "the worker came last"
    );
    drop(dead);
}

#[tokio::test]
async fn what_can_never_be_written_holds_up_nothing_else() {
    let desk = Desk::new();
    let (mut broken, mut sound) = (Talk::open(&desk).await, Talk::open(&desk).await);
    desk.log.append_raw(sound.key, b"\xc1 nonsense".as_slice().into());
    let mut ahead = broken.next_message("three");
    ahead.seq += 1;
    broken.append_entry(ahead).await;
    sound.append_after_nonsense("goes on").await;
    let _with_the_dead = desk.log.persist_work().take(10, NO_WAIT).await.unwrap();
    reconcile(&desk, &desk.reconciler()).await;
    assert_eq!((desk.persisted(broken.key).await, desk.persisted(sound.key).await), (1, 2));
    assert!(desk.log.dead_letters().is_empty(), "dead-lettering is for the worker that has it from the queue");
}

#[tokio::test(start_paused = true)]
async fn while_the_database_is_away_it_is_asked_now_and_then_by_one_at_a_time() {
    let mut desk = Desk::new();
    let asked = Arc::new(Asked { store: desk.store.clone(), times: AtomicU32::new(0), at_once: AtomicU32::new(0) });
    desk.ports.database.inspector = asked.clone();
    let mut talk = Talk::open(&desk).await;
    talk.hear_many(9).await;
    desk.store.set_available(false);
    let running = tokio::spawn(desk.reconciler().run(desk.stop.clone()));
    // The reconciler's own clock is moved by hand, and Tokio's by itself.
    for _ in 0..600 {
        desk.clock.advance(Duration::from_millis(100));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let times = asked.times.load(Ordering::SeqCst);
    assert!((10..=100).contains(&times), "asked {times} times within a minute");
    desk.store.set_available(true);
    eventually(async || desk.persisted(talk.key).await == 10).await;
    desk.stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_after_the_log_was_away_and_stops_when_asked() {
    let desk = Desk::new();
    let talk = Talk::open(&desk).await;
    let _with_the_dead = desk.log.persist_work().take(10, NO_WAIT).await.unwrap();
    let worker = desk.reconciler();
    let status = worker.status().clone();
    desk.log.set_unavailable(true);
    let running = tokio::spawn(worker.run(desk.stop.clone()));
    eventually(async || status.health().failing).await;
    desk.log.set_unavailable(false);
    eventually(async || {
        desk.clock.advance(LATER);
        desk.persisted(talk.key).await == 1
    })
    .await;
    eventually(async || !status.health().failing).await;
    desk.stop.cancel();
    running.await.unwrap();
}

/// A database that counts how often it is asked, and that no two ask at once.
struct Asked {
    store: Arc<MemoryStore>,
    times: AtomicU32,
    at_once: AtomicU32,
}

#[async_trait]
impl StoreInspector for Asked {
    async fn conversations_after(
        &self,
        scope: TenantFilter,
        after: Option<ConversationKey>,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<StoredConversation>, StoreError> {
        self.store.conversations_after(scope, after, since, limit).await
    }
    async fn entries_after(
        &self,
        key: ConversationKey,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.store.entries_after(key, after, limit).await
    }
    async fn known(&self, records: &[Record]) -> Result<Vec<KnownEntry>, StoreError> {
        self.times.fetch_add(1, Ordering::SeqCst);
        assert_eq!(self.at_once.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        self.store.known(records).await
    }
    async fn progress(&self, keys: &[ConversationKey]) -> Result<Vec<StoredProgress>, StoreError> {
        self.store.progress(keys).await
    }
    async fn counts(&self, tenant: TenantId) -> Result<TenantCounts, StoreError> {
        self.store.counts(tenant).await
    }
    async fn integrity_record(&self, tenant: TenantId) -> Result<IntegrityRecord, StoreError> {
        self.store.integrity_record(tenant).await
    }
    async fn add_repairs(&self, tenant: TenantId, entries: u64, told: u64, at: Timestamp) -> Result<(), StoreError> {
        self.store.add_repairs(tenant, entries, told, at).await
    }
    async fn put_check(&self, tenant: TenantId, found: &str) -> Result<(), StoreError> {
        self.store.put_check(tenant, found).await
    }
}
