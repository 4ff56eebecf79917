//! Subcommands and options of the `frontdesk` command.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use frontdesk_config::{BrokerMode, Role, Settings};
use frontdesk_domain::TenantId;
use frontdesk_ports::DeadLetterId;

/// A customer-service desk that loses no message.
#[derive(Debug, Parser)]
#[command(name = "frontdesk", version, about, long_about = None)]
pub struct CommandLine {
    /// Settings file (TOML); every key is explained in config/default.toml. `FRONTDESK__SECTION__KEY` overrides it.
    #[arg(long, global = true, value_name = "FILE", env = "FRONTDESK_CONFIG")]
    pub config: Option<PathBuf>,
    /// Subcommand; without one, help is printed.
    #[command(subcommand)]
    pub action: Action,
}

/// Subcommands of `frontdesk`.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Run everything in one process: gateway, workers and, unless configured otherwise, a local broker.
    Up(UpOptions),
    /// Run a gateway: sockets, REST and pages.
    Gateway(RunOptions),
    /// Run background workers without a gateway.
    Worker(WorkerOptions),
    /// Make the demo tenant with its web inbox and two agents, and say how to reach it.
    Seed(SeedOptions),
    /// Make a tenant with a web inbox and its owner; prints the owner's password once.
    Setup(SetupOptions),
    /// Compare log, database and delivery states, and name what does not fit; exits with 1 if anything does not.
    Verify(VerifyOptions),
    /// List, redeliver or drop dead letters: records that were accepted and could not be processed. May run beside
    /// other processes.
    #[command(subcommand)]
    Dead(DeadAction),
    /// Manage the access of bridges and integrators to the broker.
    #[command(subcommand)]
    Broker(BrokerAction),
    /// Check or show the configuration.
    #[command(subcommand)]
    Config(ConfigAction),
    /// Manage the keys that sign tokens.
    #[command(subcommand)]
    Keys(KeysAction),
}

/// Options of the subcommands that start a process.
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
    #[arg(long, value_delimiter = ',', value_name = "ROLES", help = roles_help())]
    #[expect(missing_docs, reason = "its help is made from the table of roles")]
    pub roles: Vec<Role>,
    /// Roles that this process does not have, separated by commas, of those named or configured.
    #[arg(long, value_delimiter = ',', value_name = "ROLES")]
    pub without: Vec<Role>,
    /// Print one JSON line when ready, instead of a screen.
    #[arg(long)]
    pub json: bool,
}

/// Options of `seed`.
#[derive(Debug, Args)]
pub struct SeedOptions {
    /// Create the demo tenant with its agents.
    #[arg(long, required = true)]
    pub demo: bool,
    /// Print one JSON line.
    #[arg(long)]
    pub json: bool,
}

/// Whom to set up.
#[derive(Debug, Args)]
pub struct SetupOptions {
    /// Name of the tenant.
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
    /// Web origins that may show the widget, such as `https://shop.example`; may be repeated.
    #[arg(long)]
    pub origin: Vec<String>,
}

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct VerifyOptions {
    /// Only conversations in which something happened within this time, such as 24h. Default: all.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub since: Option<Duration>,
    /// How old an entry must be to be missing from the database; younger ones are on their way.
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    pub grace: Duration,
    /// Print one JSON line.
    #[arg(long)]
    pub json: bool,
}

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum DeadAction {
    /// Name them, the oldest first.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// Continue after this place, as the previous page said.
        #[arg(long, value_name = "PLACE", default_value_t = 0)]
        after: u64,
        /// Print one JSON line.
        #[arg(long)]
        json: bool,
    },
    /// Show one, with what is in it. That may be what people wrote.
    Show {
        /// Which one, such as MESSAGES-0.persist.42.
        id: DeadLetterId,
        /// Print one JSON line.
        #[arg(long)]
        json: bool,
    },
    /// Process it again, together with the dead letters of its conversation that wait for it; exits with 1 if any fails
    /// again.
    Redeliver {
        /// Which one, such as MESSAGES-0.persist.42.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<DeadLetterId>,
        /// Every one there is.
        #[arg(long)]
        all: bool,
        /// Print one JSON line.
        #[arg(long)]
        json: bool,
    },
    /// Remove it for good.
    Drop {
        /// Which one, such as MESSAGES-0.persist.42.
        id: DeadLetterId,
        /// Also if it is an accepted entry that the database does not hold: nothing after it in its conversation can be
        /// filed then.
        #[arg(long)]
        force: bool,
        /// Print one JSON line.
        #[arg(long)]
        json: bool,
    },
}

