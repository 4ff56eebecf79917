//! Starting workers, and seeing to it that none ends in silence.

use std::{sync::Arc, time::Duration};

use frontdesk_config::{Role, WorkersSettings};
use frontdesk_ports::WorkSource;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    audit::Audit,
    backoff::Backoff,
    deps::{IngestDeps, WorkerDeps},
    ingest::IngestWorker,
    park::ParkWorker,
    persist::PersistWorker,
    push::PushWorker,
    receipts::ReceiptsWorker,
    reconcile::ReconcileWorker,
    status::{RoleHealth, Status},
    telemetry,
    trim::TrimWorker,
};

/// The workers of this process.
pub struct Workers {
    statuses: Vec<Arc<Status>>,
    tasks: Vec<JoinHandle<()>>,
}

/// How often the number of waiting records is asked for.
const LOOK_EVERY: Duration = Duration::from_secs(2);

impl Workers {
    /// Starts one worker for each role in the settings, on the runtime of the caller. They work until `stop`.
    #[must_use]
    pub fn spawn(settings: &WorkersSettings, deps: &WorkerDeps, stop: &CancellationToken) -> Self {
        telemetry::describe();
        let mut workers = Self { statuses: Vec::new(), tasks: Vec::new() };
        for role in [Role::Persist, Role::Push, Role::Receipts, Role::Trim, Role::Reconcile, Role::Park] {
            if settings.roles.contains(&role) {
                workers.add(role, settings, deps, stop);
            }
        }
        workers
    }

    /// Starts the worker that files what bridges bring, if the settings name its role. Apart from the others, because it needs
    /// conversations and they do not.
    #[must_use]
    pub fn spawn_ingest(settings: &WorkersSettings, deps: &IngestDeps, stop: &CancellationToken) -> Self {
        telemetry::describe();
        let mut workers = Self { statuses: Vec::new(), tasks: Vec::new() };
        if settings.roles.contains(&Role::Ingest) {
            let status = Arc::new(Status::new(Role::Ingest));
            let start = {
                let (settings, deps, status, stop) = (settings.clone(), deps.clone(), status.clone(), stop.clone());
                move || tokio::spawn(IngestWorker::new(&deps, &settings, status.clone()).run(stop.clone()))
            };
            workers.keep(status, Some(deps.work.clone()), start, stop);
        }
        workers
    }

    /// How each of them is doing.
    #[must_use]
    pub fn health(&self) -> Vec<RoleHealth> {
        self.statuses.iter().map(|status| status.health()).collect()
    }

    /// Waits until all have stopped, which they do once `stop` is given and what they had in hand is committed.
    pub async fn stopped(self) {
        for task in self.tasks {
            if let Err(error) = task.await {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "worker did not stop in order");
            }
        }
    }

    fn add(&mut self, role: Role, settings: &WorkersSettings, deps: &WorkerDeps, stop: &CancellationToken) {
        let status = Arc::new(Status::new(role));
        let source = match role {
            Role::Persist => Some(deps.persist_work.clone()),
            Role::Push => Some(deps.push_work.clone()),
            Role::Receipts => Some(deps.receipts_work.clone()),
            Role::Trim | Role::Reconcile | Role::Park | Role::Ingest => None,
        };
        let start = {
            let (settings, deps, status, stop) = (settings.clone(), deps.clone(), status.clone(), stop.clone());
            move || start(role, &settings, &deps, &status, stop.clone())
        };
        self.keep(status, source, start, stop);
    }

    fn keep(
        &mut self,
        status: Arc<Status>,
        source: Option<Arc<dyn WorkSource>>,
        start: impl Fn() -> JoinHandle<()> + Send + 'static,
        stop: &CancellationToken,
    ) {
        if let Some(source) = source {
            self.tasks.push(tokio::spawn(watch(source, status.clone(), stop.clone())));
        }
        self.tasks.push(tokio::spawn(keep_running(start, status.clone(), stop.clone())));
        self.statuses.push(status);
    }
}

fn start(
    role: Role,
    settings: &WorkersSettings,
    deps: &WorkerDeps,
    status: &Arc<Status>,
    stop: CancellationToken,
) -> JoinHandle<()> {
    let status = status.clone();
    match role {
        Role::Persist => tokio::spawn(PersistWorker::new(deps, settings, status).run(stop)),
        Role::Push => tokio::spawn(PushWorker::new(deps, settings, status).run(stop)),
        Role::Receipts => tokio::spawn(ReceiptsWorker::new(deps, settings, status).run(stop)),
        Role::Trim => tokio::spawn(TrimWorker::new(deps, settings, status).run(stop)),
        Role::Reconcile => {
            let (reconciler, audit) = (ReconcileWorker::new(deps, settings, status), Audit::new(deps));
            tokio::spawn(async move {
                tokio::join!(reconciler.run(stop.clone()), audit.run(stop));
            })
        }
        Role::Park => tokio::spawn(ParkWorker::new(deps, status).run(stop)),
        // Not among those that are started here.
        Role::Ingest => tokio::spawn(async {}),
    }
}

/// Starts a worker again whenever it ends without having been asked to. Only a defect makes it: a worker survives errors.
async fn keep_running(start: impl Fn() -> JoinHandle<()>, status: Arc<Status>, stop: CancellationToken) {
    let mut backoff = Backoff::default();
    loop {
        let ended = start().await;
        if stop.is_cancelled() && ended.is_ok() {
            return;
        }
        metrics::counter!("desk_worker_restarts_total", "role" => status.name()).increment(1);
        match ended {
            Ok(()) => tracing::error!(worker.role = status.name(), "worker ended unasked"),
            Err(error) => status.went_wrong(&error),
        }
        if stop.is_cancelled() {
            return;
        }
        backoff.pause(&stop).await;
    }
}

/// Asks now and then how many records wait for the worker.
async fn watch(source: Arc<dyn WorkSource>, status: Arc<Status>, stop: CancellationToken) {
    let watching = async {
        loop {
            status.set_pending(source.pending().await.ok());
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = watching => {}
    }
}
