//! The process: command line, wiring of adapters to actors, workers and API, telemetry, readiness, shutdown.
//!
//! Every choice between adapters is made here and nowhere else. Nothing may depend on this crate.

mod admin;
mod backends;
mod banner;
mod broker;
pub mod command_line;
mod credentials;
mod dead;
mod demo;
mod gateway;
mod host;
mod inbox_rules;
mod ledger;
mod notices;
mod open_files;
mod peer_errors;
mod process;
mod readiness;

mod setup;
mod shutdown;
mod sockets;
mod telemetry;
mod verify;

use std::process::ExitCode;

use command_line::{Action, BrokerAction, CommandLine, ConfigAction, KeysAction};
use frontdesk_config::Settings;

/// Exit code for a configuration that cannot be used, as in `sysexits.h`.
const EX_CONFIG: u8 = 64;

/// Runs the action of the command line; returns the exit code.
#[must_use]
pub fn run(line: CommandLine) -> ExitCode {
    // First of all: from here on a signal is heard, also by process 1 of a container.
    let runtime = match process::Runtime::start() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error, 1),
    };
    let mut settings = match Settings::load_with_process_environment(line.config.as_deref()) {
        Ok(settings) => settings,
        Err(error) => return refuse(&anyhow::Error::new(error), EX_CONFIG),
    };
    line.action.apply_to(&mut settings);
    if let Err(error) = settings.validate().map_err(anyhow::Error::new).and_then(|()| line.action.check(&settings)) {
        return refuse(&error, EX_CONFIG);
    }
    let result = match &line.action {
        Action::Config(ConfigAction::Check) => {
            println!("the configuration is good");
            Ok(())
        }
        Action::Config(ConfigAction::Show) => {
            print!("{}", settings.show());
            Ok(())
        }
        Action::Keys(KeysAction::Rotate) => setup::rotate_keys(&settings),
        Action::Up(options) => process::run(runtime, settings, process::Parts::EVERYTHING, options.json),
        Action::Gateway(options) => process::run(runtime, settings, process::Parts::GATEWAY, options.json),
        Action::Worker(options) => process::run(runtime, settings, process::Parts::WORKER, options.json),
        Action::Seed(options) => runtime.block_on(setup::seed(&settings, options.json)),
        Action::Verify(options) => runtime.block_on(verify::verify(&settings, options)),
        Action::Broker(BrokerAction::Credentials(action)) => runtime.block_on(credentials::run(&settings, action)),
        Action::Dead(action) => runtime.block_on(dead::run(&settings, action)),
        Action::Setup(options) => runtime.block_on(setup::setup(&settings, options)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let stopped = error.downcast_ref::<shutdown::Stopped>().map(|stopped| stopped.0.exit_code());
            refuse(&error, stopped.unwrap_or(1))
        }
    }
}

/// One line on standard error, with every cause.
fn refuse(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("frontdesk: {error:#}");
    ExitCode::from(code)
}
