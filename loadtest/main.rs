//! Loads a Frontdesk server as its customers would, and says how it did.
//!
//! It knows the server by its protocol only. Messages are sent at the times of a schedule, whether earlier ones were answered
//! or not, and every latency counts from the scheduled time: a server that stalls is not spared the messages that it kept
//! from being sent. Each message has to arrive exactly once and in order, or the run fails.

mod client;
mod compare;
mod options;
mod plan;
mod process;
mod recorder;
mod rehearsal;
mod report;
mod scenario;
mod schedule;
mod statistics;
mod target;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use options::{Action, BenchOptions, CommandLine};
use rehearsal::RecordOptions;

fn main() -> ExitCode {
    let outcome = match CommandLine::parse().action() {
        Action::Bench(options) => bench(&options),
        Action::Report(options) => options.run(),
        Action::Compare(options) => options.run(),
        Action::Plan(options) => options.run(),
        Action::Record(options) => record(&options),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("frontdesk-loadtest: {error:#}");
        ExitCode::from(2)
    })
}

fn bench(options: &BenchOptions) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(options.threads).enable_all().build()?;
    let report = runtime.block_on(scenario::bench(options))?;
    print!("{}", report.to_text());
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn record(options: &RecordOptions) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(options.run())
}
