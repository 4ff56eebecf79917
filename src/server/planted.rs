//! The `frontdesk` command with bugs on purpose, which `FRONTDESK_PLANTED_FAULT` chooses: the fault suite has to find each of
//! them. Never install it.

use std::process::ExitCode;

use clap::Parser;
use frontdesk_server::command_line::CommandLine;

fn main() -> ExitCode {
    eprintln!("frontdesk-planted: this build can do wrong on purpose; it is for tests alone");
    // One TLS provider for every client in the process; a second call could only fail because this one succeeded.
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    frontdesk_server::run(CommandLine::parse())
}
