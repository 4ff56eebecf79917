//! Making room in the log: what is in the database and everybody has seen, and has been for long enough.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_config::{Role, WorkersSettings};
use frontdesk_ports::{Clock, StreamPosition, Trim};
use tokio_util::sync::CancellationToken;

use crate::{
    deps::WorkerDeps,
    error::WorkerError,
    status::Status,
    steps::{self, StepOutcome},
};

/// Removes records from the log that every consumer has processed, and had processed already `retain` ago; from a stream that is
/// crowded those too that had been for as long as the log promises.
///
/// Age is measured by this worker's own monotonic clock, from when it saw the record processed: no clock that jumps, here
/// or on the broker, removes anything early. After a restart nothing is removed until that time has passed again.
pub struct TrimWorker {
    trim: Arc<dyn Trim>,
    clock: Arc<dyn Clock>,
    status: Arc<Status>,
    retain: Duration,
    least: Duration,
    interval: Duration,
    marks: Mutex<HashMap<String, Marks>>,
}

/// What was seen of one stream, oldest first.
#[derive(Debug, Default)]
struct Marks {
    seen: VecDeque<Mark>,
    /// Every record up to here has been processed for long enough.
    ripe: u64,
    crowded: bool,
}

/// At this moment every record up to here was processed.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: Duration,
    processed_seq: u64,
}

impl TrimWorker {
    /// A worker with these settings, which keeps records for as long as the log promises; `status` is told how it is doing.
    #[must_use]
    pub fn new(deps: &WorkerDeps, settings: &WorkersSettings, status: Arc<Status>) -> Self {
        debug_assert_eq!(status.role(), Role::Trim);
        Self {
            trim: deps.trim.clone(),
            clock: deps.clock.clone(),
            status,
            retain: deps.trim.retain(),
            least: deps.log.retention(),
            interval: settings.trim_interval,
            marks: Mutex::default(),
        }
    }

    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let step = async || {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(StepOutcome::Stopped),
                () = tokio::time::sleep(self.interval) => {}
            }
            self.step().await
        };
        steps::run(&self.status, &stop, step).await;
    }

    /// Looks once where the streams stand, and removes what can go.
    ///
    /// # Errors
    /// [`WorkerError`]: the rest is removed next time.
    pub async fn step(&self) -> Result<StepOutcome, WorkerError> {
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

    /// Remembers where a stream stands; gives up to where it can be removed.
    fn mark(&self, position: &StreamPosition) -> u64 {
        let now = self.clock.monotonic();
        let mut marks = self.marks();
        let marks = marks.entry(position.stream.clone()).or_default();
        marks.add(Mark { at: now, processed_seq: position.processed_seq });
        let was_crowded = std::mem::replace(&mut marks.crowded, position.crowded);
        if position.crowded && !was_crowded {
            tracing::warn!(log.stream = position.stream, kept = ?self.least, "a stream is crowded: what is filed stays shorter");
        }
        let retain = if position.crowded { self.least } else { self.retain };
        marks.ripen(now, retain).min(position.processed_seq)
    }

    fn marks(&self) -> MutexGuard<'_, HashMap<String, Marks>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    fn add(&mut self, mark: Mark) {
        let last = self.seen.back().map_or(self.ripe, |last| last.processed_seq);
        if mark.processed_seq < last {
            // Not the stream that it was: nothing is known of this one.
            *self = Self::default();
        }
        // An older mark of the same place says more.
        if mark.processed_seq > last || self.seen.is_empty() && self.ripe == 0 {
            self.seen.push_back(mark);
        }
    }

    fn ripen(&mut self, now: Duration, retain: Duration) -> u64 {
        while let Some(mark) = self.seen.pop_front_if(|mark| now.saturating_sub(mark.at) >= retain) {
            self.ripe = mark.processed_seq;
        }
        self.ripe
    }
}
