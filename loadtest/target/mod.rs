//! The desk under load: a running one, or one of our own, in one process or as a cluster.

mod cluster;
mod harm;
mod limit;
mod node;
mod part;
mod programs;
mod servers;

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use tempfile::TempDir;

pub(crate) use harm::{Done, harm};
pub(crate) use part::{Part, Role};

use crate::{
    options::TargetOptions,
    process::below,
    scenario::{Form, Spawn},
    watch::{Watched, WatchedProcess},
};
use limit::Limit;

/// A desk, and who may use it.
#[derive(Debug)]
pub(crate) struct Target {
    /// Addresses of its gateways, such as `http://127.0.0.1:8080`.
    pub(crate) urls: Vec<String>,
    /// The inbox that contacts write to.
    pub(crate) inbox: String,
    /// E-mail address and password of an agent who may create agents.
    pub(crate) owner: (String, String),
    /// Of one that we started.
    own: Option<Own>,
}

/// A desk of our own; everything ends when it is dropped.
#[derive(Debug)]
struct Own {
    parts: Vec<Arc<Part>>,
    limit: Option<Limit>,
    // Dropped last: everything writes into it.
    folder: TempDir,
}

/// The demo tenant, as a node names it.
#[derive(Debug, Deserialize)]
struct Demo {
    inbox: String,
    agents: Vec<DemoAgent>,
}

#[derive(Debug, Deserialize)]
struct DemoAgent {
    email: String,
    password: String,
}

impl Target {
    /// The one that was named, or a new one as the scenario wants it.
    ///
    /// # Errors
    /// It does not start, or the options do not fit together.
    pub(crate) async fn reach(options: &TargetOptions, spawn: &Spawn) -> anyhow::Result<Self> {
        if options.target.is_empty() {
            return Self::start(options, spawn).await;
        }
        let (Some(inbox), Some(email), Some(password)) = (&options.inbox, &options.email, &options.password) else {
            bail!("--target needs --inbox, --email and --password");
        };
        let urls: Vec<String> = options.target.iter().map(|url| url.trim_end_matches('/').to_owned()).collect();
        for url in &urls {
            ensure!(url.starts_with("http://"), "{url}: only http:// is spoken here");
        }
        Ok(Self { urls, inbox: inbox.clone(), owner: (email.clone(), password.clone()), own: None })
    }

    async fn start(options: &TargetOptions, spawn: &Spawn) -> anyhow::Result<Self> {
        let mut folder = tempfile::Builder::new();
        let folder = folder.prefix("frontdesk-loadtest-");
        let folder = match &options.data {
            Some(parent) => folder.tempdir_in(parent),
            None => folder.tempdir(),
        };
        let folder = folder.context("cannot make a folder for the server")?;
        // Postgres runs as a user of its own.
        open_to_all(folder.path())?;
        let limit = Limit::of(spawn)?;
        let server = programs::frontdesk(options.server.as_deref())?;
        let (parts, demo) = match spawn.form {
            Form::One => cluster::one(folder.path(), &server, spawn, limit.as_ref()).await?,
            Form::Cluster => cluster::many(folder.path(), &server, spawn, limit.as_ref()).await?,
        };
        let urls = parts.iter().filter_map(|part| part.url.clone()).collect();
        let owner = demo.agents.into_iter().next().context("the server named no agent")?;
        let own = Some(Own { parts, limit, folder });
        Ok(Self { urls, inbox: demo.inbox, owner: (owner.email, owner.password), own })
    }

    /// Its parts, if we started it.
    pub(crate) fn parts(&self) -> &[Arc<Part>] {
        self.own.as_ref().map_or(&[], |own| &own.parts)
    }

    /// What can be looked at while it is under load.
    pub(crate) fn watched(&self) -> Watched {
        let mut watched = Watched::default();
        for part in self.parts() {
            watched.processes.extend(part.watched());
            watched.admin.extend(part.admin.iter().map(|url| (part.name.clone(), url.clone())));
            watched.brokers.extend(part.monitor().map(|url| (part.name.clone(), url)));
        }
        watched
    }

    /// Bytes of memory of its processes, by what they do; shared ones count in parts where the kernel tells.
    pub(crate) fn memory(&self) -> BTreeMap<String, u64> {
        let mut sum = BTreeMap::new();
        for process in self.watched().processes {
            let below = if process.with_children { below(process.pid) } else { Vec::new() };
            let all = std::iter::once(process.pid).chain(below).map(crate::process::memory_of);
            *sum.entry(process.role).or_default() += all.sum::<u64>();
        }
        sum
    }

    /// What it may use, and who sees to it; none: all there is.
    pub(crate) fn limits(&self) -> Option<String> {
        self.own.as_ref()?.limit.as_ref().map(Limit::to_string)
    }

    /// Versions of what it is made of.
    pub(crate) fn versions(&self) -> BTreeMap<String, String> {
        self.parts().iter().map(|part| (part.role.program().to_owned(), part.version())).collect()
    }

    /// Stops what sockets and requests go to and starts it again; gives how long it took until it was ready.
    ///
    /// # Errors
    /// It does not stop or start.
    pub(crate) async fn restart(&self) -> anyhow::Result<Duration> {
        let gateway = self.parts().iter().find(|part| part.role == Role::Gateway || part.role == Role::Node);
        let gateway = gateway.context("only a server of our own can be restarted")?;
        gateway.terminate().await?;
        gateway.start().await
    }

    /// Ends the desk if we started it, and removes what it kept.
    ///
    /// # Errors
    /// A part of it ends as it should not.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let Some(Own { parts, limit, folder }) = self.own else { return Ok(()) };
        // Those first that need the others.
        for part in parts.iter().rev() {
            part.terminate().await?;
        }
        drop((parts, limit));
        folder.close().context("cannot remove the server's folder")
    }
}

impl Part {
    /// Its process, and those below it that do something else.
    pub(crate) fn watched(&self) -> Vec<WatchedProcess> {
        let Some(pid) = self.pid() else { return Vec::new() };
        let process = |name: &str, role: Role, pid| WatchedProcess {
            name: name.to_owned(),
            role: role.name().to_owned(),
            pid,
            with_children: role == Role::Database,
        };
        let mut all = vec![process(&self.name, self.role, pid)];
        if self.role == Role::Node {
            all.extend(below(pid).into_iter().map(|broker| process("broker", Role::Broker, broker)));
        }
        all
    }
}

fn open_to_all(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).context("cannot open the server's folder")
}
