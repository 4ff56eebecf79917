//! Publishes the events of the outbox, each once and those of one aggregate in their order.
//!
//! | moment | what makes sure of it |
//! | --- | --- |
//! | transactions commit in any order | what is not marked is found, whatever its number; numbers of one aggregate are seen without a gap |
//! | killed between publish and mark | the broker refuses the repeat, and the event is found behind the last one that was marked |
//! | an outcome is not known | the same: it is repeated with the same expectation, which stores it at most once |
//! | two relays at once | the broker takes an event only behind the one that it follows, so one of them is refused |
//! | broker away | events wait in the database, pauses grow to 2 s |
//!
//! Several processes may have this role; the one with the lease publishes. An idle relay only reads. When the process
//! that has the lease is killed, another one takes over within [`PATIENCE`] and a second.
//!
//! One limit: if a relay is killed between publish and mark and none runs for as long as the stream keeps events (a
//! week), the stream can no longer tell that it had the event, and it is published again, with the same id.

mod chain;
mod lease;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use frontdesk_config::Role;
use frontdesk_domain::Timestamp;
use frontdesk_ports::{Clock, EventStream, Outbox, PublishedEvent, WaitingEvent};
use futures_util::{StreamExt as _, stream};
use tokio_util::sync::CancellationToken;

use self::{
    chain::{Chain, by_aggregate},
    lease::Lease,
};
use crate::kit::{DeadLetterUnit, Status, StepOutcome, Worker, WorkerContext, WorkerError};

/// Publishes events of the outbox table, once and in order for each aggregate.
pub struct RelayWorker {
    outbox: Arc<dyn Outbox>,
    stream: Arc<dyn EventStream>,
    clock: Arc<dyn Clock>,
    status: Arc<Status>,
    /// How long published events stay in the database.
    keep: Duration,
    lease: Lease,
    schedule: Mutex<Schedule>,
}

/// When what is to be done, on the monotonic clock.
#[derive(Debug, Default)]
struct Schedule {
    /// Until the next look for events.
    pause: Duration,
    measured: Option<Duration>,
    trimmed: Option<Duration>,
}

impl Worker for RelayWorker {
    const ROLE: Role = Role::named("relay");
    const DEAD_LETTERS: DeadLetterUnit = DeadLetterUnit::None;

    fn new(context: &WorkerContext) -> Self {
        let ports = context.ports();
        Self {
            outbox: ports.database.outbox.clone(),
            stream: ports.events.clone(),
            clock: ports.clock.clone(),
            status: context.status().clone(),
            keep: context.settings().outbox_keep,
            lease: Lease::new(ports.database.outbox.clone(), ports.clock.clone()),
            schedule: Mutex::default(),
        }
    }

    fn status(&self) -> &Arc<Status> {
        &self.status
    }

    /// Publishes one batch of what waits.
    async fn step(&self, _: Duration, _: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        self.measure().await?;
        self.trim().await?;
        // Standing by, it is enough to know whether something waits.
        let limit = if self.lease.is_elsewhere() { 1 } else { BATCH };
        let mut batch = self.outbox.waiting_events(limit).await?;
        if batch.is_empty() {
            self.lease.nothing_waits();
        }
        let is_ours = !batch.is_empty() && self.lease.hold().await?;
        self.schedule().pause = if self.lease.is_elsewhere() { STAND_BY } else { LOOK_EVERY };
        if !is_ours {
            return Ok(StepOutcome::Idle);
        }
        if limit < BATCH {
            batch = self.outbox.waiting_events(BATCH).await?;
        }
        if batch.len() == BATCH {
            self.schedule().pause = Duration::ZERO;
        }
        let published = self.publish(batch).await?;
        Ok(StepOutcome::Worked(published))
    }

    async fn run(self, stop: CancellationToken) {
        crate::kit::steps::run(&self.status, &stop, async || {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(StepOutcome::Stopped),
                () = self.idle() => {}
            }
            self.step(Duration::ZERO, &stop).await
        })
        .await;
        if let Err(error) = self.lease.release().await {
            self.status.went_wrong(&error);
        }
    }
}

