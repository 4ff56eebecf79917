//! What is logged gets into the database and is told to be there, also when the worker that took it is gone.
//!
//! The reconciler looks where every stream stands, which is one small question to the broker for each, and asks more seldom
//! where nothing waits. What stays logged and unpersisted for too long it reads back from the log and brings to the database by
//! the persist worker's own way. It never logs anything, and takes nothing out of the queue: there the records come to a worker
//! again after their wait, who finds them done.

mod lane;
mod redeliver;
mod times;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_config::{Role, WorkersSettings};
use frontdesk_ports::{Clock, LogLedger, StoreLedger};
use futures_util::future::{Fuse, FutureExt as _, try_join_all};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::{
    backoff::Backoff, deps::WorkerDeps, error::WorkerError, persist::Writer, status::Status, steps::StepOutcome,
};
use lane::{Lane, Span};
use times::Times;

/// Finds records that are logged and not persisted in time, and sees to them. Any number of these may work at once.
pub struct ReconcileWorker {
    writer: Writer,
    log: Arc<dyn LogLedger>,
    store: Arc<dyn StoreLedger>,
    clock: Arc<dyn Clock>,
    status: Arc<Status>,
    interval: Duration,
    least_patience: Duration,
    seen: Mutex<Seen>,
}

/// What was seen so far.
#[derive(Debug)]
struct Seen {
    lanes: Vec<(String, Lane)>,
    times: Times,
    looks: usize,
}

/// Records of a stream that are overdue.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Overdue {
    stream: String,
    span: Span,
}

impl ReconcileWorker {
    /// A worker with these settings; `status` is told how it is doing.
    #[must_use]
    pub fn new(deps: &WorkerDeps, settings: &WorkersSettings, status: Arc<Status>) -> Self {
        debug_assert_eq!(status.role(), Role::Reconcile);
        let lanes = deps.log_ledger.stream_names().into_iter().map(|name| (name, Lane::default())).collect();
        Self {
            writer: Writer::new(deps, status.clone()),
            log: deps.log_ledger.clone(),
            store: deps.store_ledger.clone(),
            clock: deps.clock.clone(),
            status,
            interval: settings.reconcile_interval,
            least_patience: settings.reconcile_after,
            seen: Mutex::new(Seen { lanes, times: Times::default(), looks: 0 }),
        }
    }

    /// Works until `stop`. It goes on looking while it waits for the database, and tries one thing at a time.
    pub async fn run(self, stop: CancellationToken) {
        let mut looks = tokio::time::interval(self.interval);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut backoff = Backoff::default();
        let mut under_way = Box::pin(Fuse::terminated());
        let mut is_under_way = false;
        loop {
            let outcome = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                done = &mut under_way => {
                    is_under_way = false;
                    done
                }
                _ = looks.tick() => match self.look().await {
                    Ok(Some(overdue)) if !is_under_way => {
                        is_under_way = true;
                        under_way.set(self.redeliver(overdue, &stop).fuse());
                        Ok(())
                    }
                    Ok(_) => {
                        // Whether the database answers, only what is under way knows.
                        if !is_under_way {
                            self.status.went_well();
                            backoff.reset();
                        }
                        Ok(())
                    }
                    Err(error) => Err(error),
                },
            };
            if let Err(error) = outcome {
                self.status.went_wrong(&error);
                backoff.pause(&stop).await;
            }
        }
    }

    /// Looks once, and sees to what it finds.
    ///
    /// Cancel safe: everything may be repeated.
    ///
    /// # Errors
    /// [`WorkerError`]: it is found again next time.
    pub async fn step(&self, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        let Some(overdue) = self.look().await? else { return Ok(StepOutcome::Idle) };
        let count = overdue.span.to - overdue.span.from + 1;
        self.redeliver(overdue, stop).await?;
        Ok(StepOutcome::Worked(usize::try_from(count).unwrap_or(usize::MAX)))
    }

    /// Asks where the streams stand, shows it, and gives what has been overdue for longest.
    async fn look(&self) -> Result<Option<Overdue>, WorkerError> {
        let due = self.seen().due();
        let ask = async |stream: String| {
            let backlog = self.log.backlog(&stream).await?;
            Ok::<_, WorkerError>((stream, backlog, self.clock.monotonic()))
        };
        let answers = try_join_all(due.into_iter().map(ask)).await?;
        let mut seen = self.seen();
        let Seen { lanes, times, .. } = &mut *seen;
        for (stream, backlog, at) in answers {
            if let Some((_, lane)) = lanes.iter_mut().find(|(name, _)| *name == stream) {
                lane.see(at, backlog, times);
            }
        }
        let now = self.clock.monotonic();
        let patience = self.least_patience.max(times.p99(now) * 3);
        seen.show(now, patience);
        Ok(seen.overdue(now, patience))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// The streams to ask this time: those in which something waits, and in turn those in which nothing does.
    fn due(&mut self) -> Vec<String> {
        self.looks = self.looks.wrapping_add(1);
        let lanes = self.lanes.iter().enumerate();
        let due = lanes.filter(|(index, (_, lane))| lane.waits() || (self.looks + index).is_multiple_of(SELDOM));
        due.map(|(_, (stream, _))| stream.clone()).collect()
    }

    fn overdue(&mut self, now: Duration, patience: Duration) -> Option<Overdue> {
        let due = self.lanes.iter_mut().filter_map(|(stream, lane)| {
            let span = lane.overdue(now, patience)?;
            Some((lane.oldest(now), Overdue { stream: stream.clone(), span }))
        });
        due.max_by_key(|(oldest, _)| *oldest).map(|(_, overdue)| overdue)
    }

    fn show(&self, now: Duration, patience: Duration) {
        let lanes = || self.lanes.iter().map(|(_, lane)| lane);
        let oldest = lanes().map(|lane| lane.oldest(now)).max().unwrap_or_default();
        metrics::gauge!("desk_ledger_unpersisted").set(lanes().map(Lane::unpersisted).sum::<u64>() as f64);
        metrics::gauge!("desk_ledger_oldest_unpersisted_seconds").set(oldest.as_secs_f64());
        metrics::gauge!("desk_reconcile_patience_seconds").set(patience.as_secs_f64());
    }
}

/// A stream in which nothing waits is asked every so many looks only.
const SELDOM: usize = 4;
