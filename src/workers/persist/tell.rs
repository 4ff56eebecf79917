//! After the commit: channel 2, then the queue.

use std::collections::BTreeSet;

use frontdesk_domain::ConversationKey;
use frontdesk_ports::{AckRecord, LogError};
use frontdesk_protocol::{Ack, AckKind};
use futures_util::StreamExt as _;
use tokio::sync::mpsc;

use super::{Batch, Outcome, PersistWorker, Writer};
use crate::{
    backoff::delay_after,
    error::WorkerError,
    queue::{Fate, IN_FLIGHT},
    telemetry::trace_entry,
};

/// Batches that may be committed and wait to be told while others are.
pub(super) const MOST_UNTOLD: usize = 4;

impl PersistWorker {
    /// Tells of one batch after another; those that came while the last was told, at once. The further the worker is behind, the
    /// fewer acknowledgements there are for each entry.
    ///
    /// One at a time, because acknowledgements of a conversation must not overtake one another: on channel 2 the last one stands.
    pub(super) async fn tell_all(self, mut untold: mpsc::Receiver<(Batch, Outcome)>) {
        let mut waiting = Vec::with_capacity(MOST_UNTOLD);
        while untold.recv_many(&mut waiting, MOST_UNTOLD).await > 0 {
            let (mut all, mut outcome) = (Batch::default(), Outcome::default());
            for (batch, later) in waiting.drain(..) {
                all.append(batch);
                outcome.append(later);
            }
            if let Err(error) = self.tell(all, &outcome).await {
                self.queue.status().went_wrong(&error);
            }
        }
    }

    /// Says on channel 2 how far each conversation of the batch is persisted, once for each; then settles the deliveries.
    ///
    /// Those of a conversation for which it could not be said come again: there may be no later entry to make up for it.
    pub(super) async fn tell(&self, batch: Batch, outcome: &Outcome) -> Result<(), WorkerError> {
        let untold = self.writer.acknowledge(outcome.reached()).await;
        let mut persisted = 0;
        let fates = batch.deliveries.into_iter().zip(&batch.records).map(|(delivery, record)| {
            let fate = match outcome.fate(record, delivery.attempt) {
                Fate::Done if untold.contains(&record.envelope.key()) => Fate::Retry(delay_after(delivery.attempt)),
                fate => fate,
            };
            if fate == Fate::Done {
                persisted += 1;
                trace_entry!("persist", &record.envelope);
            }
            if outcome.contradicts(record) {
                metrics::counter!("desk_persist_contradictions_total").increment(1);
                tracing::error!(
                    conversation.id = %record.envelope.conversation,
                    seq = record.envelope.entry.seq,
                    log.seq = record.log_seq,
                    "the database holds another entry under this number or request"
                );
            }
            (delivery, fate)
        });
        let fates = fates.collect();
        metrics::counter!("desk_persist_entries_total").increment(persisted);
        #[cfg(feature = "planted-faults")]
        frontdesk_ports::planted::Place::BeforeSettle.pass();
        self.queue.settle(fates).await?;
        Ok(())
    }
}

impl Writer {
    /// Says on channel 2 how far these conversations are in the database; gives those for which it may not have been heard.
    pub(crate) async fn acknowledge(
        &self,
        reached: impl Iterator<Item = (ConversationKey, u64)>,
    ) -> BTreeSet<ConversationKey> {
        let tell = async |(key, up_to_seq)| {
            let record = AckRecord { key, kind: AckKind::Persisted, ack: Ack { up_to_seq } };
            (key, self.log.acknowledge(record).await)
        };
        let reached: Vec<_> = reached.filter(|(_, seq)| *seq > 0).collect();
        let told = futures_util::stream::iter(reached).map(tell).buffer_unordered(IN_FLIGHT);
        let untold = |(key, told): (ConversationKey, Result<(), LogError>)| match told {
            Ok(()) => None,
            Err(error) => {
                self.status.went_wrong(&error);
                Some(key)
            }
        };
        told.filter_map(async |told| untold(told)).collect().await
    }
}
