//! From the ack stream to the database: how far each participant has received and read.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use frontdesk_config::Role;
use frontdesk_domain::{ConversationKey, Participant, ReceiptKind};
use frontdesk_ports::{ConversationStore, Delivery, ReceiptUpdate};
use frontdesk_protocol::{Ack, AckKind};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::kit::{
    DeadLetterUnit, Disposition, Status, StepOutcome, Worker, WorkerContext, WorkerError, bisect,
    queue::{Queue, with_causes},
    steps::until_available,
};

/// Writes delivered and read receipts to the database; of several for the same thing, the highest.
pub struct ReceiptsWorker {
    queue: Queue,
    store: Arc<dyn ConversationStore>,
}

/// Identifies a receipt: conversation, participant and kind.
type Place = (ConversationKey, Participant, &'static str);

impl Worker for ReceiptsWorker {
    const ROLE: Role = Role::named("receipts");
    const DEAD_LETTERS: DeadLetterUnit = DeadLetterUnit::Single;

    fn new(context: &WorkerContext) -> Self {
        Self {
            queue: context.queue(context.settings().receipts_batch),
            store: context.ports().database.conversations.clone(),
        }
    }

    fn status(&self) -> &Arc<Status> {
        self.queue.status()
    }

    async fn step(&self, wait: Duration, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        let Some(taken) = self.queue.take(wait, stop).await? else { return Ok(StepOutcome::Stopped) };
        if taken.is_empty() {
            return Ok(StepOutcome::Idle);
        }
        let count = taken.len();
        let span = tracing::debug_span!("receipts_batch", taken = count);
        let written = self.write(taken, stop).instrument(span).await?;
        Ok(if written { StepOutcome::Worked(count) } else { StepOutcome::Stopped })
    }
}

impl ReceiptsWorker {
    /// Returns whether it was finished before `stop`.
    async fn write(&self, taken: Vec<Delivery>, stop: &CancellationToken) -> Result<bool, WorkerError> {
        let read: Vec<_> = taken.iter().map(read).collect();
        let mut highest: BTreeMap<Place, ReceiptUpdate> = BTreeMap::new();
        for update in read.iter().flatten() {
            let kept = highest.entry(place(update)).or_insert(*update);
            kept.up_to_seq = kept.up_to_seq.max(update.up_to_seq);
        }
        let updates: Vec<_> = highest.into_values().collect();
        let write = bisect::write(&updates, |part| {
            until_available(self.queue.status(), stop, move || self.store.raise_receipts(part))
        });
        let Ok(written) = self.queue.keeping(&taken, write).await else { return Ok(false) };
        metrics::counter!("desk_receipts_total").increment((updates.len() - written.refused.len()) as u64);

        let refused: BTreeMap<_, _> =
            written.refused.iter().map(|(index, error)| (place(&updates[*index]), with_causes(error))).collect();
        let dispositions = taken.into_iter().zip(read).map(|(delivery, update)| {
            let disposition = match update.map(|update| refused.get(&place(&update))) {
                None => Disposition::DeadLetter("not a receipt that this version can read".to_owned()),
                Some(Some(why)) => Disposition::DeadLetter(why.clone()),
                Some(None) => Disposition::Ack,
            };
            (delivery, disposition)
        });
        self.queue.settle(dispositions.collect()).await?;
        Ok(true)
    }
}

/// The receipt of a record; `None` for another acknowledgement, or one that cannot be read.
fn read(delivery: &Delivery) -> Option<ReceiptUpdate> {
    let (key, AckKind::Receipt(member, kind)) = delivery.subject.ack().ok()? else { return None };
    let Ack { up_to_seq } = Ack::decode(&delivery.payload)?;
    Some(ReceiptUpdate { key, member, kind, up_to_seq })
}

const fn place(update: &ReceiptUpdate) -> Place {
    (update.key, update.member, ReceiptKind::as_str(update.kind))
}
