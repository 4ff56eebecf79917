//! What can be asked of the command.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, ValueEnum};
use frontdesk_protocol::socket::Codec;
use serde::{Deserialize, Serialize};

use crate::{
    compare::CompareOptions,
    plan::PlanOptions,
    rehearsal::{RecordOptions, ReplayOptions},
    report::ReportOptions,
    scenario::{Durability, Fault, Form, Scenario, Source, read},
};

/// Loads a Frontdesk server as its customers would, and says how it did.
#[derive(Debug, Parser)]
#[command(name = "frontdesk-loadtest", version, args_conflicts_with_subcommands = true)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    bench: BenchOptions,
}

/// Subcommands of `frontdesk-loadtest`.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Action {
    /// Runs a scenario. Exits with 1 if anything was lost, doubled or misordered, and with 3 if the generator was too
    /// slow.
    Run(RunOptions),
    /// Contacts and agents talk in pairs, at a steady rate: the scenario `steady`. Also what is done when nothing is
    /// named.
    Bench(BenchOptions),
    /// Names the scenarios that there are.
    List,
    /// Prints a scenario's file.
    Show {
        /// Name of a shipped scenario, or a file.
        scenario: String,
    },
    /// Reads a report, says what it found, and draws it again.
    Report(ReportOptions),
    /// Says which differences between runs are beyond the noise.
    Compare(CompareOptions),
    /// Says how many gateways, workers, brokers, how much memory and disk a desk needs, from a run in steps.
    Plan(PlanOptions),
    /// Records the shape of a running desk's traffic: how much, how long, how often, and nothing of what or who.
    Record(RecordOptions),
    /// Does again what was recorded, once to twenty times as fast. Exits as `run` does.
    Replay(ReplayOptions),
    /// Generates load as standard input says. Started by `run`.
    #[command(hide = true)]
    Generator {
        /// Threads of the generator.
        #[arg(long, default_value_t = 2)]
        threads: usize,
    },
}

/// How to run a scenario.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RunOptions {
    /// A scenario's name, or a file.
    #[arg(value_name = "SCENARIO", required_unless_present = "file")]
    name: Option<String>,
    /// A scenario's file.
    #[arg(long = "scenario", value_name = "FILE.toml", conflicts_with = "name")]
    file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) target: TargetOptions,
    /// Harm to a started server, such as "kill gateway at 10s", "stop worker 5s", "database 60s" or "restart gateways
    /// rolling"; may be repeated.
    #[arg(long, value_name = "HARM")]
    fault: Vec<String>,
    /// Sets a key of the scenario, such as `measure=60s` or `crowd.pairs.rate=500`, or a setting of the started server,
    /// such as `FRONTDESK__WORKERS__PERSIST_BATCH=100`; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Processes that generate the load; default: as the scenario says.
    #[arg(long)]
    generators: Option<u64>,
    /// Write the report to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Draw the report as a page in this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// Which system is loaded.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TargetOptions {
    /// A running server, such as `http://127.0.0.1:8080`; needs --inbox, --email and --password. May be repeated:
    /// gateways.
    #[arg(long, value_name = "URL", conflicts_with = "spawn", requires_all = ["inbox", "email", "password"])]
    pub(crate) target: Vec<String>,
    /// Start a server of one's own, with a folder of its own, and stop it afterwards. The default.
    #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, default_missing_value = "one")]
    spawn: Option<Form>,
    /// Gateways of a started cluster.
    #[arg(long)]
    gateways: Option<u32>,
    /// Workers of a started cluster.
    #[arg(long)]
    workers: Option<u32>,
    /// Brokers of a started cluster: 1, 3 or 5.
    #[arg(long)]
    brokers: Option<u32>,
    /// Postgres for a started server in one process; a cluster always has it.
    #[arg(long)]
    postgres: bool,
    /// What it takes to lose what a started server accepted.
    #[arg(long, value_enum)]
    durability: Option<Durability>,
    /// The server to start; default: `frontdesk` beside this program.
    #[arg(long, value_name = "FILE")]
    pub(crate) server: Option<PathBuf>,
    /// Where the started server keeps its folder; default: the system's folder for temporary files.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// The inbox that contacts write to, at a running server.
    #[arg(long)]
    pub(crate) inbox: Option<String>,
    /// E-mail address of an owner or admin at a running server.
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// That agent's password.
    #[arg(long, env = "FRONTDESK_LOADTEST_PASSWORD", hide_env_values = true)]
    pub(crate) password: Option<String>,
}

/// How contacts and agents talk.
#[derive(Debug, Clone, Args)]
pub(crate) struct BenchOptions {
    #[command(flatten)]
    target: TargetOptions,
    /// Sockets: half of them contacts, half of them agents.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..=20_000))]
    sockets: u32,
    /// Messages a second, over all sockets.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    rate: u32,
    /// How long to measure, in seconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: u32,
    /// How long to send before measuring, in seconds.
    #[arg(long, default_value_t = 3)]
    warmup: u32,
    /// Bytes of each message.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(24..=16_384))]
    bytes: u32,
    /// How frames are written.
    #[arg(long, value_enum, default_value_t = Coding::Json)]
    codec: Coding,
    /// Acknowledge each message that arrives, as widgets and consoles do.
    #[arg(long)]
    receipts: bool,
    /// Threads of the load generator.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Write the report to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the report as a page in this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// A setting of the started server, such as `FRONTDESK__BROKER__SYNC_INTERVAL=1s`; may be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

/// How frames are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Coding {
    /// JSON, in text frames.
    #[default]
    Json,
    /// `MessagePack`, in binary frames.
    Msgpack,
}

