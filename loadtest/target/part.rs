//! One process of a desk, which can be harmed and started again.

use std::{
    fs::{self, File},
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use tokio::{
    process::{Child, Command},
    sync::Mutex,
    time::{sleep, timeout},
};

use super::limit::Limit;
use crate::clock::{micros, now};

/// What a process does in a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Everything.
    Node,
    Gateway,
    Worker,
    Broker,
    Database,
    Redis,
}

/// How a process is started.
#[derive(Debug, Clone, Default)]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    /// As this user, if we are root.
    pub(super) user: Option<&'static str>,
    /// What it may use.
    pub(super) limit: Option<Limit>,
}

/// One process of a desk. Keeps its addresses over a restart.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// Where people connect.
    pub(super) url: Option<String>,
    /// Its page for operators.
    pub(super) admin: Option<String>,
    /// A broker's monitoring page, or the file that names its port.
    pub(super) monitor: Option<Monitor>,
    /// A line with this word says that it is ready.
    pub(super) ready: &'static str,
    pub(super) launch: Launch,
    pub(super) log: PathBuf,
    child: Mutex<Option<Child>>,
    pid: AtomicU32,
}

/// Where a broker tells of itself.
#[derive(Debug, Clone)]
pub(super) enum Monitor {
    Url(String),
    /// The file in which a node keeps its own broker's ports.
    Ports(PathBuf),
}

impl Part {
    pub(super) fn new(name: String, role: Role, folder: &Path, launch: Launch, ready: &'static str) -> Self {
        let log = folder.join(format!("{name}.log"));
        let (child, pid) = (Mutex::new(None), AtomicU32::new(0));
        Self { name, role, url: None, admin: None, monitor: None, ready, launch, log, child, pid }
    }

    /// Its number at the kernel, while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        Some(self.pid.load(Ordering::Relaxed)).filter(|pid| *pid != 0)
    }

    /// Starts it and waits until it says that it is ready; gives how long that took.
    ///
    /// # Errors
    /// It does not become ready in time.
    pub(crate) async fn start(&self) -> anyhow::Result<Duration> {
        let deadline = now() + micros(START);
        loop {
            let begun = now();
            let said = self.said().len();
            let mut child =
                self.launch.command(&self.log)?.spawn().with_context(|| format!("cannot start {}", self.name))?;
            self.pid.store(child.id().unwrap_or_default(), Ordering::Relaxed);
            let ended = loop {
                if self.said().get(said..).is_some_and(|new| new.contains(self.ready)) {
                    *self.child.lock().await = Some(child);
                    return Ok(Duration::from_micros(now() - begun));
                }
                if let Some(status) = child.try_wait()? {
                    break Some(status);
                }
                if now() >= deadline {
                    break None;
                }
                sleep(LOOK_EVERY).await;
            };
            // Postgres refuses until what it left behind is gone.
            if ended.is_none() || self.role != Role::Database || now() >= deadline {
                bail!("{} does not become ready; its log ends so:\n{}", self.name, self.tail());
            }
            sleep(LOOK_EVERY * 100).await;
        }
    }

    /// The line in which it said, at last, that it is ready.
    pub(super) fn ready_line(&self) -> Option<String> {
        self.said().lines().rfind(|line| line.contains(self.ready)).map(ToOwned::to_owned)
    }

    /// SIGKILL; a database is rather told to break off at once, so that all its processes end.
    pub(crate) async fn kill(&self) -> anyhow::Result<()> {
        if self.role == Role::Database {
            return self.end("QUIT").await.map(drop);
        }
        self.end("KILL").await.map(drop)
    }

    /// Asks it to end.
    ///
    /// # Errors
    /// It does not, or says that something went wrong.
    pub(crate) async fn terminate(&self) -> anyhow::Result<()> {
        let kind = if self.role == Role::Database { "INT" } else { "TERM" };
        let Some(status) = self.end(kind).await? else { return Ok(()) };
        let fine = status.success() || self.role.is_foreign() || status.signal() == Some(15);
        ensure!(fine, "{} ended with {status}; its log ends so:\n{}", self.name, self.tail());
        Ok(())
    }

    /// SIGSTOP or SIGCONT.
    pub(crate) async fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self.pid().with_context(|| format!("{} does not run", self.name))?.to_string();
        Command::new("kill").args(["-s", name, &pid]).status().await?;
        Ok(())
    }

    async fn end(&self, signal: &str) -> anyhow::Result<Option<ExitStatus>> {
        let Some(mut child) = self.child.lock().await.take() else { return Ok(None) };
        if child.try_wait()?.is_none() {
            self.signal(signal).await?;
        }
        let status = timeout(STOP, child.wait()).await.with_context(|| format!("{} does not end", self.name))??;
        self.pid.store(0, Ordering::Relaxed);
        Ok(Some(status))
    }

    /// The address of its broker's monitoring page.
    pub(super) fn monitor(&self) -> Option<String> {
        match self.monitor.as_ref()? {
            Monitor::Url(url) => Some(url.clone()),
            Monitor::Ports(file) => {
                let ports: serde_json::Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
                Some(format!("http://127.0.0.1:{}", ports["monitor"].as_u64()?))
            }
        }
    }

    /// What its program says of its version.
    pub(super) fn version(&self) -> String {
        let said = std::process::Command::new(&self.launch.program).arg("--version").output();
        said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default()
    }

    fn said(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    fn tail(&self) -> String {
        let said = self.said();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Launch {
    /// `setpriv` has the kernel kill the child when the thread that started it ends, which lives as long as we do.
    pub(super) fn command(&self, log: &Path) -> anyhow::Result<Command> {
        let log = File::options().create(true).append(true).open(log).context("cannot write a log")?;
        let mut words: Vec<String> = ["setpriv", "--pdeathsig", "KILL"].map(ToOwned::to_owned).to_vec();
        if let Some(user) = self.user.filter(|_| rustix::process::getuid().is_root()) {
            words.extend(["--reuid", user, "--regid", user, "--init-groups"].map(ToOwned::to_owned));
        }
        words.push("--".to_owned());
        if let Some(limit) = &self.limit {
            words.splice(..0, limit.words());
        }
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg(&self.program).args(&self.arguments).envs(self.environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        Ok(command)
    }
}

impl Role {
    /// Its name in a report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Gateway => "gateway",
            Self::Worker => "worker",
            Self::Broker => "broker",
            Self::Database => "database",
            Self::Redis => "redis",
        }
    }

    /// What it is a version of.
    pub(super) const fn program(self) -> &'static str {
        match self {
            Self::Node | Self::Gateway | Self::Worker => "server",
            other => other.name(),
        }
    }

    /// Whether it is a third-party program, which may end as it likes.
    const fn is_foreign(self) -> bool {
        matches!(self, Self::Broker | Self::Database | Self::Redis)
    }
}

/// How long a part may take to become ready, and to end.
const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(60);

/// Fine enough to time a start.
const LOOK_EVERY: Duration = Duration::from_millis(2);
