//! One process from start to end.

use std::{sync::Arc, time::Duration};

use actix_rt::SystemRunner;
use anyhow::Context;
use frontdesk_config::Settings;
use frontdesk_ports::{Clock, SystemClock};
use frontdesk_workers::Workers;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    admin,
    backends::{self, Backends},
    banner::Ready,
    broker::Broker,
    demo,
    gateway::{Gateway, PublicListener},
    host::ConversationHost,
    readiness::Probe,
    shutdown::{self, StopSignals, Stopped},
    telemetry,
};

/// Which parts run in this process, besides conversations, which every process can host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    what: &'static str,
    listener: bool,
    workers: bool,
}

impl Parts {
    pub(crate) const EVERYTHING: Self = Self { what: "up", listener: true, workers: true };
    pub(crate) const GATEWAY: Self = Self { what: "gateway", listener: true, workers: false };
    pub(crate) const WORKER: Self = Self { what: "worker", listener: false, workers: true };
}

/// Runs `parts` on `runtime` until told to stop.
///
/// # Errors
/// Something is missing or taken; the error says what in one line.
pub(crate) fn run(runtime: Runtime, settings: Settings, parts: Parts, json: bool) -> anyhow::Result<()> {
    let _telemetry = telemetry::start(&settings.telemetry)?;
    let Runtime { system, mut signals } = runtime;
    system.block_on(async move {
        let starting = Box::pin(Running::start(settings, parts));
        let running = tokio::select! {
            biased;
            signal = signals.received() => {
                // What was begun is given up, as if the process had been killed; a local broker ends with it.
                tracing::info!(signal = signal.name(), "stopped before it was ready");
                shutdown::end_soon(0);
                return Ok(());
            }
            running = starting => running?,
        };
        running.ready.print(json);
        let signal = signals.received().await;
        tracing::info!(signal = signal.name(), "draining");
        running.stop().await;
        tracing::info!("stopped");
        Ok(())
    })
}

/// The process's runtime, and the signals that it hears from the first moment.
pub(crate) struct Runtime {
    system: SystemRunner,
    signals: StopSignals,
}

impl Runtime {
    /// Starts the runtime: actix's system over half as many threads as there are cores. Sockets and conversations have
    /// threads of their own; here are the broker's connection and the workers, and on fewer threads they wake one
    /// another less.
    ///
    /// # Errors
    /// The process may not listen to signals.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).div_ceil(2);
        let runtime = || {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(threads).enable_all().build().expect("threads can be started")
        };
        let system = actix_rt::System::with_tokio_rt(runtime);
        let signals = system.block_on(async { StopSignals::listen() }).context("cannot listen to signals")?;
        Ok(Self { system, signals })
    }

    /// Runs a command to its end, or until a signal.
    ///
    /// # Errors
    /// What the command says, or [`Stopped`].
    pub(crate) fn block_on(self, command: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
        let Self { system, mut signals } = self;
        system.block_on(async move {
            tokio::select! {
                biased;
                signal = signals.received() => {
                    shutdown::end_soon(signal.exit_code());
                    Err(Stopped(signal).into())
                }
                ended = command => ended,
            }
        })
    }
}

/// A process that is ready.
struct Running {
    ready: Ready,
    grace: Duration,
    broker: Broker,
    probe: Arc<Probe>,
    probing: JoinHandle<()>,
    gateway: Option<Gateway>,
    workers: Option<Workers>,
    conversations: Arc<ConversationHost>,
    stop: CancellationToken,
}

impl Running {
    async fn start(settings: Settings, parts: Parts) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let begun = clock.monotonic();
        let metrics = telemetry::begin_metrics()?;
        std::fs::create_dir_all(&settings.server.data_dir)
            .with_context(|| format!("cannot make the data folder {}", settings.server.data_dir.display()))?;
        let database = backends::open_database(&settings).await?;
        let broker = Broker::start(&settings, backends::installation_id(&database).await?).await?;
        let stop = CancellationToken::new();
        let backends = Backends::open(&settings, database, broker.log.clone(), Arc::clone(&clock))?;
        let (admin, admin_address) = admin::serve(settings.server.admin_listen, metrics.clone())?;
        tokio::spawn(admin);
        tokio::spawn(upkeep(metrics, stop.clone()));

        let probe = Probe::new(
            Arc::clone(&backends.log),
            Arc::clone(&backends.database.installation),
            Arc::clone(&clock),
            settings.server.data_dir.clone(),
        );
        probe.look().await;
        let probing = tokio::spawn(Arc::clone(&probe).run(stop.clone()));
        let conversations = ConversationHost::prepare(&settings, &backends, &stop).await?;
        let workers = parts.workers.then(|| {
            let ports = backends.for_workers(Arc::clone(&conversations) as _);
            Workers::spawn(&settings.workers, &ports, &stop)
        });
        let public = if parts.listener { Some(PublicListener::bind(&settings)?) } else { None };
        let listen = public.as_ref().map(|public| public.address);
        let public_url =
            public.as_ref().map_or_else(|| settings.server.public_url(), |public| public.public_url.clone());
        let demo = if parts == Parts::EVERYTHING && settings.demo.enabled {
            Some(
                demo::ensure(&settings, &public_url, &*backends.database.directory, &backends.application(), &*clock)
                    .await?,
            )
        } else {
            None
        };
        let inbox = demo.as_ref().map(|demo| demo.inbox);
        let gateway = match public {
            Some(public) => Some(
                Gateway::start(&settings, &backends, &conversations, Arc::clone(&probe), public, inbox, stop.clone())
                    .await?,
            ),
            None => None,
        };

        let took = clock.monotonic().saturating_sub(begun);
        tracing::info!(what = parts.what, listen = ?listen, admin = %admin_address, duration_ms = took.as_millis(), "ready");
        let ready = Ready { what: parts.what, listen, admin: admin_address, public_url, demo };
        Ok(Self {
            ready,
            grace: settings.server.shutdown_grace,
            broker,
            probe,
            probing,
            gateway,
            workers,
            conversations,
            stop,
        })
    }

    async fn stop(self) {
        let Self { grace, broker, probe, probing, gateway, workers, conversations, stop, .. } = self;
        probe.drain();
        let ended = tokio::time::timeout(grace, async {
            if let Some(gateway) = gateway {
                gateway.drain(grace.saturating_sub(REST).min(LONGEST_DRAIN)).await;
            }
            stop.cancel();
            if let Some(workers) = workers {
                workers.stopped().await;
            }
            let _ended = probing.await;
        })
        .await;
        if ended.is_err() {
            tracing::warn!(
                grace_ms = grace.as_millis(),
                "the grace period ended before all work in flight did; it is finished at the next start"
            );
        }
        // No actor may be left to take the end of the connection for a loss.
        broker.log.settled().await;
        conversations.stop().await;
        broker.shutdown().await;
    }
}

/// Histograms grow until they are read, and an installation may have no scraper.
async fn upkeep(metrics: metrics_exporter_prometheus::PrometheusHandle, stop: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => metrics.run_upkeep(),
        }
    }
}

/// The part of the grace period that is kept for workers, database and broker.
const REST: Duration = Duration::from_secs(5);

/// Longest time over which sockets are closed.
const LONGEST_DRAIN: Duration = Duration::from_secs(20);
