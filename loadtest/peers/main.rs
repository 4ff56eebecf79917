//! Frontdesk's idle sessions and its relay of messages beside those of other servers of sockets, in one run on one
//! machine.
//!
//! One program is the client of all of them and treats them alike: the same sockets, the same texts, the same schedule.
//! What differs is said in [`System::keeps`]: Frontdesk has each message on disk before it tells anybody, the others
//! keep nothing.

mod clients;
mod frontdesk;
mod idle;
mod memory;
mod relay;
mod server;
mod socket;
mod systems;
mod table;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::ensure;
use clap::Parser;

use server::Server;
use systems::System;
use table::Row;

/// Compares Frontdesk with socket.io, ws and nchan: memory per idle socket, and messages from one socket to another.
#[derive(Debug, Parser)]
#[command(name = "frontdesk-peers", version)]
struct Options {
    /// Idle sockets at the first and at the second look; what a socket costs is the slope between them.
    #[arg(long, num_args = 2, default_values_t = [1000, 5000], value_names = ["FEW", "MANY"])]
    idle: Vec<usize>,
    /// Pairs of sockets that talk.
    #[arg(long, default_value_t = 100)]
    pairs: usize,
    /// Messages of a pair that may be on their way, when as many as possible are sent.
    #[arg(long, default_value_t = 8)]
    window: usize,
    /// Messages a second, when latency is measured.
    #[arg(long, default_value_t = 2000)]
    rate: u32,
    /// How long each measurement takes, in seconds; two more before it do not count.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Bytes of each text.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(24..=4096))]
    bytes: u16,
    /// Only systems whose name holds this.
    #[arg(long, default_value = "")]
    only: String,
    /// The folder that holds `node_modules` with ws and socket.io.
    #[arg(long, default_value = "target/peers")]
    node: PathBuf,
    /// The Frontdesk server to start.
    #[arg(long, default_value = "target/release/frontdesk")]
    server: PathBuf,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(compare(&options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("frontdesk-peers: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn compare(options: &Options) -> anyhow::Result<()> {
    let systems: Vec<_> = System::ALL.into_iter().filter(|system| system.name().contains(&options.only)).collect();
    ensure!(!systems.is_empty(), "no system is called {:?}", options.only);
    let (mut rows, mut failed) = (Vec::new(), Vec::new());
    for system in systems {
        // One that fails must not take with it what was measured of the others.
        match measure(system, options).await {
            Ok(row) => rows.push(row),
            Err(error) => failed.push(format!("{}: {error:#}", system.name())),
        }
    }
    table::print(&rows, options.rate);
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

async fn measure(system: System, options: &Options) -> anyhow::Result<Row> {
    let time = Duration::from_secs(options.seconds.into());
    eprintln!("{}: idle sockets", system.name());
    let server = Server::start(system, options).await?;
    let idle = idle::bytes_per_socket(&server, &options.idle).await?;
    server.stop().await?;
    eprintln!("{}: relay", system.name());
    let server = Server::start(system, options).await?;
    let pairs = relay::Pairs::meet(&server, options.pairs, options.bytes.into()).await?;
    let most = pairs.as_many_as_possible(options.window, time).await?;
    let steady = pairs.steady(options.rate, time, &server).await?;
    server.stop().await?;
    Ok(Row { system, idle, most, steady })
}
