//! Whether this process can accept *and log*: looked at once a second, asked for free.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use frontdesk_api::{Readiness, ReadinessReport};
use frontdesk_domain::{ConversationId, ConversationKey, TenantId};
use frontdesk_ports::{AckRecord, Clock, Installation, Log};
use frontdesk_protocol::{Ack, AckKind};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Looks after a process and says how it is.
pub(crate) struct Probe {
    log: Arc<dyn Log>,
    installation: Arc<dyn Installation>,
    clock: Arc<dyn Clock>,
    data_dir: PathBuf,
    seen: Mutex<Seen>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// When a probe was last logged (monotonic clock); `None` before the first.
    logged_at: Option<Duration>,
    store_answers: bool,
    disk_free: Option<f64>,
    draining: bool,
}

impl Probe {
    pub(crate) fn new(
        log: Arc<dyn Log>,
        installation: Arc<dyn Installation>,
        clock: Arc<dyn Clock>,
        data_dir: PathBuf,
    ) -> Arc<Self> {
        Arc::new(Self { log, installation, clock, data_dir, seen: Mutex::default() })
    }

    /// Looks once a second until `stop`.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut every = tokio::time::interval(LOOK_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = every.tick() => self.look().await,
            }
        }
    }

    /// Checks every dependency once, and stores the result.
    pub(crate) async fn look(&self) {
        // A conversation that cannot exist: the probe goes the way of every acknowledgement and disturbs none.
        let key = ConversationKey { tenant: TenantId(Uuid::nil()), conversation: ConversationId(Uuid::nil()) };
        let probe = AckRecord { key, kind: AckKind::Persisted, ack: Ack { up_to_seq: 0 } };
        let (logged, store) = tokio::join!(
            tokio::time::timeout(LOOK_TIMEOUT, self.log.acknowledge(probe)),
            tokio::time::timeout(LOOK_TIMEOUT, self.installation.ping()),
        );
        let disk_free = free_share(&self.data_dir);
        let mut seen = self.seen();
        if matches!(logged, Ok(Ok(()))) {
            seen.logged_at = Some(self.clock.monotonic());
        }
        seen.store_answers = matches!(store, Ok(Ok(())));
        seen.disk_free = disk_free;
        drop(seen);
        metrics::gauge!("desk_ready").set(if self.report().ready { 1.0 } else { 0.0 });
    }

    /// From now on not ready: the process is going down.
    pub(crate) fn drain(&self) {
        self.seen().draining = true;
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Readiness for Probe {
    fn draining(&self) -> bool {
        self.seen().draining
    }

    fn report(&self) -> ReadinessReport {
        let seen = *self.seen();
        let fresh = seen.logged_at.is_some_and(|at| self.clock.monotonic().saturating_sub(at) < STALE_AFTER);
        let mut reasons = vec![];
        if seen.draining {
            reasons.push("draining".to_owned());
        }
        if !fresh {
            reasons.push("the log does not take a probe".to_owned());
        }
        if seen.disk_free.is_some_and(|free| free < LEAST_FREE) {
            reasons.push("less than 10 % of the disk is free".to_owned());
        }
        let degraded = if seen.store_answers { vec![] } else { vec!["database".to_owned()] };
        ReadinessReport { ready: reasons.is_empty(), degraded, reasons }
    }
}

/// The share of the file system under `path` that is free; `None` where it cannot be told.
fn free_share(path: &std::path::Path) -> Option<f64> {
    let stat = rustix::fs::statvfs(path).ok()?;
    (stat.f_blocks > 0).then(|| stat.f_bavail as f64 / stat.f_blocks as f64)
}

const LOOK_EVERY: Duration = Duration::from_secs(1);
const LOOK_TIMEOUT: Duration = Duration::from_secs(1);
const STALE_AFTER: Duration = Duration::from_secs(3);
const LEAST_FREE: f64 = 0.10;
