//! Loads a Frontdesk server as its customers would, and says how it did.
//!
//! It knows the server by its protocol only. Messages are sent at the times of a schedule, whether earlier ones were
//! answered or not, and every latency counts from the scheduled time: a server that stalls is not spared the messages
//! that it kept from being sent. Each message has to arrive exactly once and in order, and to be so in the history that
//! is kept, or the run fails.

mod client;
mod clock;
mod compare;
mod crowd;
mod generator;
mod ledger;
mod options;
mod plan;
mod process;
mod progress;
mod recorder;
mod rehearsal;
mod report;
mod results;
mod run;
mod scenario;
mod schedule;
mod statistics;
mod target;
mod watch;

use std::{io::IsTerminal as _, process::ExitCode};

use clap::Parser as _;
use tokio::runtime::{Builder, Runtime};

use options::{Action, CommandLine, RunOptions};
use report::Verdict;
use scenario::{SHIPPED, Source};

fn main() -> ExitCode {
    let outcome = match CommandLine::parse().action() {
        Action::Bench(options) => run(&options.into()),
        Action::Run(options) => run(&options),
        Action::List => list(),
        Action::Show { scenario } => show(&scenario),
        Action::Report(options) => options.run(),
        Action::Compare(options) => options.run(),
        Action::Plan(options) => options.run(),
        Action::Record(options) => runtime(1).and_then(|runtime| runtime.block_on(options.run())),
        Action::Replay(options) => options.prepare().and_then(|(options, _scenario)| run(&options)),
        Action::Generator { threads } => generate(threads),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("frontdesk-loadtest: {error:#}");
        ExitCode::from(2)
    })
}

fn run(options: &RunOptions) -> anyhow::Result<ExitCode> {
    let report = runtime(2)?.block_on(run::run(options))?;
    let (text, verdict) = (report.to_text(), report.verdict());
    let red = verdict == Verdict::Broken && std::io::stdout().is_terminal();
    let (before, after) = if red { ("\x1b[31m", "\x1b[0m") } else { ("", "") };
    print!("{before}{text}{after}");
    Ok(match verdict {
        Verdict::Sound => ExitCode::SUCCESS,
        Verdict::Broken => ExitCode::FAILURE,
        Verdict::Invalid => ExitCode::from(3),
    })
}

fn list() -> anyhow::Result<ExitCode> {
    for (name, _) in SHIPPED {
        let scenario = scenario::read(&Source::Shipped(name.to_owned()), &[])?;
        println!("{name:<18}{}", scenario.about);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(scenario: &str) -> anyhow::Result<ExitCode> {
    print!("{}", Source::named(scenario).text()?);
    Ok(ExitCode::SUCCESS)
}

fn generate(threads: usize) -> anyhow::Result<ExitCode> {
    let runtime = runtime(threads)?;
    let code = runtime.block_on(generator::obey());
    // A thread may still block on reading standard input.
    runtime.shutdown_background();
    Ok(code)
}

fn runtime(threads: usize) -> anyhow::Result<Runtime> {
    process::allow_many_files();
    Ok(Builder::new_multi_thread().worker_threads(threads).enable_all().build()?)
}