/// What to do at the broker.
#[derive(Debug, Subcommand)]
pub enum BrokerAction {
    /// Manage names and passwords of bridges and integrators.
    #[command(subcommand)]
    Credentials(CredentialsAction),
}

/// What to do with credentials.
#[derive(Debug, Subcommand)]
pub enum CredentialsAction {
    /// Create a name and a password, and print the password once. May run beside other processes.
    Add {
        /// For a bridge of this inbox.
        #[arg(
            long,
            value_name = "TENANT/INBOX",
            required_unless_present = "integrator",
            conflicts_with = "integrator"
        )]
        bridge: Option<String>,
        /// For an integrator of this tenant.
        #[arg(long, value_name = "TENANT")]
        integrator: Option<TenantId>,
        /// Its name: 3 to 40 lower-case letters, digits or `-`. Default: a fresh one.
        #[arg(long)]
        name: Option<String>,
        /// Print one JSON line.
        #[arg(long)]
        json: bool,
    },
    /// List all credentials.
    List {
        /// Print one JSON line.
        #[arg(long)]
        json: bool,
    },
    /// Remove one and its position in the stream for good.
    Remove {
        /// Name of the credentials.
        name: String,
    },
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
            Self::Worker(options) => {
                let roles = &mut settings.workers.roles;
                if !options.roles.is_empty() {
                    roles.clone_from(&options.roles);
                }
                roles.retain(|role| !options.without.contains(role));
            }
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
                "a separate gateway or worker needs a broker that the other processes reach too: set broker.mode = \"external\" and \
                 broker.urls, or use `frontdesk up`"
            );
        }
        Ok(())
    }
}

fn roles_help() -> String {
    let roles = Role::all().map(|role| format!("{} {}", role.name(), role.does())).collect::<Vec<_>>();
    format!("Roles of this process, separated by commas. Default: as configured. The roles: {}", roles.join("; "))
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("`{text}` is not a duration such as 90s, 15m, 24h or 7d: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_a_number_and_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5_400)));
        for wrong in ["", "h", "24", "-1h", "9\u{e9}", "99999999999999999999s", "99999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong:?}");
        }
    }

    fn worker(arguments: &[&str]) -> Result<Vec<&'static str>, clap::Error> {
        let line = CommandLine::try_parse_from(["frontdesk", "worker"].iter().chain(arguments))?;
        let mut settings = Settings::load(None, []).expect("the defaults are valid");
        line.action.apply_to(&mut settings);
        Ok(settings.workers.roles.into_iter().map(Role::name).collect())
    }

    #[test]
    fn a_worker_has_the_roles_that_are_named_but_for_those_excluded() {
        let all: Vec<_> = Role::all().map(Role::name).collect();
        assert_eq!(worker(&[]).unwrap(), all);
        assert_eq!(worker(&["--roles", "trim, exhausted"]).unwrap(), ["trim", "exhausted"]);
        let rest = worker(&["--without", "trim"]).unwrap();
        assert!(rest.len() == all.len() - 1 && !rest.contains(&"trim"), "{rest:?}");
        let wrong = worker(&["--roles", "filing"]).unwrap_err().to_string();
        assert!(all.iter().all(|role| wrong.contains(role)), "{wrong}");
    }
}
