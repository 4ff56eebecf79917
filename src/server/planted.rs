//! The `frontdesk` command for the fault suite; never install it. `FRONTDESK_PLANTED_FAULT` chooses a bug that the
//! suite has to find, `FAILPOINTS` a place at which the process aborts.

use std::process::ExitCode;

use clap::Parser;
use frontdesk_server::command_line::CommandLine;

fn main() -> ExitCode {
    eprintln!("frontdesk-planted: this build can do wrong on purpose; it is for tests alone");
    // Reads `FAILPOINTS`; they stay set until the process ends.
    let _failpoints = fail::FailScenario::setup();
    // One TLS provider for every client in the process; a second call could only fail because this one succeeded.
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    frontdesk_server::run(CommandLine::parse())
}