impl RelayWorker {
    /// Publishes the events of each aggregate one after another, those of different aggregates at the same time, and
    /// marks them. Returns how many.
    async fn publish(&self, batch: Vec<WaitingEvent>) -> Result<usize, WorkerError> {
        let halted = AtomicBool::new(false);
        let chains = by_aggregate(batch).into_iter().map(|events| {
            let chain = Chain { stream: &*self.stream, halted: &halted };
            chain.publish(events)
        });
        let ends: Vec<_> = stream::iter(chains).buffer_unordered(AT_ONCE).collect().await;
        let (mut published, mut failure) = (Vec::new(), None);
        for end in ends {
            published.extend(end.published);
            failure = failure.or(end.failure);
        }
        // The stream holds the events; the database does not say so yet.
        fail::fail_point!("after-event-publish", |_| std::process::abort());
        self.mark(&published).await?;
        // What was published is marked; the rest is tried again after a pause.
        failure.map_or(Ok(published.len()), Err)
    }

    async fn mark(&self, published: &[(PublishedEvent, Timestamp)]) -> Result<(), WorkerError> {
        if published.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let events: Vec<_> = published.iter().map(|(event, _)| event.clone()).collect();
        self.outbox.mark_published(&events, now).await?;
        metrics::counter!("desk_relay_published_total").increment(events.len() as u64);
        for (_, at) in published {
            metrics::histogram!("desk_relay_lag_seconds").record(age(now, *at));
        }
        Ok(())
    }

    /// Waits for the next look: when an event was added in this process, and after a pause in any case.
    async fn idle(&self) {
        let pause = self.schedule().pause;
        // Another relay has the lease: it is not this one's to publish, however soon.
        let is_elsewhere = self.lease.is_elsewhere();
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.outbox.event_added(), if !is_elsewhere => {}
        }
    }

    /// Sets the gauges of the relay: events that wait, and the age of the oldest.
    async fn measure(&self) -> Result<(), WorkerError> {
        let now = self.clock.monotonic();
        if !is_due(&mut self.schedule().measured, now, MEASURE_EVERY) {
            return Ok(());
        }
        let depth = self.outbox.outbox_depth().await?;
        self.status.set_pending(Some(depth.waiting));
        let oldest = depth.oldest.map_or(Duration::ZERO, |oldest| age(self.clock.now(), oldest));
        metrics::gauge!("desk_relay_oldest_seconds").set(oldest.as_secs_f64());
        Ok(())
    }

    /// Removes what was published long enough ago.
    async fn trim(&self) -> Result<(), WorkerError> {
        if !is_due(&mut self.schedule().trimmed, self.clock.monotonic(), TRIM_EVERY) {
            return Ok(());
        }
        let keep = i64::try_from(self.keep.as_millis()).unwrap_or(i64::MAX);
        let before = Timestamp(self.clock.now().0.saturating_sub(keep));
        while self.outbox.remove_published(before, REMOVED_AT_ONCE).await? == REMOVED_AT_ONCE as u64 {}
        Ok(())
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `every` has passed since `last`, which is then `now`.
fn is_due(last: &mut Option<Duration>, now: Duration, every: Duration) -> bool {
    let is_due = last.is_none_or(|last| now >= last + every);
    if is_due {
        *last = Some(now);
    }
    is_due
}

fn age(now: Timestamp, then: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(now.0.saturating_sub(then.0)).unwrap_or_default())
}

/// Stops further publishes of a batch: the broker is away.
fn halt(halted: &AtomicBool) {
    halted.store(true, Ordering::Relaxed);
}

/// How long another relay may not renew the lease, while events wait, before this one takes it over.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Events read at once.
const BATCH: usize = 500;

/// Aggregates whose events are published at the same time.
const AT_ONCE: usize = 64;

/// Between two looks for events that other processes have added, while there are none: how late they may be.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Between two looks while another relay has the lease.
const STAND_BY: Duration = Duration::from_secs(1);

/// Between two counts of what waits.
const MEASURE_EVERY: Duration = Duration::from_secs(5);

/// Between two removals of what was published.
const TRIM_EVERY: Duration = Duration::from_secs(60);

/// Rows removed by one statement.
const REMOVED_AT_ONCE: usize = 1_000;
