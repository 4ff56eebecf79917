//! How a worker is doing, for gauges and logs.

use std::{
    error::Error,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use frontdesk_config::Role;

/// How the worker of one role is doing; shared between the worker and the runner.
#[derive(Debug)]
pub struct Status {
    role: Role,
    failing: AtomicBool,
    pending: AtomicU64,
}

/// How the worker of one role was doing a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleHealth {
    /// Role of the worker.
    pub role: Role,
    /// Whether its last attempt failed; it keeps trying.
    pub failing: bool,
    /// How many records wait for it, not counting those it holds; `None` if not known.
    pub pending: Option<u64>,
}

/// Stands for "not known"; no stream holds so many records.
const UNKNOWN: u64 = u64::MAX;

impl Status {
    /// The status of a worker that has not failed yet.
    #[must_use]
    pub const fn new(role: Role) -> Self {
        Self { role, failing: AtomicBool::new(false), pending: AtomicU64::new(UNKNOWN) }
    }

    /// How it is doing.
    #[must_use]
    pub fn health(&self) -> RoleHealth {
        let pending = self.pending.load(Ordering::Relaxed);
        RoleHealth {
            role: self.role,
            failing: self.failing.load(Ordering::Relaxed),
            pending: (pending != UNKNOWN).then_some(pending),
        }
    }

    /// Name of the role, for metrics and logs.
    pub(crate) const fn name(&self) -> &'static str {
        self.role.name()
    }

    /// An attempt succeeded. Logged if the one before it failed.
    pub(crate) fn went_well(&self) {
        if self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!(worker.role = self.name(), "worker recovered");
        }
    }

    /// An attempt failed. Logged once, until an attempt succeeds.
    pub(crate) fn went_wrong(&self, error: &(dyn Error + 'static)) {
        metrics::counter!("desk_worker_errors_total", "role" => self.name()).increment(1);
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::warn!(worker.role = self.name(), error, "worker failed and keeps trying");
        }
    }

    /// How many records wait for it; `None` if the broker cannot be asked.
    pub(crate) fn set_pending(&self, pending: Option<u64>) {
        self.pending.store(pending.unwrap_or(UNKNOWN), Ordering::Relaxed);
        if let Some(pending) = pending {
            metrics::gauge!("desk_worker_pending", "role" => self.name()).set(pending as f64);
        }
    }
}
