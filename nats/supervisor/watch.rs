//! The thread that owns the server: starts it, watches it, starts it again, ends it.

use std::future::Future;
use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, gauge};
use tokio::process::Child;
use tokio::sync::{oneshot, watch as latest};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::child::{Signal, send};
use super::launch::Launch;
use super::lock::Running;
use super::{BrokerStatus, EndGracefully, LocalBroker, SupervisorError, SupervisorOptions, health};

type Started = Result<(LocalBroker, latest::Receiver<BrokerStatus>), SupervisorError>;

/// The body of the thread. `started` hears of the first start; `end` ends it all.
pub(super) fn run(
    options: SupervisorOptions,
    started: oneshot::Sender<Started>,
    mut end: oneshot::Receiver<EndGracefully>,
) {
    // One thread, this one: the kernel ties the server's life to the thread that started it.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(started.send(Err(SupervisorError::Thread(error)))),
    };
    runtime.block_on(async {
        let start = async {
            let mut launch = Launch::prepare(options).await?;
            let child = launch.first_start().await?;
            Ok((launch, child))
        };
        let Ok(first) = unless_ended(&mut end, start).await else {
            return;
        };
        let (launch, child) = match first {
            Ok(running) => running,
            Err(error) => return drop(started.send(Err(error))),
        };
        let (report, status) =
            latest::channel(BrokerStatus { is_up: true, process_id: child.id().unwrap_or_default(), restarts: 0 });
        describe_counter!("desk_broker_restarts_total", "Restarts of the local nats-server");
        describe_gauge!("desk_broker_up", "1 while the local nats-server answers its health checks, else 0");
        gauge!("desk_broker_up").set(1.0);
        tracing::info!(process.id = child.id(), port = launch.ports.client, "local nats-server is up");
        if started.send(Ok((launch.broker(), status))).is_ok() {
            Watcher { launch, report, delay: SHORTEST_DELAY }.watch(child, end).await;
        }
    });
}

struct Watcher {
    launch: Launch,
    report: latest::Sender<BrokerStatus>,
    delay: Duration,
}

impl Watcher {
    async fn watch(mut self, mut child: Child, mut end: oneshot::Receiver<EndGracefully>) {
        loop {
            let up_since = Instant::now();
            let reason = match unless_ended(&mut end, self.until_broken(&mut child)).await {
                Ok(reason) => reason,
                Err(how) => return self.end(child, how).await,
            };
            tracing::error!(process.id = child.id(), reason, "local nats-server is down; starting it again");
            self.note(|status| status.is_up = false);
            let _ = child.kill().await; // fails only when it has ended already
            if up_since.elapsed() >= STEADY {
                self.delay = SHORTEST_DELAY;
            }
            child = match unless_ended(&mut end, self.restart()).await {
                Ok(fresh) => fresh,
                Err(_) => return, // what was being started is killed with its future; the next start makes sure
            };
        }
    }

    /// Ends when the server has to be started again, and says why.
    async fn until_broken(&self, child: &mut Child) -> String {
        let mut tick = interval(self.launch.options.health_interval);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failures = 0;
        loop {
            tokio::select! {
                ended = child.wait() => return match ended {
                    Ok(status) => format!("it ended ({status}), saying: {}", self.launch.files.last_words()),
                    Err(error) => format!("it cannot be waited for: {error}"),
                },
                _ = tick.tick() => {}
            }
            match health::check(self.launch.ports, self.launch.options.health_interval).await {
                Ok(()) => failures = 0,
                Err(why) if failures + 1 >= TOLERATED_FAILURES => return why,
                Err(_) => failures += 1,
            }
        }
    }

    /// Starts the server again, after longer and longer pauses, until it is healthy.
    async fn restart(&mut self) -> Child {
        loop {
            sleep(self.delay).await;
            self.delay = (self.delay * 2).min(LONGEST_DELAY);
            counter!("desk_broker_restarts_total").increment(1);
            match self.launch.start().await {
                Ok(child) => {
                    let process_id = child.id().unwrap_or_default();
                    self.note(|status| {
                        (status.is_up, status.process_id) = (true, process_id);
                        status.restarts += 1;
                    });
                    tracing::info!(
                        process.id = process_id,
                        port = self.launch.ports.client,
                        "local nats-server is up again"
                    );
                    return child;
                }
                Err(error) => {
                    self.note(|status| status.restarts += 1);
                    tracing::error!(%error, "local nats-server cannot be started; trying again");
                }
            }
        }
    }

    async fn end(self, mut child: Child, how: Ending) {
        self.note(|status| status.is_up = false);
        if let (Ending::Graceful, Some(process_id)) = (how, child.id()) {
            send(Signal::Term, process_id).await;
            if timeout(END_PATIENCE, child.wait()).await.is_err() {
                tracing::warn!(process.id = process_id, "local nats-server does not end; killing it");
            }
        }
        let _ = child.kill().await; // fails only when it has ended already
        Running::forget(&self.launch.files);
    }

    fn note(&self, change: impl FnOnce(&mut BrokerStatus)) {
        self.report.send_modify(change);
        gauge!("desk_broker_up").set(if self.report.borrow().is_up { 1.0 } else { 0.0 });
    }
}

/// How the supervisor's owner let go.
enum Ending {
    Graceful,
    Immediate,
}

/// `work`, unless the owner ends it first.
async fn unless_ended<T>(
    end: &mut oneshot::Receiver<EndGracefully>,
    work: impl Future<Output = T>,
) -> Result<T, Ending> {
    tokio::select! {
        biased;
        asked = end => Err(if asked.is_ok() { Ending::Graceful } else { Ending::Immediate }),
        done = work => Ok(done),
    }
}

const TOLERATED_FAILURES: u32 = 5;
const SHORTEST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(5);
/// Up for this long, a server is taken for well, and the next pause is short again.
const STEADY: Duration = Duration::from_secs(10);
const END_PATIENCE: Duration = Duration::from_secs(10);
