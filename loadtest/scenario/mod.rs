//! What is done to a server: a file that names crowds of people, what harm is done meanwhile, and where all that
//! happens.

mod crowd;
mod fault;
mod file;
mod shipped;

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};

pub(crate) use crowd::{Claims, Crowd, Flood, Hot, Idle, Slow, Storm, Talk, Visitors};
pub(crate) use fault::{Action, Fault, Whom};
pub(crate) use file::{Source, read};
pub(crate) use shipped::SHIPPED;

use crate::options::Coding;

/// A scenario, whole and checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// Name of the scenario.
    pub(crate) name: String,
    /// What it is for, in a sentence or two.
    pub(crate) about: String,
    /// How long to measure.
    #[serde(with = "humantime_serde")]
    pub(crate) measure: Duration,
    /// How long to do the same before measuring.
    #[serde(default = "three_seconds", with = "humantime_serde")]
    pub(crate) warmup: Duration,
    /// How long the last messages may take.
    #[serde(default = "half_a_minute", with = "humantime_serde")]
    pub(crate) patience: Duration,
    /// How frames are written.
    #[serde(default)]
    pub(crate) codec: Coding,
    /// Where chance comes from.
    #[serde(default = "one")]
    pub(crate) seed: u64,
    /// Processes that generate the load, each with `threads` threads.
    #[serde(default = "one")]
    pub(crate) generators: u64,
    /// Threads of each.
    #[serde(default = "two")]
    pub(crate) threads: usize,
    /// Addresses to connect from. Empty: on this machine's loopback one for each 10,000 sockets, elsewhere as the
    /// system likes.
    #[serde(default)]
    pub(crate) sources: Vec<std::net::IpAddr>,
    /// Where: what `--spawn` starts.
    #[serde(default)]
    pub(crate) spawn: Spawn,
    /// Rates one after the other instead of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) steps: Option<Steps>,
    /// Starts of the server that are timed, before anything and after everything.
    #[serde(default)]
    pub(crate) restarts: u32,
    /// Harm, such as `kill gateway 1 for 5s at 10s`; times count from the begin of what is measured.
    #[serde(default)]
    pub(crate) faults: Vec<Fault>,
    /// When the figures say nothing about the server.
    #[serde(default)]
    pub(crate) bounds: Bounds,
    /// Who takes part, side by side.
    pub(crate) crowd: BTreeMap<String, Crowd>,
}

/// What is started to be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Spawn {
    /// One process with everything in it, or gateways and workers.
    pub(crate) form: Form,
    /// Processes that hold sockets, of a cluster.
    pub(crate) gateways: u32,
    /// Processes that do the work behind them, of a cluster.
    pub(crate) workers: u32,
    /// Brokers, of a cluster: 1, 3 or 5.
    pub(crate) brokers: u32,
    /// Postgres instead of SQLite, for one process; a cluster always has it.
    pub(crate) postgres: bool,
    /// What it takes to lose what was accepted.
    pub(crate) durability: Durability,
    /// Processor cores that all of it may use; none: all there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cores: Option<u32>,
    /// Memory that all of it may hold, in MiB; none: all there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) memory_mib: Option<u32>,
    /// Settings of its processes, such as `FRONTDESK__CONVERSATION__IDLE_AFTER = "15s"`.
    pub(crate) settings: BTreeMap<String, String>,
}

/// How the processes of a desk are put together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// Everything in one process, with a broker of its own.
    #[default]
    One,
    /// Gateways and workers, brokers, Postgres and Redis.
    Cluster,
}

/// What it takes to lose what was accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Durability {
    /// The loss of a disk: brokers sync before they acknowledge.
    #[default]
    Disk,
    /// A power loss: brokers leave it to the operating system.
    Os,
}

/// Rates one after the other, from low to high, until one is too much; then between the last two.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Steps {
    /// Messages a second of the first step, over all crowds that talk.
    pub(crate) from: f64,
    /// Of the last one, at most.
    pub(crate) to: f64,
    /// What each step multiplies the rate by.
    pub(crate) times: f64,
    /// How long each is measured.
    #[serde(with = "humantime_serde")]
    pub(crate) measure: Duration,
    /// How long the rate is on before.
    #[serde(with = "humantime_serde")]
    pub(crate) settle: Duration,
    /// A step is passed if 99 of 100 messages are delivered within this time, and nothing is refused or lost.
    #[serde(with = "humantime_serde")]
    pub(crate) p99: Duration,
    /// Further steps, each halfway between the best rate that passed and the lowest that did not.
    #[serde(default)]
    pub(crate) refine: u32,
    /// Whether to go on to the last step whatever happens.
    #[serde(default)]
    pub(crate) all: bool,
}

