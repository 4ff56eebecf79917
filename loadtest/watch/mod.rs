//! Looks at processes, servers and brokers once a second while they are under load.
//!
//! It only looks: `/proc` of processes on this machine, the metrics page of servers, the monitoring pages of brokers.
//! What cannot be looked at leaves a gap.

mod broker;
mod metrics;
mod prometheus;
mod rates;
mod tracked;

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context as _;
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at},
};

use crate::report::{Process, Series, Used};
use broker::BrokerPage;
use metrics::MetricsPage;
use tracked::Tracked;

/// What is looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watched {
    /// Processes on this machine.
    pub(crate) processes: Vec<WatchedProcess>,
    /// Names and addresses of servers' pages for operators, such as `http://127.0.0.1:8081`.
    pub(crate) admin: Vec<(String, String)>,
    /// Names and addresses of brokers' monitoring pages.
    pub(crate) brokers: Vec<(String, String)>,
}

/// A process to look at.
#[derive(Debug, Clone)]
pub(crate) struct WatchedProcess {
    /// Name of the process, such as `gateway-1`.
    pub(crate) name: String,
    /// Role of the process, such as `gateway`.
    pub(crate) role: String,
    /// Its number at the kernel.
    pub(crate) pid: u32,
    /// Whether those it started count with it, as a database's do.
    pub(crate) with_children: bool,
}

/// Samples of the processes and of their metrics.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Processor time and memory of each process.
    pub(crate) processes: Vec<Process>,
    /// Series from the metrics pages.
    pub(crate) series: Vec<Series>,
}

/// Looks, until it is asked what it saw.
#[derive(Debug)]
pub(crate) struct Watch {
    orders: mpsc::UnboundedSender<WatchedProcess>,
    task: JoinHandle<Seen>,
}

impl Watch {
    /// Begins to look. Seconds count from `origin`, which may lie ahead.
    ///
    /// # Errors
    /// If no client for pages can be made.
    pub(crate) fn begin(watched: Watched, origin: Instant) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().context("no client for pages")?;
        let (orders, received) = mpsc::unbounded_channel();
        let looker = Looker {
            origin,
            processes: Vec::new(),
            metrics: watched.admin.into_iter().map(|(name, url)| MetricsPage::new(&client, name, &url)).collect(),
            brokers: watched.brokers.into_iter().map(|(name, url)| BrokerPage::new(&client, name, &url)).collect(),
        };
        let watch = Self { orders, task: tokio::spawn(looker.look(received)) };
        watched.processes.into_iter().for_each(|process| watch.follow(process));
        Ok(watch)
    }

    /// Looks at this process too; in place of the one of that name, if it was started anew.
    pub(crate) fn follow(&self, process: WatchedProcess) {
        // If the task has ended, `finish` reports it.
        let _ended = self.orders.send(process);
    }

    /// Looks a last time, and says what was seen.
    ///
    /// # Errors
    /// If it could not look.
    pub(crate) async fn finish(self) -> anyhow::Result<Seen> {
        drop(self.orders);
        self.task.await.context("the task that samples the processes failed")
    }
}

/// Takes the samples.
struct Looker {
    origin: Instant,
    processes: Vec<Tracked>,
    metrics: Vec<MetricsPage>,
    brokers: Vec<BrokerPage>,
}

impl Looker {
    async fn look(mut self, mut orders: mpsc::UnboundedReceiver<WatchedProcess>) -> Seen {
        let mut ticks = interval_at(Instant::now(), EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut round = 0_usize;
        loop {
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(process) => self.follow(process),
                    None => break,
                },
                _ = ticks.tick() => {
                    self.look_once(round).await;
                    round += 1;
                }
            }
        }
        self.look_once(0).await;
        Seen {
            processes: self.processes.into_iter().map(Tracked::into_process).collect(),
            series: self
                .metrics
                .into_iter()
                .flat_map(MetricsPage::into_series)
                .chain(self.brokers.into_iter().flat_map(BrokerPage::into_series))
                .collect(),
        }
    }

    async fn look_once(&mut self, round: usize) {
        let at = seconds_from(self.origin, Instant::now());
        let thorough = round.is_multiple_of(THOROUGH_EVERY);
        // A look takes a process's memory apart and may last milliseconds.
        let mut processes = std::mem::take(&mut self.processes);
        let looked = tokio::task::spawn_blocking(move || {
            processes.iter_mut().for_each(|process| process.look(at, thorough));
            processes
        });
        for page in &mut self.metrics {
            page.look(self.origin).await;
        }
        for page in &mut self.brokers {
            page.look(self.origin).await;
        }
        self.processes = looked.await.unwrap_or_default();
    }

    fn follow(&mut self, process: WatchedProcess) {
        match self.processes.iter_mut().find(|known| known.is_called(&process.name)) {
            Some(known) => known.replace(process),
            None => self.processes.push(Tracked::new(process)),
        }
    }
}

impl Seen {
    /// What each role used in these seconds, all its processes together.
    pub(crate) fn used(&self, from: f64, until: f64) -> BTreeMap<String, Used> {
        let mut used: BTreeMap<String, Used> = BTreeMap::new();
        for process in &self.processes {
            let sum = used.entry(process.role.clone()).or_default();
            let part = process.used(from, until);
            sum.cores += part.cores;
            sum.memory_bytes += part.memory_bytes;
        }
        for series in self.series.iter().filter(|series| series.name == broker::STORED) {
            let within = series.at.iter().zip(&series.values).rfind(|(at, _)| (from..until).contains(*at));
            if let (Some((_, bytes)), Some(sum)) = (within, used.get_mut("broker")) {
                sum.disk_bytes = Some(sum.disk_bytes.unwrap_or_default() + *bytes as u64);
            }
        }
        used
    }
}

/// How many seconds `now` is after `origin`; negative before it. In thousandths.
fn seconds_from(origin: Instant, now: Instant) -> f64 {
    let after = now.saturating_duration_since(origin).as_secs_f64();
    let before = origin.saturating_duration_since(now).as_secs_f64();
    crate::report::round(after - before)
}

const EVERY: Duration = Duration::from_secs(1);

/// Longest wait for a page.
const PATIENCE: Duration = Duration::from_millis(900);

/// Shared pages are counted in every so many looks: the kernel walks the whole memory of the process for it.
const THOROUGH_EVERY: usize = 5;

#[cfg(test)]
mod tests;
