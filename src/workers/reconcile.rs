//! Finds entries that are logged and not persisted in time, and persists them.
//!
//! The reconciler asks the broker where every stream stands, one small request for each, and less often where nothing
//! waits. Entries that stay unpersisted for too long it reads from the log and writes as the persist worker does. It
//! appends nothing to the log and takes nothing from the queue: the records are delivered to a persist worker later,
//! which finds them written.

mod integrity;
mod latency_window;
mod redeliver;
mod stream_lag;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_config::Role;
use frontdesk_ports::{Clock, LogInspector, StoreInspector};
use futures_util::future::{Fuse, FutureExt as _, try_join_all};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::{
    kit::{DeadLetterUnit, Status, StepOutcome, Worker, WorkerContext, WorkerError, backoff::Backoff},
    persist::Writer,
};
pub use integrity::IntegrityCheck;
use latency_window::LatencyWindow;
use stream_lag::{Span, StreamLag};

/// Finds entries that are logged and not persisted in time, and persists them. Any number of these may work at once.
pub struct ReconcileWorker {
    writer: Writer,
    integrity: IntegrityCheck,
    log: Arc<dyn LogInspector>,
    store: Arc<dyn StoreInspector>,
    clock: Arc<dyn Clock>,
    status: Arc<Status>,
    interval: Duration,
    patience_at_least: Duration,
    seen: Mutex<Seen>,
}

/// What was observed so far.
#[derive(Debug)]
struct Seen {
    lags: Vec<(String, StreamLag)>,
    latencies: LatencyWindow,
    looks: usize,
}

/// A stretch of a stream whose records are overdue.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Overdue {
    stream: String,
    span: Span,
}

impl Worker for ReconcileWorker {
    const ROLE: Role = Role::named("reconcile");
    const DEAD_LETTERS: DeadLetterUnit = DeadLetterUnit::None;

    fn new(context: &WorkerContext) -> Self {
        let ports = context.ports();
        let lags = ports.log_inspector.stream_names().into_iter().map(|name| (name, StreamLag::default())).collect();
        Self {
            writer: Writer::new(context),
            integrity: IntegrityCheck::new(context),
            log: ports.log_inspector.clone(),
            store: ports.database.inspector.clone(),
            clock: ports.clock.clone(),
            status: context.status().clone(),
            interval: context.settings().reconcile_interval,
            patience_at_least: context.settings().reconcile_after,
            seen: Mutex::new(Seen { lags, latencies: LatencyWindow::default(), looks: 0 }),
        }
    }

    fn status(&self) -> &Arc<Status> {
        &self.status
    }

    /// Looks once, and repairs the stretch that has been overdue for longest.
    async fn step(&self, _: Duration, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        let Some(overdue) = self.look().await? else { return Ok(StepOutcome::Idle) };
        let count = overdue.span.to - overdue.span.from + 1;
        self.redeliver(overdue, stop).await?;
        Ok(StepOutcome::Worked(usize::try_from(count).unwrap_or(usize::MAX)))
    }

    /// Goes on looking while it waits for the database, and repairs one stretch at a time. The integrity check runs
    /// beside it.
    async fn run(self, stop: CancellationToken) {
        tokio::join!(self.repair_until(&stop), self.integrity.run(stop.clone()));
    }
}

impl ReconcileWorker {
    async fn repair_until(&self, stop: &CancellationToken) {
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
                        under_way.set(self.redeliver(overdue, stop).fuse());
                        Ok(())
                    }
                    Ok(_) => {
                        // While a repair runs, only it knows whether the database answers.
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
                backoff.pause(stop).await;
            }
        }
    }

    /// Asks where the streams stand, sets the gauges, and returns the stretch that has been overdue for longest.
    async fn look(&self) -> Result<Option<Overdue>, WorkerError> {
        let due = self.seen().due();
        let ask = async |stream: String| {
            let backlog = self.log.backlog(&stream).await?;
            Ok::<_, WorkerError>((stream, backlog, self.clock.monotonic()))
        };
        let answers = try_join_all(due.into_iter().map(ask)).await?;
        let mut seen = self.seen();
        let Seen { lags, latencies, .. } = &mut *seen;
        for (stream, backlog, at) in answers {
            if let Some((_, lag)) = lags.iter_mut().find(|(name, _)| *name == stream) {
                lag.see(at, backlog, latencies);
            }
        }
        let now = self.clock.monotonic();
        let patience = self.patience_at_least.max(latencies.p99(now) * 3);
        seen.show(now, patience);
        Ok(seen.overdue(now, patience))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// The streams to ask now: those in which entries wait, and every fourth time those in which none do.
    fn due(&mut self) -> Vec<String> {
        self.looks = self.looks.wrapping_add(1);
        let lags = self.lags.iter().enumerate();
        let due = lags.filter(|(index, (_, lag))| lag.waits() || (self.looks + index).is_multiple_of(SELDOM));
        due.map(|(_, (stream, _))| stream.clone()).collect()
    }

    fn overdue(&mut self, now: Duration, patience: Duration) -> Option<Overdue> {
        let due = self.lags.iter_mut().filter_map(|(stream, lag)| {
            let span = lag.overdue(now, patience)?;
            Some((lag.oldest(now), Overdue { stream: stream.clone(), span }))
        });
        due.max_by_key(|(oldest, _)| *oldest).map(|(_, overdue)| overdue)
    }

    fn show(&self, now: Duration, patience: Duration) {
        let lags = || self.lags.iter().map(|(_, lag)| lag);
        let oldest = lags().map(|lag| lag.oldest(now)).max().unwrap_or_default();
        metrics::gauge!("desk_ledger_unpersisted").set(lags().map(StreamLag::unpersisted).sum::<u64>() as f64);
        metrics::gauge!("desk_ledger_oldest_unpersisted_seconds").set(oldest.as_secs_f64());
        metrics::gauge!("desk_reconcile_patience_seconds").set(patience.as_secs_f64());
    }
}

/// A stream in which nothing waits is asked at every fourth look only.
const SELDOM: usize = 4;
