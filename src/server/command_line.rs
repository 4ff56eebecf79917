//! What can be asked of the command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use frontdesk_config::{BrokerMode, Role, Settings};

/// A customer-service desk that loses no message.
#[derive(Debug, Parser)]
#[command(name = "frontdesk", version, about, long_about = None)]
pub struct CommandLine {
    /// Settings file (TOML); every key is explained in config/default.toml. `FRONTDESK__SECTION__KEY` overrides it.
    #[arg(long, global = true, value_name = "FILE", env = "FRONTDESK_CONFIG")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Run everything in one process: gateway, workers and, unless configured otherwise, a local broker.
    Up(UpOptions),
    /// Run a gateway: sockets, REST and pages.
    Gateway(RunOptions),
    /// Run workers.
    Worker(WorkerOptions),
    /// Make the demo tenant with its web inbox and two agents, and say how to reach it.
    Seed(SeedOptions),
    /// Make a tenant with a web inbox and its owner; prints the owner's password once.
    Setup(SetupOptions),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigAction),
    /// Look after the keys that sign tokens.
    #[command(subcommand)]
    Keys(KeysAction),
}

/// How to run.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// Print one JSON line when ready, instead of a screen.
    #[arg(long)]
    pub json: bool,
}

/// How to run everything.
#[derive(Debug, Args)]
pub struct UpOptions {
    /// Make a demo tenant, with a shop page to try the widget on.
    #[arg(long)]
    pub demo: bool,
    /// Print one JSON line when ready, instead of a screen.
    #[arg(long)]
    pub json: bool,
}

/// How to run workers.
#[derive(Debug, Args)]
pub struct WorkerOptions {
    /// Which kinds of work, separated by commas: persist, push, receipts, trim. Default: as configured.
    #[arg(long, value_delimiter = ',', value_parser = role)]
    pub roles: Vec<Role>,
    /// Print one JSON line when ready, instead of a screen.
    #[arg(long)]
    pub json: bool,
}

/// What to seed.
#[derive(Debug, Args)]
pub struct SeedOptions {
    /// The demo tenant.
    #[arg(long, required = true)]
    pub demo: bool,
    /// Print one JSON line.
    #[arg(long)]
    pub json: bool,
}

/// Whom to set up.
#[derive(Debug, Args)]
pub struct SetupOptions {
    /// The tenant's name.
    #[arg(long)]
    pub tenant: String,
    /// The owner's e-mail address, for logging in.
    #[arg(long)]
    pub email: String,
    /// The owner's name, as contacts read it.
    #[arg(long)]
    pub name: String,
    /// The web inbox's name: the widget's title.
    #[arg(long, default_value = "Website")]
    pub inbox: String,
    /// Web origins that may show the widget, such as https://shop.example; may be repeated.
    #[arg(long)]
    pub origin: Vec<String>,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Say whether it can be used.
    Check,
    /// Print every setting as it is in force; secrets are hidden.
    Show,
}

/// What to do with the keys.
#[derive(Debug, Subcommand)]
pub enum KeysAction {
    /// Sign with a new key from now on; tokens of the last one stay good until they end.
    Rotate,
}

impl Action {
    /// What the command line says overrides every other setting.
    pub fn apply_to(&self, settings: &mut Settings) {
        match self {
            Self::Up(options) => settings.demo.enabled |= options.demo,
            Self::Seed(_) => settings.demo.enabled = true,
            Self::Worker(options) if !options.roles.is_empty() => settings.workers.roles.clone_from(&options.roles),
            _ => {}
        }
    }

    /// Whether these settings can do it.
    ///
    /// # Errors
    /// They cannot; the error says why in one line.
    pub fn check(&self, settings: &Settings) -> anyhow::Result<()> {
        let parts = matches!(self, Self::Gateway(_) | Self::Worker(_));
        if parts && settings.broker.mode == BrokerMode::Embedded {
            anyhow::bail!(
                "a gateway or worker of its own needs a broker that others reach too: set broker.mode = \"external\" and \
                 broker.urls, or use `frontdesk up`"
            );
        }
        Ok(())
    }
}

fn role(name: &str) -> Result<Role, String> {
    match name.trim() {
        "persist" => Ok(Role::Persist),
        "push" => Ok(Role::Push),
        "receipts" => Ok(Role::Receipts),
        "trim" => Ok(Role::Trim),
        other => Err(format!("`{other}` is none of persist, push, receipts, trim")),
    }
}
