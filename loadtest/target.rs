//! The server under load: a running one, or one of our own.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{
    options::BenchOptions,
    process::children,
    watch::{Watched, WatchedProcess},
};

/// A server and who may use it.
#[derive(Debug)]
pub(crate) struct Target {
    /// Its address, such as `http://127.0.0.1:8080`.
    pub(crate) url: String,
    /// The inbox that contacts write to.
    pub(crate) inbox: String,
    /// E-mail address and password of somebody who may make agents.
    pub(crate) owner: (String, String),
    own: Option<Own>,
}

/// A server that we started.
#[derive(Debug)]
struct Own {
    child: Child,
    folder: TempDir,
    /// Its page for operators.
    admin: String,
}

/// What a started server says when it is ready.
#[derive(Debug, Deserialize)]
struct Ready {
    listen: String,
    admin: String,
    inbox: String,
    agents: Vec<ReadyAgent>,
}

#[derive(Debug, Deserialize)]
struct ReadyAgent {
    email: String,
    password: String,
}

impl Target {
    /// The one that was named, or a new one.
    pub(crate) async fn reach(options: &BenchOptions) -> anyhow::Result<Self> {
        let Some(url) = &options.target else { return Self::start(options).await };
        let (Some(inbox), Some(email), Some(password)) = (&options.inbox, &options.email, &options.password) else {
            bail!("--target needs --inbox, --email and --password");
        };
        let url = url.trim_end_matches('/').to_owned();
        ensure!(url.starts_with("http://"), "{url}: only http:// is spoken here");
        Ok(Self { url, inbox: inbox.clone(), owner: (email.clone(), password.clone()), own: None })
    }

    /// Starts a server with a folder of its own, limits out of the way, and waits until it is ready.
    async fn start(options: &BenchOptions) -> anyhow::Result<Self> {
        let program = program(options.server.as_deref())?;
        let mut folder = tempfile::Builder::new();
        let folder = folder.prefix("frontdesk-loadtest-");
        let folder = match &options.data {
            Some(parent) => folder.tempdir_in(parent),
            None => folder.tempdir(),
        };
        let folder = folder.context("cannot make a folder for the server")?;
        let log = folder.path().join("server.log");
        // The kernel ends the server with this thread, which is the main one.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(&program).args(["up", "--demo", "--json"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(&log)?).kill_on_drop(true);
        command.env("FRONTDESK__SERVER__DATA_DIR", folder.path().join("data"));
        command.envs(SETTINGS);
        for setting in &options.set {
            let (name, value) = setting.split_once('=').with_context(|| format!("{setting} is not NAME=VALUE"))?;
            command.env(name, value);
        }
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
        let ready = timeout(START, async {
            while let Some(line) = lines.next_line().await? {
                if let Ok(ready) = serde_json::from_str::<Ready>(&line) {
                    return Ok(ready);
                }
            }
            bail!("the server ended: {}", std::fs::read_to_string(&log).unwrap_or_default())
        });
        let ready = ready.await.context("the server did not become ready in time")??;
        // Nobody may block on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let owner = ready.agents.into_iter().next().context("the server named no agent")?;
        Ok(Self {
            url: format!("http://{}", ready.listen),
            inbox: ready.inbox,
            owner: (owner.email, owner.password),
            own: Some(Own { child, folder, admin: format!("http://{}", ready.admin) }),
        })
    }

    /// What can be looked at while it is under load; this program at least.
    pub(crate) fn watched(&self) -> Watched {
        let process = |name: &str, role: &str, pid| WatchedProcess {
            name: name.to_owned(),
            role: role.to_owned(),
            pid,
            with_children: false,
        };
        let mut watched = Watched::default();
        watched.processes.push(process("load generator", "generator", std::process::id()));
        if let Some((own, pid)) = self.own.as_ref().and_then(|own| Some((own, own.child.id()?))) {
            watched.processes.push(process("node", "node", pid));
            watched.processes.extend(children(pid).into_iter().map(|broker| process("broker", "broker", broker)));
            watched.admin.push(("node".to_owned(), own.admin.clone()));
            watched.brokers.extend(monitor(own.folder.path()).map(|url| ("broker".to_owned(), url)));
        }
        watched
    }

    /// Ends the server if we started it, and removes what it kept.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let Some(Own { mut child, folder, .. }) = self.own else { return Ok(()) };
        if let Some(pid) = child.id() {
            Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
        }
        let status = timeout(STOP, child.wait()).await.context("the server does not stop")??;
        ensure!(status.success(), "the server ended with {status}; its log: {}", log_tail(folder.path()));
        Ok(())
    }
}

fn program(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    let program = match named {
        Some(program) => program.to_owned(),
        None => std::env::current_exe()?.with_file_name("frontdesk"),
    };
    ensure!(
        program.is_file(),
        "{} is missing, make it with this line:\ncargo build --release -p frontdesk",
        program.display()
    );
    Ok(program)
}

/// The monitoring pages of the broker that a started server keeps in `folder`.
fn monitor(folder: &Path) -> Option<String> {
    let ports = std::fs::read_to_string(folder.join("data/nats/ports.json")).ok()?;
    let ports: serde_json::Value = serde_json::from_str(&ports).ok()?;
    Some(format!("http://127.0.0.1:{}", ports["monitor"].as_u64()?))
}

fn log_tail(folder: &Path) -> String {
    let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// Limits that protect a desk from single clients: here, few clients stand for many.
const SETTINGS: [(&str, &str); 8] = [
    ("FRONTDESK__SERVER__LISTEN", "127.0.0.1:0"),
    ("FRONTDESK__SERVER__ADMIN_LISTEN", "127.0.0.1:0"),
    ("FRONTDESK__SESSION__MAX_PER_ADDRESS", "100000"),
    ("FRONTDESK__SESSION__COMMANDS_PER_SECOND", "100000"),
    ("FRONTDESK__SESSION__COMMANDS_BURST", "100000"),
    ("FRONTDESK__AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "1000000"),
    ("FRONTDESK__AUTH__ARGON2_MEMORY_KIB", "64"),
    ("FRONTDESK__AUTH__ARGON2_ITERATIONS", "1"),
];

const START: Duration = Duration::from_secs(30);
const STOP: Duration = Duration::from_secs(60);
