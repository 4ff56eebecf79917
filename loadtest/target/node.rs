//! How Frontdesk processes of our own are set up: on the loopback, with folders of their own, limits out of the way.

use std::path::{Path, PathBuf};

use super::{
    limit::Limit,
    part::{Launch, Monitor, Part, Role},
    programs::{free_port, nats_server},
};
use crate::scenario::{Durability, Spawn};

/// What nodes of one desk have in common.
pub(super) struct Desk<'a> {
    pub(super) folder: &'a Path,
    pub(super) server: &'a Path,
    pub(super) spawn: &'a Spawn,
    pub(super) limit: Option<&'a Limit>,
    /// Settings of brokers, database and Redis.
    pub(super) shared: Vec<(String, String)>,
}

impl Desk<'_> {
    /// A node, not started yet.
    pub(super) fn node(&self, name: String, role: Role) -> anyhow::Result<Part> {
        let (port, admin_port, data) = (free_port()?, free_port()?, self.folder.join(&name));
        let url = format!("http://127.0.0.1:{port}");
        let mut environment = self.settings(&data);
        let own = [
            ("SERVER__LISTEN", format!("127.0.0.1:{port}")),
            ("SERVER__ADMIN_LISTEN", format!("127.0.0.1:{admin_port}")),
            ("SERVER__PUBLIC_URL", url.clone()),
        ];
        environment.splice(..0, own.map(named));
        let action: &[&str] = match role {
            Role::Node => &["up", "--demo", "--json"],
            Role::Gateway => &["gateway", "--json"],
            _ => &["worker", "--json"],
        };
        let launch = self.launch(action, environment);
        let mut part = Part::new(name, role, self.folder, launch, "\"ready\":true");
        part.admin = Some(format!("http://127.0.0.1:{admin_port}"));
        part.url = (role != Role::Worker).then_some(url);
        part.monitor = (role == Role::Node).then(|| Monitor::Ports(data.join("nats/ports.json")));
        Ok(part)
    }

    /// The program with these words and settings.
    pub(super) fn launch(&self, words: &[&str], environment: Vec<(String, String)>) -> Launch {
        Launch {
            program: self.server.to_owned(),
            arguments: words.iter().map(|word| (*word).to_owned()).collect(),
            environment,
            user: None,
            limit: self.limit.cloned(),
        }
    }

    fn settings(&self, data: &Path) -> Vec<(String, String)> {
        let key_file = self.folder.join("keys.json");
        let mut all = vec![
            named(("SERVER__DATA_DIR", data.display().to_string())),
            named(("AUTH__KEY_FILE", key_file.display().to_string())),
        ];
        all.extend(OUT_OF_THE_WAY.map(|(name, value)| named((name, value.to_owned()))));
        let nats: Option<PathBuf> = nats_server().ok();
        all.extend(nats.map(|program| named(("BROKER__NATS_SERVER_PATH", program.display().to_string()))));
        if self.spawn.durability == Durability::Os {
            all.push(named(("BROKER__SYNC_INTERVAL", LAZY.to_owned())));
        }
        all.extend(self.shared.iter().cloned());
        all.extend(self.spawn.settings.iter().map(|(name, value)| (name.clone(), value.clone())));
        all
    }
}

/// A setting in the environment.
pub(super) fn named((name, value): (&str, String)) -> (String, String) {
    (format!("FRONTDESK__{name}"), value)
}

/// How often a broker syncs that leaves it to the operating system.
pub(super) const LAZY: &str = "2m";

/// Limits that protect a desk from single clients: here, few clients stand for many.
const OUT_OF_THE_WAY: [(&str, &str); 6] = [
    ("SESSION__MAX_PER_ADDRESS", "1000000"),
    ("SESSION__COMMANDS_PER_SECOND", "100000"),
    ("SESSION__COMMANDS_BURST", "100000"),
    ("AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "1000000"),
    ("AUTH__ARGON2_MEMORY_KIB", "64"),
    ("AUTH__ARGON2_ITERATIONS", "1"),
];
