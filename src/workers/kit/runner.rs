//! Starts the workers of a process and restarts one that ends without being asked to.

use std::{sync::Arc, time::Duration};

use frontdesk_config::{Role, WorkersSettings};
use frontdesk_ports::WorkSource;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    backoff::Backoff,
    context::{WorkerContext, WorkerPorts},
    registry::Registration,
    status::{RoleHealth, Status},
};
use crate::WORKERS;

/// The workers of this process.
pub struct Workers {
    statuses: Vec<Arc<Status>>,
    tasks: Vec<JoinHandle<()>>,
}

/// How often a queue is asked how many records wait in it.
const PENDING_EVERY: Duration = Duration::from_secs(2);

impl Workers {
    /// Starts one worker for each role in the settings, on the runtime of the caller. They work until `stop`.
    #[must_use]
    pub fn spawn(settings: &WorkersSettings, ports: &WorkerPorts, stop: &CancellationToken) -> Self {
        let mut workers = Self { statuses: Vec::new(), tasks: Vec::new() };
        for registration in WORKERS.iter().filter(|registration| settings.roles.contains(&registration.role)) {
            workers.start(*registration, WorkerContext::new(ports, settings, registration.role), stop);
        }
        workers
    }

    /// How each of them is doing.
    #[must_use]
    pub fn health(&self) -> Vec<RoleHealth> {
        self.statuses.iter().map(|status| status.health()).collect()
    }

    /// The health of one role; `None` if it does not run here.
    #[must_use]
    pub fn health_of(&self, role: Role) -> Option<RoleHealth> {
        self.health().into_iter().find(|health| health.role == role)
    }

    /// Waits until all have stopped, which they do after `stop` once what they have in hand is committed.
    pub async fn stopped(self) {
        for task in self.tasks {
            if let Err(error) = task.await {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "a worker task failed while the process was stopping");
            }
        }
    }

    fn start(&mut self, registration: Registration, context: WorkerContext, stop: &CancellationToken) {
        self.statuses.push(context.status().clone());
        if let Some(source) = context.source() {
            self.tasks.push(tokio::spawn(report_pending(source, context.status().clone(), stop.clone())));
        }
        self.tasks.push(tokio::spawn(keep_running(registration, context, stop.clone())));
    }
}

/// Starts a worker again whenever it ends without having been asked to. Only a defect makes it end: a worker survives
/// errors.
async fn keep_running(registration: Registration, context: WorkerContext, stop: CancellationToken) {
    let mut backoff = Backoff::default();
    let status = context.status();
    loop {
        let ended = registration.spawn(&context, stop.clone()).await;
        if stop.is_cancelled() && ended.is_ok() {
            return;
        }
        metrics::counter!("desk_worker_restarts_total", "role" => status.name()).increment(1);
        match ended {
            Ok(()) => tracing::error!(worker.role = status.name(), "worker ended unexpectedly; starting it again"),
            Err(error) => status.went_wrong(&error),
        }
        if stop.is_cancelled() {
            return;
        }
        backoff.pause(&stop).await;
    }
}

/// Keeps the number of waiting records in the worker's status.
async fn report_pending(source: Arc<dyn WorkSource>, status: Arc<Status>, stop: CancellationToken) {
    let reporting = async {
        loop {
            status.set_pending(source.pending().await.ok());
            tokio::time::sleep(PENDING_EVERY).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = reporting => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_of_the_table_has_one_worker() {
        assert!(WORKERS.iter().map(|worker| worker.role).eq(Role::all()));
    }
}
