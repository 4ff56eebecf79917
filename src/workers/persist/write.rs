//! Writes a batch to the database; gaps in it are filled from the log.

use std::{collections::BTreeMap, error::Error, sync::Arc};

use frontdesk_domain::{ConversationKey, Timestamp};
use frontdesk_ports::{Clock, ConversationStore, Log, LogError, Record};
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::{WriteReport, report::Reached};
use crate::kit::{
    Status, WorkerContext,
    bisect::{self, Stopped},
    queue::{IN_FLIGHT, with_causes},
    steps::until_available,
};

/// Writes entries to the database, for the persist worker and for the reconciler.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(super) log: Arc<dyn Log>,
    store: Arc<dyn ConversationStore>,
    clock: Arc<dyn Clock>,
    pub(super) status: Arc<Status>,
}

/// Records read from the log at a time to fill a gap.
const REPAIR_PAGE: usize = 256;

/// Such records written in one transaction.
const REPAIR_BATCH: usize = 1000;

impl Writer {
    /// Reports to the status of the worker that has this context.
    pub(crate) fn new(context: &WorkerContext) -> Self {
        let ports = context.ports();
        let (log, store, clock) = (ports.log.clone(), ports.database.conversations.clone(), ports.clock.clone());
        Self { log, store, clock, status: context.status().clone() }
    }

    /// How far the ack stream says that the conversation is persisted; 0 if it says nothing.
    pub(crate) async fn persisted(&self, key: ConversationKey) -> Result<u64, LogError> {
        self.log.persisted(key).await
    }

    /// Writes `records`: waits for the database while it is unavailable, leaves out what it refuses, and reads missing
    /// predecessors from the log.
    pub(crate) async fn write(&self, records: &[Record], stop: &CancellationToken) -> Result<WriteReport, Stopped> {
        let mut report = WriteReport::default();
        self.persist(records, &mut report, stop).await?;
        let waiting = report.waiting(records);
        self.repair(waiting, &mut report, stop).await?;
        Ok(report)
    }

    async fn persist(
        &self,
        records: &[Record],
        report: &mut WriteReport,
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
            report.merge(persisted);
        }
        for (index, error) in written.refused {
            report.refuse(&records[index], with_causes(&error));
        }
        Ok(())
    }

    /// Fills the gaps before the entries of these conversations, up to the last one named. The missing entries were
    /// delivered to a worker that was killed or to another one; the log has them, and writing them twice does no harm.
    ///
    /// A page of each conversation is read at a time and all pages are written together: with two workers behind, each
    /// batch has gaps in most of its conversations.
    async fn repair(
        &self,
        mut waiting: BTreeMap<ConversationKey, u64>,
        report: &mut WriteReport,
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let begun: Vec<_> = waiting.keys().map(|key| (*key, report.reached_in(*key).seq)).collect();
        while !waiting.is_empty() {
            let before: Vec<_> = waiting.keys().map(|key| (*key, report.reached_in(*key))).collect();
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
                            report.unread(key);
                        }
                        waiting.remove(&key);
                        let error: &dyn Error = &error;
                        tracing::warn!(conversation.id = %key.conversation, error, "cannot read missing entries from the log");
                    }
                }
            }
            for part in missing.chunks(REPAIR_BATCH) {
                self.persist(part, report, stop).await?;
            }
            for (key, before) in before {
                let now = report.reached_in(key);
                if now.seq <= before.seq && waiting.remove(&key).is_some() {
                    tracing::warn!(
                        conversation.id = %key.conversation,
                        seq = now.seq + 1,
                        "entries are not persisted: the entry before them is not in the log or cannot be written"
                    );
                }
            }
            waiting.retain(|key, last| report.reached_in(*key).seq < *last);
        }
        for (key, from) in begun {
            let to = report.reached_in(key).seq;
            if to > from {
                metrics::counter!("desk_persist_repaired_total").increment(1);
                tracing::debug!(conversation.id = %key.conversation, from, to, "gap filled from the log");
            }
        }
        Ok(())
    }

    /// Sets the persist lag to the age of an entry.
    pub(super) fn show_lag(&self, at: Option<Timestamp>) {
        if let Some(at) = at {
            let behind = self.clock.now().0.saturating_sub(at.0).max(0);
            metrics::gauge!("desk_persist_lag_seconds").set(behind as f64 / 1_000.0);
        }
    }
}
