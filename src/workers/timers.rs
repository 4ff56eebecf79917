//! Fires timers at their moment: claims those that are due soon, holds them in memory, fires each when its time has
//! come.
//!
//! Two loops share the claimed timers. One looks every 200 ms whether an unclaimed timer is due within the look-ahead,
//! whether another worker has stopped renewing its claims, and renews its own; with nothing due and no claims it only
//! reads one row. The other sleeps until the next claimed timer is due and fires it. See [`Timers`] for how claims are
//! fenced.

mod handler;
mod observed;
mod release;
mod snooze;
mod window;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_config::Role;
use frontdesk_domain::Timer;
use frontdesk_ports::{ClaimantId, Clock, Timers};
use futures_util::StreamExt as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use self::handler::{NotFired, TimerHandler};
use self::{
    observed::Observed,
    release::{ReleaseAgent, ReleaseConversation},
    snooze::EndSnooze,
    window::{Claimed, Window},
};
use crate::kit::{DeadLetterUnit, Status, StepOutcome, Worker, WorkerContext, WorkerError, steps};

/// Fires stored timers when they are due; any number of workers share them by claims.
pub struct TimersWorker {
    timers: Arc<dyn Timers>,
    clock: Arc<dyn Clock>,
    status: Arc<Status>,
    handlers: Vec<Arc<dyn TimerHandler>>,
    claimant: ClaimantId,
    claims: Mutex<Claims>,
    changed: Notify,
}

/// What this worker holds and what it has seen of the others.
#[derive(Default)]
struct Claims {
    window: Window,
    observed: Observed,
    /// Timers that are being fired.
    firing: usize,
    /// Whether some could not be fired the last time.
    failing: bool,
    /// When the claims were renewed last, on the monotonic clock; `None` when there are none.
    renewed: Option<Duration>,
}

impl Worker for TimersWorker {
    const ROLE: Role = Role::named("timers");
    const DEAD_LETTERS: DeadLetterUnit = DeadLetterUnit::None;

    fn new(context: &WorkerContext) -> Self {
        let ports = context.ports();
        let handlers: Vec<Arc<dyn TimerHandler>> = vec![
            Arc::new(EndSnooze::new(ports.commands.clone())),
            Arc::new(ReleaseAgent::new(&ports.database, ports.commands.clone())),
            Arc::new(ReleaseConversation::new(&ports.database, ports.commands.clone())),
        ];
        Self::with_handlers(ports.database.timers.clone(), ports.clock.clone(), context.status().clone(), handlers)
    }

    fn status(&self) -> &Arc<Status> {
        &self.status
    }

    /// Claims what is due soon and fires what is due now.
    async fn step(&self, _: Duration, _: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        self.look().await?;
        let fired = self.fire_due().await?;
        Ok(if fired == 0 { StepOutcome::Idle } else { StepOutcome::Worked(fired) })
    }

    async fn run(self, stop: CancellationToken) {
        let looking = steps::run(&self.status, &stop, async || {
            if pause(LOOK_EVERY, &stop).await {
                return Ok(StepOutcome::Stopped);
            }
            self.look().await?;
            // Only `Idle` says that all is well again.
            Ok(if self.claims().failing { StepOutcome::Worked(0) } else { StepOutcome::Idle })
        });
        let firing = steps::run(&self.status, &stop, async || {
            let next = self.claims().window.next_at();
            let wait = next.map_or(LOOK_EVERY, |at| at.saturating_sub(self.clock.monotonic()).min(LOOK_EVERY));
            let is_stopped = tokio::select! {
                is_stopped = pause(wait, &stop) => is_stopped,
                () = self.changed.notified() => false,
            };
            if is_stopped {
                return Ok(StepOutcome::Stopped);
            }
            let fired = self.fire_due().await?;
            Ok(StepOutcome::Worked(fired))
        });
        tokio::join!(looking, firing);
        // Others can take over at once instead of waiting for the renewals to stop.
        if self.claims().renewed.is_some()
            && let Err(error) = self.timers.release_claims(self.claimant, None).await
        {
            self.status.went_wrong(&error);
        }
    }
}

impl TimersWorker {
    /// A worker that fires timers of the kinds that `handlers` are for.
    #[must_use]
    pub fn with_handlers(
        timers: Arc<dyn Timers>,
        clock: Arc<dyn Clock>,
        status: Arc<Status>,
        handlers: Vec<Arc<dyn TimerHandler>>,
    ) -> Self {
        let claimant = ClaimantId(Uuid::new_v4());
        Self { timers, clock, status, handlers, claimant, claims: Mutex::default(), changed: Notify::new() }
    }

    /// Looks once what is due soon and who has stopped renewing.
    async fn look(&self) -> Result<(), WorkerError> {
        let kinds: Vec<_> = self.handlers.iter().map(|handler| handler.kind()).collect();
        self.renew().await?;
        let survey = self.timers.survey_timers(&kinds).await?;
        let now = self.clock.monotonic();
        let stale = self.claims().observed.look(&survey.claimants, self.claimant, now, PATIENCE);
        let mut freed = false;
        for claimant in stale {
            if self.timers.release_claims(claimant.id, Some(claimant.renewals)).await? {
                freed = true;
                tracing::info!(claimant = %claimant.id.0, "another worker has stopped renewing its timers; they are claimed anew");
            }
        }
        let is_near = survey.nearest.is_some_and(|nearest| nearest <= self.due_by());
        if is_near || freed {
            self.claim(&kinds).await?;
        }
        metrics::gauge!("desk_timers_claimed").set(self.claims().window.len() as f64);
        Ok(())
    }