impl CommandLine {
    /// What to do; the benchmark when nothing is named.
    pub(crate) fn action(self) -> Action {
        self.action.unwrap_or(Action::Bench(self.bench))
    }
}

impl RunOptions {
    /// Of a scenario in a file.
    pub(crate) fn of_file(file: PathBuf, target: TargetOptions, json: Option<PathBuf>, html: Option<PathBuf>) -> Self {
        Self { file: Some(file), target, json, html, ..Self::default() }
    }

    /// The scenario as it is to be run.
    ///
    /// # Errors
    /// There is none of that name, or it cannot be done so.
    pub(crate) fn scenario(&self) -> anyhow::Result<Scenario> {
        let source = match (&self.file, &self.name) {
            (Some(file), _) => Source::File(file.clone()),
            (None, name) => Source::named(name.as_deref().context("name a scenario")?),
        };
        let mut sets = self.target.sets();
        sets.extend(self.generators.map(|count| format!("generators={count}")));
        sets.extend(self.set.iter().cloned());
        let mut scenario = read(&source, &sets)?;
        for fault in &self.fault {
            let fault: Fault = fault.parse().with_context(|| format!("--fault {fault}"))?;
            scenario.faults.push(fault);
        }
        scenario.check()?;
        anyhow::ensure!(
            scenario.faults.is_empty() || self.target.target.is_empty(),
            "only a server of our own can be harmed: leave --target out"
        );
        Ok(scenario)
    }
}

impl TargetOptions {
    /// What they set in a scenario.
    fn sets(&self) -> Vec<String> {
        let form = self.spawn.map(|form| if form == Form::One { "one" } else { "cluster" });
        let words = [("form", form), ("durability", self.durability.map(Durability::name))];
        let words = words.into_iter().filter_map(|(key, value)| Some(format!("spawn.{key}=\"{}\"", value?)));
        let counts = [("gateways", self.gateways), ("workers", self.workers), ("brokers", self.brokers)];
        let counts = counts.into_iter().filter_map(|(key, value)| Some(format!("spawn.{key}={}", value?)));
        words.chain(counts).chain(self.postgres.then(|| "spawn.postgres=true".to_owned())).collect()
    }
}

impl From<BenchOptions> for RunOptions {
    fn from(bench: BenchOptions) -> Self {
        let BenchOptions { target, sockets, rate, seconds, warmup, bytes, codec, receipts, threads, json, html, set } =
            bench;
        let codec = if codec == Coding::Json { "json" } else { "msgpack" };
        let mut sets = vec![
            format!("measure=\"{seconds}s\""),
            format!("warmup=\"{warmup}s\""),
            format!("threads={threads}"),
            format!("codec=\"{codec}\""),
            format!("crowd.pairs.pairs={}", sockets / 2),
            format!("crowd.pairs.rate={rate}"),
            format!("crowd.pairs.bytes={bytes}"),
            format!("crowd.pairs.receipts={receipts}"),
        ];
        sets.extend(set);
        Self { name: Some("steady".to_owned()), target, set: sets, json, html, ..Self::default() }
    }
}

impl Coding {
    /// As the protocol names it.
    pub(crate) const fn codec(self) -> Codec {
        match self {
            Self::Json => Codec::Json,
            Self::Msgpack => Codec::MessagePack,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Crowd, Talk};

    fn run(words: &[&str]) -> anyhow::Result<Scenario> {
        let words = ["frontdesk-loadtest"].iter().chain(words);
        match CommandLine::try_parse_from(words)?.action() {
            Action::Run(options) => options.scenario(),
            Action::Bench(options) => RunOptions::from(options).scenario(),
            other => anyhow::bail!("{other:?}"),
        }
    }

    #[test]
    fn the_benchmark_is_the_steady_scenario() {
        let words =
            ["--sockets", "40", "--rate", "300", "--seconds", "7", "--set", "FRONTDESK__STORE__MAX_CONNECTIONS=2"];
        for first in [&[][..], &["bench"][..]] {
            let scenario = run(&[first, &words].concat()).unwrap();
            assert_eq!((scenario.name.as_str(), scenario.measure.as_secs()), ("steady", 7));
            assert!(matches!(scenario.crowd["pairs"], Crowd::Talk(Talk { pairs: 20, rate: 300.0, .. })));
            assert_eq!(scenario.spawn.settings["FRONTDESK__STORE__MAX_CONNECTIONS"], "2");
        }
    }

    #[test]
    fn options_say_what_is_started_and_harmed() {
        let words = ["run", "steady", "--spawn", "cluster", "--gateways", "2", "--fault", "kill gateway 2 at 1s"];
        let scenario = run(&words).unwrap();
        assert_eq!((scenario.spawn.form, scenario.spawn.gateways, scenario.faults.len()), (Form::Cluster, 2, 1));
        let elsewhere = ["--target", "http://desk", "--inbox", "i", "--email", "e", "--password", "p"];
        let error = run(&[&["run", "steady", "--fault", "kill gateway"], &elsewhere[..]].concat()).unwrap_err();
        assert!(error.to_string().contains("of our own"), "{error}");
    }
}
