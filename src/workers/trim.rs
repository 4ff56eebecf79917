//! Removes log records that every queue has processed for long enough.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_config::Role;
use frontdesk_ports::{Clock, StreamPosition, Trim};
use tokio_util::sync::CancellationToken;

use crate::kit::{DeadLetterUnit, Status, StepOutcome, Worker, WorkerContext, WorkerError};

/// Removes records that every queue had already processed `retain` ago; from a stream that is three quarters full,
/// those that were processed `retain_at_least` ago.
///
/// Age counts on this process's monotonic clock from when this worker saw the record processed, so a clock step here or
/// on the broker removes nothing early. After a restart nothing is removed until that time has passed again.
pub struct TrimWorker {
    trim: Arc<dyn Trim>,
    clock: Arc<dyn Clock>,
    status: Arc<Status>,
    retain: Duration,
    retain_at_least: Duration,
    interval: Duration,
    marks: Mutex<HashMap<String, Marks>>,
}

/// How far one stream was processed at past moments, oldest first.
#[derive(Debug, Default)]
struct Marks {
    seen: VecDeque<Mark>,
    /// Every record up to here has been processed for long enough to be removed.
    eligible: u64,
    crowded: bool,
}

/// At this moment every record up to this sequence was processed.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: Duration,
    processed_seq: u64,
}

impl Worker for TrimWorker {
    const ROLE: Role = Role::named("trim");
    const DEAD_LETTERS: DeadLetterUnit = DeadLetterUnit::None;

    fn new(context: &WorkerContext) -> Self {
        let ports = context.ports();
        Self {
            trim: ports.trim.clone(),
            clock: ports.clock.clone(),
            status: context.status().clone(),
            retain: ports.trim.retain(),
            retain_at_least: ports.log.retention(),
            interval: context.settings().trim_interval,
            marks: Mutex::default(),
        }
    }

    fn status(&self) -> &Arc<Status> {
        &self.status
    }

    fn pause(&self) -> Option<Duration> {
        Some(self.interval)
    }

    /// Looks once where the streams stand, and removes what may be removed.
    async fn step(&self, _: Duration, _: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        let mut removed = 0;
        for position in self.trim.positions().await? {
            let up_to_seq = self.mark(&position);
            if up_to_seq >= position.first_seq {
                self.trim.trim(&position.stream, up_to_seq).await?;
                let count = up_to_seq - position.first_seq + 1;
                metrics::counter!("desk_log_trimmed_total").increment(count);
                removed += usize::try_from(count).unwrap_or(usize::MAX);
            }
        }
        let inbound = self.trim.trim_inbound().await?;
        metrics::counter!("desk_inbound_trimmed_total").increment(inbound);
        removed += usize::try_from(inbound).unwrap_or(usize::MAX);
        self.status.went_well();
        Ok(if removed == 0 { StepOutcome::Idle } else { StepOutcome::Worked(removed) })
    }
}

impl TrimWorker {
    /// Records where a stream stands; returns the last sequence that may be removed.
    fn mark(&self, position: &StreamPosition) -> u64 {
        let now = self.clock.monotonic();
        let mut marks = self.marks();
        let marks = marks.entry(position.stream.clone()).or_default();
        marks.add(Mark { at: now, processed_seq: position.processed_seq });
        let was_crowded = std::mem::replace(&mut marks.crowded, position.crowded);
        if position.crowded && !was_crowded {
            tracing::warn!(
                log.stream = position.stream,
                retain_at_least = ?self.retain_at_least,
                "stream above 75 % of max_bytes: persisted records are removed after retain_at_least"
            );
        }
        let retain = if position.crowded { self.retain_at_least } else { self.retain };
        marks.eligible_before(now, retain).min(position.processed_seq)
    }

    fn marks(&self) -> MutexGuard<'_, HashMap<String, Marks>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    fn add(&mut self, mark: Mark) {
        let last = self.seen.back().map_or(self.eligible, |last| last.processed_seq);
        if mark.processed_seq < last {
            // The stream was made anew: nothing is known about this one.
            *self = Self::default();
        }
        // An older mark of the same sequence is kept: it allows removal sooner.
        if mark.processed_seq > last || self.seen.is_empty() && self.eligible == 0 {
            self.seen.push_back(mark);
        }
    }

    /// The last record that had been processed `retain` before `now`.
    fn eligible_before(&mut self, now: Duration, retain: Duration) -> u64 {
        while let Some(mark) = self.seen.pop_front_if(|mark| now.saturating_sub(mark.at) >= retain) {
            self.eligible = mark.processed_seq;
        }
        self.eligible
    }
}
