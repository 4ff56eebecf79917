//! Bringing what is overdue to the database, by the persist worker's own way.

use std::collections::{BTreeMap, HashSet};

use frontdesk_domain::ConversationKey;
use frontdesk_ports::{LogError, LoggedRecord, Record};
use frontdesk_protocol::Envelope;
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::{Overdue, ReconcileWorker};
use crate::{
    error::WorkerError,
    persist::Outcome,
    queue::IN_FLIGHT,
    steps::{Unwritten, until_available},
};

/// What was done.
#[derive(Debug, Default)]
struct Repair {
    /// Entries written to the database.
    written: u64,
    /// Conversations whose senders were not told.
    told: u64,
    /// Records that the database did not hold before, and holds now.
    brought: usize,
    /// Records that it does not hold now either.
    left: u64,
}

impl ReconcileWorker {
    /// Reads the first of the overdue records, writes those that the database does not hold, and tells what was not told.
    pub(super) async fn redeliver(&self, overdue: Overdue, stop: &CancellationToken) -> Result<(), WorkerError> {
        let Overdue { stream, span } = overdue;
        let mut raw = self.log.scan(&stream, span.from, PORTION).await?;
        raw.retain(|record| record.log_seq <= span.to);
        // A replica that is behind may have answered; then there is nothing yet to be done.
        let Some(up_to) = raw.last().map(|record| record.log_seq) else { return Ok(()) };
        let records: Vec<_> = raw.into_iter().filter_map(read).collect();
        metrics::counter!("desk_reconcile_looked_into_total").increment(records.len() as u64);
        let Some(repair) = self.repair(&records, stop).await? else { return Ok(()) };
        if repair.written + repair.told > 0 {
            metrics::counter!("desk_reconcile_repairs_total", "kind" => "entry").increment(repair.written);
            metrics::counter!("desk_reconcile_repairs_total", "kind" => "acknowledgement").increment(repair.told);
            let Repair { written, told, .. } = repair;
            tracing::warn!(log.stream = stream, from = span.from, up_to, written, told, "left behind, and seen to");
        }
        // Found missing, and written by somebody else a moment later: workers are slow, and alive.
        let are_slow = repair.brought > 0 && repair.written == 0;
        let (now, mut seen) = (self.clock.monotonic(), self.seen());
        let super::Seen { lanes, times, .. } = &mut *seen;
        if let Some((_, lane)) = lanes.iter_mut().find(|(name, _)| *name == stream) {
            lane.settle(up_to, repair.left, now, are_slow.then_some(times));
        }
        Ok(())
    }

    /// Gives `None` when asked to stop.
    async fn repair(&self, records: &[Record], stop: &CancellationToken) -> Result<Option<Repair>, WorkerError> {
        let known = match until_available(&self.status, stop, || self.store.known(records)).await {
            Ok(known) => known,
            Err(Unwritten::Stopped) => return Ok(None),
            Err(Unwritten::Refused(error)) => return Err(error.into()),
        };
        let held: HashSet<_> = known.iter().map(|known| (known.key, known.seq)).collect();
        let (here, missing): (Vec<_>, Vec<_>) =
            records.iter().partition(|record| held.contains(&(record.envelope.key(), record.envelope.entry.seq)));
        let missing: Vec<_> = missing.into_iter().cloned().collect();
        let mut outcome = Outcome::default();
        if !missing.is_empty() {
            match self.writer.write(&missing, stop).await {
                Ok(written) => outcome = written,
                Err(crate::bisect::Stopped) => return Ok(None),
            }
        }
        // Of an entry that the database holds it holds all before.
        let mut reached: BTreeMap<_, u64> = outcome.reached().collect();
        for record in here {
            let seq = reached.entry(record.envelope.key()).or_default();
            *seq = record.envelope.entry.seq.max(*seq);
        }
        let brought = missing.iter().filter(|record| outcome.holds(record)).count();
        let told = self.tell(reached).await?;
        Ok(Some(Repair { written: outcome.written, told, brought, left: (missing.len() - brought) as u64 }))
    }

    /// Says on channel 2 what it does not say yet; gives for how many conversations.
    async fn tell(&self, reached: BTreeMap<ConversationKey, u64>) -> Result<u64, WorkerError> {
        let is_untold =
            async |(key, seq)| Ok::<_, LogError>((self.writer.persisted(key).await? < seq).then_some((key, seq)));
        let mut asked = futures_util::stream::iter(reached).map(is_untold).buffer_unordered(IN_FLIGHT);
        let mut untold = Vec::new();
        while let Some(answer) = asked.next().await {
            untold.extend(answer?);
        }
        let count = untold.len();
        let unheard = self.writer.acknowledge(untold.into_iter()).await;
        match unheard.len() {
            0 => Ok(count as u64),
            _ => Err(LogError::Unavailable("the broker did not take an acknowledgement".into()).into()),
        }
    }
}

/// What cannot be read is parked by the worker that takes it from the queue.
fn read(record: LoggedRecord) -> Option<Record> {
    let envelope = Envelope::decode(&record.payload).ok()?;
    (Some(envelope.key()) == record.key).then_some(Record { log_seq: record.log_seq, envelope })
}

/// Records read back at a time.
const PORTION: usize = 500;