    /// Claims until the window is full or nothing more is due within the look-ahead.
    async fn claim(&self, kinds: &[&str]) -> Result<(), WorkerError> {
        loop {
            let room = MOST_CLAIMED.saturating_sub(self.claims().held()).min(CLAIM_BATCH);
            if room == 0 {
                return Ok(());
            }
            let claimed = self.timers.claim_timers(self.claimant, kinds, self.due_by(), room).await?;
            let count = claimed.len();
            let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
            if count > 0 {
                let mut claims = self.claims();
                claims.renewed = Some(monotonic);
                claimed.into_iter().for_each(|timer| claims.window.add(timer, now, monotonic));
            }
            self.changed.notify_one();
            if count < room {
                return Ok(());
            }
        }
    }

    /// Renews the claims, or gives them back when none is needed any more.
    async fn renew(&self) -> Result<(), WorkerError> {
        let (is_claimant, is_idle) = {
            let claims = self.claims();
            (claims.renewed.is_some(), claims.held() == 0)
        };
        if !is_claimant {
            return Ok(());
        }
        if is_idle {
            self.timers.release_claims(self.claimant, None).await?;
            self.claims().renewed = None;
        } else if self.timers.renew_claims(self.claimant).await? {
            self.claims().renewed = Some(self.clock.monotonic());
        } else {
            tracing::warn!("this worker was too slow to renew its timers; another one has claimed them");
            let mut claims = self.claims();
            claims.window.clear();
            claims.renewed = None;
        }
        Ok(())
    }

    /// Fires what is due, in portions, until nothing is. Returns how many were fired.
    async fn fire_due(&self) -> Result<usize, WorkerError> {
        let mut fired = 0;
        loop {
            let due = {
                let mut claims = self.claims();
                let due = claims.window.take_due(self.clock.monotonic(), FIRE_BATCH);
                claims.firing += due.len();
                due
            };
            if due.is_empty() {
                return Ok(fired);
            }
            let count = due.len();
            let outcome = self.fire_all(due).await;
            self.claims().firing -= count;
            fired += outcome?;
        }
    }

    async fn fire_all(&self, due: Vec<Claimed>) -> Result<usize, WorkerError> {
        let timers: Vec<Timer> = due.iter().map(|claimed| claimed.timer.clone()).collect();
        let still_claimed = match self.timers.still_claimed(self.claimant, &timers).await {
            Ok(still_claimed) => still_claimed,
            Err(error) => {
                due.into_iter().for_each(|claimed| self.retry(claimed, None));
                return Err(error.into());
            }
        };
        let due = due.into_iter().zip(still_claimed).filter(|(_, is_claimed)| *is_claimed).map(|(claimed, _)| claimed);
        let tries: Vec<_> = futures_util::stream::iter(due)
            .map(|claimed| async {
                let late = self.clock.monotonic().saturating_sub(claimed.due);
                let outcome = self.fire(&claimed.timer).await;
                (claimed, late, outcome)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let (mut fired, mut failed) = (Vec::new(), None);
        for (claimed, late, outcome) in tries {
            match outcome {
                Ok(()) => {
                    metrics::histogram!("desk_timer_lateness_seconds").record(late);
                    fired.push(claimed.timer);
                }
                Err(NotFired { after, error }) => {
                    failed = error.or(failed);
                    self.retry(claimed, after);
                }
            }
        }
        metrics::counter!("desk_timers_fired_total").increment(fired.len() as u64);
        if !fired.is_empty() {
            self.timers.finish_timers(self.claimant, &fired).await?;
        }
        self.claims().failing = failed.is_some();
        if let Some(error) = failed {
            self.status.went_wrong(&error);
        }
        Ok(fired.len())
    }

    async fn fire(&self, timer: &Timer) -> Result<(), NotFired> {
        match self.handlers.iter().find(|handler| handler.kind() == timer.key.kind) {
            Some(handler) => handler.fire(timer).await,
            None => Ok(()),
        }
    }

    fn retry(&self, claimed: Claimed, after: Option<Duration>) {
        let doubled = RETRY_AFTER * (1 << claimed.failures.min(6));
        let at = self.clock.monotonic() + after.unwrap_or(doubled).min(LONGEST_RETRY);
        self.claims().window.retry(claimed, at);
    }

    fn due_by(&self) -> frontdesk_domain::Timestamp {
        self.clock.now().plus_millis(LOOK_AHEAD_MS)
    }

    fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Claims {
    fn held(&self) -> usize {
        self.window.len() + self.firing
    }
}

/// Waits; whether it was asked to stop meanwhile.
async fn pause(wait: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        biased;
        () = stop.cancelled() => true,
        () = tokio::time::sleep(wait) => false,
    }
}

/// How often the database is looked at: the longest time by which a timer is late that was set for the moment at which
/// it was set.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How long the renewals of another worker may stand still before its claims are taken away. With the time between two
/// looks, timers of a killed worker fire within a second.
const PATIENCE: Duration = Duration::from_millis(600);

/// How long before they are due timers are claimed: 2 s.
const LOOK_AHEAD_MS: i64 = 2_000;

/// Most timers in memory; the others wait in the database.
const MOST_CLAIMED: usize = 8_192;

/// Timers claimed in one transaction.
const CLAIM_BATCH: usize = 1_024;

/// Timers checked and removed in one statement.
const FIRE_BATCH: usize = 256;

/// Timers fired at a time.
const AT_ONCE: usize = 64;

/// How long a timer that could not be fired waits, doubled with each failure.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// Longest pause between two attempts at a timer that failed.
const LONGEST_RETRY: Duration = Duration::from_secs(5);
