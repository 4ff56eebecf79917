//! What can be asked of the command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use frontdesk_protocol::socket::Codec;
use serde::Serialize;

use crate::{compare::CompareOptions, plan::PlanOptions, rehearsal::RecordOptions, report::ReportOptions};

/// Loads a Frontdesk server as its customers would, and says how it did.
#[derive(Debug, Parser)]
#[command(name = "frontdesk-loadtest", version, args_conflicts_with_subcommands = true)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    bench: BenchOptions,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Action {
    /// Contacts and agents talk in pairs, at a steady rate. Also what is done when nothing is named.
    Bench(BenchOptions),
    /// Reads a report, says what it found, and draws it again.
    Report(ReportOptions),
    /// Says which differences between runs are beyond the noise.
    Compare(CompareOptions),
    /// Says how many gateways, workers, brokers, how much memory and disk a desk needs, from a run in steps.
    Plan(PlanOptions),
    /// Records the shape of a running desk's traffic: how much, how long, how often, and nothing of what or who.
    Record(RecordOptions),
}

/// How contacts and agents talk.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct BenchOptions {
    /// A running server, such as `http://127.0.0.1:8080`; needs --inbox, --email and --password.
    #[arg(long, value_name = "URL", conflicts_with = "spawn", requires_all = ["inbox", "email", "password"])]
    pub(crate) target: Option<String>,
    /// Start a server of one's own, with a folder of its own, and stop it afterwards. The default.
    #[arg(long)]
    pub(crate) spawn: bool,
    /// Sockets: half of them contacts, half of them agents.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..=20_000))]
    pub(crate) sockets: u32,
    /// Messages a second, over all sockets.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub(crate) rate: u32,
    /// How long to measure, in seconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// How long to send before measuring, in seconds.
    #[arg(long, default_value_t = 3)]
    pub(crate) warmup: u32,
    /// Bytes of each message.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(24..=16_384))]
    pub(crate) bytes: u32,
    /// How frames are written.
    #[arg(long, value_enum, default_value_t = Coding::Json)]
    pub(crate) codec: Coding,
    /// Acknowledge each message that arrives, as widgets and consoles do.
    #[arg(long)]
    pub(crate) receipts: bool,
    /// Threads of the load generator.
    #[arg(long, default_value_t = 2)]
    pub(crate) threads: usize,
    /// Write the report to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// The server to start; default: `frontdesk` beside this program.
    #[arg(long, value_name = "FILE")]
    pub(crate) server: Option<PathBuf>,
    /// Where the started server keeps its folder; default: the system's folder for temporary files.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// A setting of the started server, such as `FRONTDESK__BROKER__SYNC_INTERVAL=1s`; may be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// The inbox that contacts write to, at a running server.
    #[arg(long)]
    pub(crate) inbox: Option<String>,
    /// E-mail address of an owner or admin at a running server.
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// That agent's password.
    #[arg(long, env = "FRONTDESK_LOADTEST_PASSWORD", hide_env_values = true)]
    #[serde(skip)]
    pub(crate) password: Option<String>,
}

/// How frames are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Coding {
    /// JSON, in text frames.
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

impl BenchOptions {
    /// How many conversations there are.
    pub(crate) const fn pairs(&self) -> usize {
        (self.sockets / 2) as usize
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
