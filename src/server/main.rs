//! Entry point of the `frontdesk` command.

use std::process::ExitCode;

use clap::Parser;
use frontdesk_server::command_line::CommandLine;

#[cfg(feature = "planted-faults")]
compile_error!("`planted-faults` is for tests: build it with `--bin frontdesk-planted`");

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // One TLS provider for every client in the process; a second call could only fail because this one succeeded.
    let _installed = rustls::crypto::aws_lc_rs::default_provider().install_default();
    frontdesk_server::run(CommandLine::parse())
}
