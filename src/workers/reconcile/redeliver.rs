//! Persists overdue entries as the persist worker does, and publishes what was not acknowledged.

use std::collections::{BTreeMap, HashSet};

use frontdesk_domain::{ConversationKey, TenantId};
use frontdesk_ports::{LogError, LoggedRecord, Record};
use frontdesk_protocol::Envelope;
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::{Overdue, ReconcileWorker};
use crate::{
    kit::{
        WorkerError, bisect,
        queue::IN_FLIGHT,
        steps::{Unwritten, until_available},
    },
    persist::WriteReport,
};

/// The result of one repair.
#[derive(Debug, Default)]
struct Repair {
    /// By tenant: entries written to the database, and conversations whose `persisted` acknowledgement was missing.
    done: BTreeMap<TenantId, (u64, u64)>,
    /// Records that the database lacked before and holds now.
    brought: usize,
    /// Records that it still lacks.
    left: u64,
}

impl ReconcileWorker {
    /// Reads the first of the overdue records, writes those that the database lacks, and publishes missing
    /// acknowledgements.
    pub(super) async fn redeliver(&self, overdue: Overdue, stop: &CancellationToken) -> Result<(), WorkerError> {
        let Overdue { stream, span } = overdue;
        let mut raw = self.log.scan(&stream, None, span.from, PORTION).await?;
        raw.retain(|record| record.log_seq <= span.to);
        // A replica that is behind may have answered; then there is nothing to do yet.
        let Some(up_to) = raw.last().map(|record| record.log_seq) else { return Ok(()) };
        let records: Vec<_> = raw.into_iter().filter_map(read).collect();
        metrics::counter!("desk_reconcile_looked_into_total").increment(records.len() as u64);
        let Some(repair) = self.repair(&records, stop).await? else { return Ok(()) };
        let (written, told) = repair.done.values().fold((0, 0), |all, done| (all.0 + done.0, all.1 + done.1));
        if written + told > 0 {
            metrics::counter!("desk_reconcile_repairs_total", "kind" => "entry").increment(written);
            metrics::counter!("desk_reconcile_repairs_total", "kind" => "acknowledgement").increment(told);
            tracing::warn!(
                log.stream = stream,
                from = span.from,
                up_to,
                written,
                told,
                "repaired: persisted records that no worker had acknowledged in time"
            );
            self.enter(&repair).await;
        }
        // Found missing, and written by another worker a moment later: workers are slow, not dead.
        let are_slow = repair.brought > 0 && written == 0;
        let (now, mut seen) = (self.clock.monotonic(), self.seen());
        let super::Seen { lags, latencies, .. } = &mut *seen;
        if let Some((_, lag)) = lags.iter_mut().find(|(name, _)| *name == stream) {
            lag.settle(up_to, repair.left, now, are_slow.then_some(latencies));
        }
        Ok(())
    }

    /// `None` if it was stopped.
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
        let mut report = WriteReport::default();
        if !missing.is_empty() {
            match self.writer.write(&missing, stop).await {
                Ok(written) => report = written,
                Err(bisect::Stopped) => return Ok(None),
            }
        }
        // The database holds every entry before one that it holds.
        let mut reached: BTreeMap<_, u64> = report.reached().collect();
        for record in here {
            let seq = reached.entry(record.envelope.key()).or_default();
            *seq = record.envelope.entry.seq.max(*seq);
        }
        let brought = missing.iter().filter(|record| report.holds(record)).count();
        let mut done: BTreeMap<_, _> =
            report.written.iter().map(|(tenant, written)| (*tenant, (*written, 0))).collect();
        for key in self.publish_missing(reached).await? {
            done.entry(key.tenant).or_default().1 += 1;
        }
        Ok(Some(Repair { done, brought, left: (missing.len() - brought) as u64 }))
    }

    /// Counts the repair in the ledgers that supervisors see. If that fails, the metrics still have it.
    async fn enter(&self, repair: &Repair) {
        for (tenant, (written, told)) in &repair.done {
            if written + told > 0
                && let Err(error) = self.store.add_repairs(*tenant, *written, *told, self.clock.now()).await
            {
                self.status.went_wrong(&error);
            }
        }
    }

    /// Publishes `persisted` for the conversations whose ack stream does not say so yet; returns those.
    async fn publish_missing(
        &self,
        reached: BTreeMap<ConversationKey, u64>,
    ) -> Result<Vec<ConversationKey>, WorkerError> {
        let is_untold =
            async |(key, seq)| Ok::<_, LogError>((self.writer.persisted(key).await? < seq).then_some((key, seq)));
        let mut asked = futures_util::stream::iter(reached).map(is_untold).buffer_unordered(IN_FLIGHT);
        let mut untold = Vec::new();
        while let Some(answer) = asked.next().await {
            untold.extend(answer?);
        }
        let told = untold.iter().map(|(key, _)| *key).collect();
        let failed = self.writer.publish_persisted(untold.into_iter()).await;
        match failed.len() {
            0 => Ok(told),
            _ => Err(LogError::Unavailable("the broker did not take an acknowledgement".into()).into()),
        }
    }
}

/// What cannot be decoded becomes a dead letter when the persist worker takes it from the queue.
fn read(record: LoggedRecord) -> Option<Record> {
    let envelope = Envelope::decode(&record.payload).ok()?;
    (Some(envelope.key()) == record.key).then_some(Record { log_seq: record.log_seq, envelope })
}

/// Records read from the log at a time.
const PORTION: usize = 500;
