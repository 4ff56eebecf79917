use std::collections::BTreeMap;

use frontdesk_domain::ConversationKey;
use futures_util::future::join_all;

use super::{Script, persisting::assert_holds};
use crate::{
    log::Record,
    store::{ConversationStore, Persisted},
};

/// Workers that hold the same records, in part and in other orders, leave what one alone would have left.
pub async fn workers_with_overlapping_batches_write_each_entry_once(store: &dyn ConversationStore) {
    let scripts: Vec<_> = (0..6).map(|_| Script::chat(40)).collect();
    let log: Vec<_> = (0..41).flat_map(|at| scripts.iter().map(move |script| script.records[at].clone())).collect();
    let log = &log;
    let workers = (0..4).map(|worker| async move {
        let mut todo: Vec<Record> = log_of(worker, log);
        while !todo.is_empty() {
            let size = todo.len().min(25 + worker * 7);
            let batch: Vec<_> = todo.drain(..size).collect();
            let answer = store.persist(&batch).await.unwrap();
            todo.extend(batch.into_iter().filter(|record| waits(&answer, record)));
        }
    });
    join_all(workers).await;
    for script in &scripts {
        assert_holds(store, script).await;
    }
}

/// The first entry of a conversation is the hard one: there is no row yet that could be locked.
pub async fn workers_that_begin_the_same_conversations_do_not_fail(store: &dyn ConversationStore) {
    let scripts: Vec<_> = (0..20).map(|_| Script::chat(1)).collect();
    let mut batch: Vec<_> = scripts.iter().flat_map(|script| script.records.clone()).collect();
    let forwards = batch.clone();
    batch.reverse();
    let mut written = BTreeMap::<_, u64>::new();
    for answer in join_all([store.persist(&forwards), store.persist(&batch), store.persist(&forwards[10..30])]).await {
        let answer = answer.unwrap();
        for script in scripts.iter().filter(|script| answer.contains_key(&script.key)) {
            let persisted = &answer[&script.key];
            assert_eq!(*persisted, script.persisted_with(persisted.written));
            *written.entry(script.key).or_default() += persisted.written;
        }
    }
    assert!(scripts.iter().all(|script| written[&script.key] == 2), "each entry by one worker: {written:?}");
    for script in &scripts {
        assert_holds(store, script).await;
    }
}

/// Every third record is missing at first, another one for each worker, and comes at the end.
fn log_of(worker: usize, log: &[Record]) -> Vec<Record> {
    let (late, early): (Vec<_>, Vec<_>) = log.iter().enumerate().partition(|(at, _)| at % 3 == worker % 3);
    early.into_iter().chain(late).map(|(_, record)| record.clone()).collect()
}

fn waits(answer: &BTreeMap<ConversationKey, Persisted>, record: &Record) -> bool {
    let persisted = &answer[&record.envelope.key()];
    assert_eq!(persisted.contradicting, [] as [u64; 0]);
    persisted.waiting.contains(&record.envelope.entry.seq)
}