/// When a generator was too slow for its figures to mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Bounds {
    /// 99 of 100 messages have to be handed to their socket this soon after they were due.
    #[serde(with = "humantime_serde")]
    pub(crate) lateness_p99: Duration,
    /// The share of its threads' time that a generator may be busy.
    pub(crate) generator_busy: f64,
}

impl Scenario {
    /// Whether it can be done as it stands.
    ///
    /// # Errors
    /// It cannot; the error names the key and what is wrong with it.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(!self.crowd.is_empty(), "crowd: a scenario needs at least one crowd, such as [crowd.pairs]");
        within("measure", self.measure.as_secs_f64(), 0.1, 604_800.0)?;
        within("warmup", self.warmup.as_secs_f64(), 0.0, 86_400.0)?;
        within("patience", self.patience.as_secs_f64(), 1.0, 86_400.0)?;
        within("generators", self.generators as f64, 1.0, 250.0)?;
        within("threads", self.threads as f64, 1.0, 256.0)?;
        within("bounds.generator_busy", self.bounds.generator_busy, 0.05, 1.0)?;
        self.spawn.check()?;
        for (name, crowd) in &self.crowd {
            crowd.check().with_context(|| format!("crowd.{name}"))?;
        }
        if let Some(steps) = &self.steps {
            within("steps.from", steps.from, 1.0, 1e6)?;
            within("steps.to", steps.to, steps.from, 1e6)?;
            within("steps.times", steps.times, 1.01, 100.0)?;
            within("steps.measure", steps.measure.as_secs_f64(), 0.5, 86_400.0)?;
            within("steps.refine", f64::from(steps.refine), 0.0, 10.0)?;
            ensure!(self.rate() > 0.0, "steps: none of the crowds sends at a rate");
        }
        let gateways = if self.spawn.form == Form::One { 1 } else { self.spawn.gateways };
        for fault in &self.faults {
            fault.check(gateways, &self.spawn).with_context(|| format!("faults: `{fault}`"))?;
        }
        Ok(())
    }

    /// Messages a second that all crowds send together.
    pub(crate) fn rate(&self) -> f64 {
        self.crowd.values().map(Crowd::rate).sum()
    }

    /// Conversations in which something is said at the same time, about.
    pub(crate) fn conversations(&self) -> u64 {
        self.crowd.values().map(Crowd::conversations).sum()
    }

    /// Sockets that are open at the same time, about.
    pub(crate) fn sockets(&self) -> u64 {
        self.crowd.values().map(Crowd::sockets).sum()
    }

    /// Whether no socket should end before the run does: no harm is done, and no more is sent than can be carried.
    pub(crate) fn is_calm(&self) -> bool {
        self.faults.is_empty() && self.steps.is_none() && self.crowd.values().all(Crowd::is_calm)
    }
}

impl Spawn {
    fn check(&self) -> anyhow::Result<()> {
        within("spawn.gateways", f64::from(self.gateways), 1.0, 64.0)?;
        within("spawn.workers", f64::from(self.workers), 1.0, 64.0)?;
        ensure!([1, 3, 5].contains(&self.brokers), "spawn.brokers: {} is none of 1, 3 and 5", self.brokers);
        for name in self.settings.keys() {
            ensure!(name.starts_with("FRONTDESK__"), "spawn.settings: `{name}` does not begin with FRONTDESK__");
        }
        Ok(())
    }
}

impl Durability {
    /// The kind as it is written in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Os => "os",
        }
    }
}

impl Default for Spawn {
    fn default() -> Self {
        Self {
            form: Form::One,
            gateways: 1,
            workers: 1,
            brokers: 1,
            postgres: false,
            durability: Durability::Disk,
            cores: None,
            memory_mib: None,
            settings: BTreeMap::new(),
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self { lateness_p99: Duration::from_millis(20), generator_busy: 0.9 }
    }
}

/// That a value lies in its range.
fn within(key: &str, value: f64, least: f64, most: f64) -> anyhow::Result<()> {
    ensure!((least..=most).contains(&value), "{key}: {value} is not between {least} and {most}");
    Ok(())
}

const fn one() -> u64 {
    1
}

const fn two() -> usize {
    2
}

const fn three_seconds() -> Duration {
    Duration::from_secs(3)
}

const fn half_a_minute() -> Duration {
    Duration::from_secs(30)
}
