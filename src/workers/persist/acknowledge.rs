//! After the commit: publishes `persisted` on the ack stream, then settles the deliveries.

use std::collections::BTreeSet;

use frontdesk_domain::ConversationKey;
use frontdesk_ports::{AckRecord, LogError};
use frontdesk_protocol::{Ack, AckKind};
use futures_util::StreamExt as _;
use tokio::sync::mpsc;

use super::{Batch, PersistWorker, WriteReport, Writer};
use crate::kit::{Disposition, Worker as _, WorkerError, delay_after, queue::IN_FLIGHT, telemetry::trace_entry};

/// Most committed batches that wait to be acknowledged.
pub(super) const MAX_UNACKNOWLEDGED: usize = 4;

impl PersistWorker {
    /// Acknowledges batch after batch; batches that were committed meanwhile are acknowledged together, so a worker
    /// that is behind publishes fewer acknowledgements per entry.
    ///
    /// One at a time, because acknowledgements of a conversation must not overtake one another: the ack stream keeps
    /// the last.
    pub(super) async fn acknowledge_all(self, mut unacknowledged: mpsc::Receiver<(Batch, WriteReport)>) {
        let mut waiting = Vec::with_capacity(MAX_UNACKNOWLEDGED);
        while unacknowledged.recv_many(&mut waiting, MAX_UNACKNOWLEDGED).await > 0 {
            let (mut all, mut report) = (Batch::default(), WriteReport::default());
            for (batch, later) in waiting.drain(..) {
                all.append(batch);
                report.append(later);
            }
            if let Err(error) = self.acknowledge(all, &report).await {
                self.status().went_wrong(&error);
            }
        }
    }

    /// Publishes how far each conversation of the batch is persisted, once for each; then settles the deliveries.
    ///
    /// Those of a conversation for which publishing failed are delivered again: there may be no later entry to repeat
    /// it.
    pub(super) async fn acknowledge(&self, batch: Batch, report: &WriteReport) -> Result<(), WorkerError> {
        let unpublished = self.writer.publish_persisted(report.reached()).await;
        let mut persisted = 0;
        let dispositions = batch.deliveries.into_iter().zip(&batch.records).map(|(delivery, record)| {
            let disposition = match report.disposition(record, delivery.attempt) {
                Disposition::Ack if unpublished.contains(&record.envelope.key()) => {
                    Disposition::Retry(delay_after(delivery.attempt))
                }
                disposition => disposition,
            };
            if disposition == Disposition::Ack {
                persisted += 1;
                trace_entry!("persist", &record.envelope);
            }
            if report.contradicts(record) {
                metrics::counter!("desk_persist_contradictions_total").increment(1);
                tracing::error!(
                    conversation.id = %record.envelope.conversation,
                    seq = record.envelope.entry.seq,
                    log.seq = record.log_seq,
                    "conflict: the database holds a different entry under this sequence number or request id"
                );
            }
            (delivery, disposition)
        });
        let dispositions = dispositions.collect();
        metrics::counter!("desk_persist_entries_total").increment(persisted);
        // The acknowledgements were published; the queue still holds the batch.
        fail::fail_point!("before-settle", |_| std::process::abort());
        self.queue.settle(dispositions).await?;
        Ok(())
    }
}

impl Writer {
    /// Publishes how far these conversations are in the database; returns those for which that may have failed.
    pub(crate) async fn publish_persisted(
        &self,
        reached: impl Iterator<Item = (ConversationKey, u64)>,
    ) -> BTreeSet<ConversationKey> {
        let publish = async |(key, up_to_seq)| {
            let record = AckRecord { key, kind: AckKind::Persisted, ack: Ack { up_to_seq } };
            (key, self.log.acknowledge(record).await)
        };
        let reached: Vec<_> = reached.filter(|(_, seq)| *seq > 0).collect();
        let published = futures_util::stream::iter(reached).map(publish).buffer_unordered(IN_FLIGHT);
        let failed = |(key, published): (ConversationKey, Result<(), LogError>)| match published {
            Ok(()) => None,
            Err(error) => {
                self.status.went_wrong(&error);
                Some(key)
            }
        };
        published.filter_map(async |published| failed(published)).collect().await
    }
}
