//! Writing a batch to the database, with the holes in it filled from the log.

use std::{collections::BTreeMap, error::Error, sync::Arc};

use frontdesk_domain::{ConversationKey, Timestamp};
use frontdesk_ports::{Clock, ConversationStore, Log, LogError, Record};
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::{Outcome, outcome::Reached};
use crate::{
    bisect::{self, Stopped},
    deps::WorkerDeps,
    queue::{IN_FLIGHT, with_causes},
    status::Status,
    steps::until_available,
};

/// The way into the database: for those who take records from the queue, and for those who find them left behind.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(super) log: Arc<dyn Log>,
    store: Arc<dyn ConversationStore>,
    clock: Arc<dyn Clock>,
    pub(super) status: Arc<Status>,
}

/// Records read from the log at a time to fill a hole.
const REPAIR_PAGE: usize = 256;

/// Such records written in one transaction.
const REPAIR_BATCH: usize = 1000;

impl Writer {
    /// Tells `status` how it goes.
    pub(crate) fn new(deps: &WorkerDeps, status: Arc<Status>) -> Self {
        Self { log: deps.log.clone(), store: deps.store.clone(), clock: deps.clock.clone(), status }
    }

    /// How far channel 2 says that the database has come; 0 if it says nothing.
    pub(crate) async fn persisted(&self, key: ConversationKey) -> Result<u64, LogError> {
        self.log.persisted(key).await
    }

    /// Writes `records`, whatever it takes: waits for the database while it is away, leaves out what it will not have, and
    /// fetches what is missing.
    pub(crate) async fn write(&self, records: &[Record], stop: &CancellationToken) -> Result<Outcome, Stopped> {
        let mut outcome = Outcome::default();
        self.persist(records, &mut outcome, stop).await?;
        let waiting = outcome.waiting(records);
        self.repair(waiting, &mut outcome, stop).await?;
        Ok(outcome)
    }

    async fn persist(
        &self,
        records: &[Record],
        outcome: &mut Outcome,
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let written = bisect::write(records, |part| {
            until_available(&self.status, stop, async move || {
                let persisted = self.store.persist(part).await;
                if persisted.is_err() {
                    self.show_lag(part.iter().map(|record| record.envelope.entry.at).min());
                }
                persisted
            })
        })
        .await?;
        for persisted in written.answers {
            outcome.merge(persisted);
        }
        for (index, error) in written.refused {
            outcome.refuse(&records[index], with_causes(&error));
        }
        Ok(())
    }

    /// Entries of these conversations, up to the last one named, wait for others before them. Those were handed to a worker that
    /// was killed, or are on their way to another one: either way the log has them, and writing them here hurts nobody.
    ///
    /// A page of each is read at a time, and all pages are written together: with two workers behind, each batch has holes in
    /// most of its conversations.
    async fn repair(
        &self,
        mut waiting: BTreeMap<ConversationKey, u64>,
        outcome: &mut Outcome,
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let begun: Vec<_> = waiting.keys().map(|key| (*key, outcome.reached_in(*key).seq)).collect();
        while !waiting.is_empty() {
            let before: Vec<_> = waiting.keys().map(|key| (*key, outcome.reached_in(*key))).collect();
            let read = async |(key, reached): (ConversationKey, Reached)| {
                (key, self.log.read(key, reached.log_seq, REPAIR_PAGE).await)
            };
            let pages = futures_util::stream::iter(before.clone()).map(read).buffered(IN_FLIGHT);
            let mut missing = Vec::new();
            for (key, page) in pages.collect::<Vec<_>>().await {
                match page {
                    Ok(page) => missing.extend(page),
                    Err(error) => {
                        if matches!(error, LogError::Unavailable(_)) {
                            outcome.unsure(key);
                        }
                        waiting.remove(&key);
                        let error: &dyn Error = &error;
                        tracing::warn!(conversation.id = %key.conversation, error, "cannot read missing entries from the log");
                    }
                }
            }
            for part in missing.chunks(REPAIR_BATCH) {
                self.persist(part, outcome, stop).await?;
            }
            for (key, before) in before {
                let now = outcome.reached_in(key);
                if now.seq <= before.seq && waiting.remove(&key).is_some() {
                    tracing::warn!(
                        conversation.id = %key.conversation,
                        seq = now.seq + 1,
                        "entries wait for one that is not in the log or cannot be written"
                    );
                }
            }
            waiting.retain(|key, last| outcome.reached_in(*key).seq < *last);
        }
        for (key, from) in begun {
            let to = outcome.reached_in(key).seq;
            if to > from {
                metrics::counter!("desk_persist_repaired_total").increment(1);
                tracing::debug!(conversation.id = %key.conversation, from, to, "hole filled from the log");
            }
        }
        Ok(())
    }

    /// Shows how far the database is behind, given the moment of an entry.
    pub(super) fn show_lag(&self, at: Option<Timestamp>) {
        if let Some(at) = at {
            let behind = self.clock.now().0.saturating_sub(at.0).max(0);
            metrics::gauge!("desk_persist_lag_seconds").set(behind as f64 / 1_000.0);
        }
    }
}
