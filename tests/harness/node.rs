//! One Frontdesk process.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use serde_json::Value;
use tokio::time::Instant;

use super::{
    folder::Folder,
    ports,
    process::{Launch, Process},
    programs,
    settings::{NodeSettings, Shared},
    wait::until,
};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything, with an embedded broker and SQLite.
    Up,
    /// Serves sockets and REST.
    Gateway,
    /// Runs background workers.
    Worker,
}

/// One Frontdesk process; keeps its address over a restart.
#[derive(Debug)]
pub struct Node {
    role: Role,
    port: u16,
    admin_port: u16,
    data_dir: PathBuf,
    launch: Launch,
    process: Mutex<Option<Process>>,
}

impl Node {
    /// Prepares one; [`Node::start`] starts it.
    pub(super) fn new(
        role: Role,
        index: usize,
        folder: &Folder,
        shared: Option<Shared<'_>>,
        environment: &[(&str, &str)],
    ) -> Self {
        let name = format!("{role:?}{index}").to_lowercase();
        let (port, admin_port) = (ports::free(), ports::free());
        let data_dir = folder.inside(&name);
        let settings =
            NodeSettings { port, admin_port, data: &data_dir, key_file: &folder.path().join("keys.json"), shared };
        let file = folder.path().join(format!("{name}.toml"));
        fs::write(&file, settings.to_toml()).expect("the folder is writable");
        let launch = program(&name, &file, folder, environment);
        let launch = match role {
            Role::Up => launch.args(["up", "--demo"]),
            Role::Gateway => launch.args(["gateway"]),
            Role::Worker => launch.args(["worker"]),
        };
        let launch = launch.args(["--json", "--config"]).args([file]);
        Self { role, port, admin_port, data_dir, launch, process: Mutex::new(None) }
    }

    /// Kind of the process.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Host and port for people.
    #[must_use]
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The address for people; pages of our own come from here.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.host())
    }

    /// The address for operators.
    #[must_use]
    pub fn admin(&self) -> String {
        format!("http://127.0.0.1:{}", self.admin_port)
    }

    /// Starts it (again) and waits until it says that it is ready. Gives what it said, and how long that took.
    ///
    /// # Panics
    /// When it does not become ready.
    pub fn start(&self) -> (Value, Duration) {
        self.start_as(&self.launch)
    }

    /// Starts it with a fail point set, at which the process aborts: `before-commit=return` at the first pass.
    ///
    /// # Panics
    /// When it does not become ready.
    pub fn start_with_fail_point(&self, fail_point: &str) {
        let launch = self.launch.clone().with_program(programs::frontdesk_planted()).env("FAILPOINTS", fail_point);
        self.start_as(&launch);
    }

    /// Waits until it has ended by itself.
    ///
    /// # Panics
    /// When it was not started, or goes on.
    pub async fn ends(&self) {
        let process =
            self.process.lock().expect("no thread panics while it holds this lock").take().expect("it was started");
        until("the process ends", async || (!process.is_running()).then_some(())).await;
    }

    fn start_as(&self, launch: &Launch) -> (Value, Duration) {
        let begun = Instant::now();
        let process = launch.start();
        let line = process.await_line("that it is ready", is_ready);
        let took = begun.elapsed();
        *self.process.lock().expect("no thread panics while it holds this lock") = Some(process);
        (serde_json::from_str(&line).expect("what is printed is JSON"), took)
    }

    /// Starts it, and gives what it prints before it ends instead of becoming ready.
    ///
    /// # Panics
    /// When it becomes ready, or does neither in time.
    pub async fn fails_to_start(&self) -> Vec<String> {
        let process = self.launch.start();
        until("that it ends", async || (!process.is_running()).then_some(())).await;
        let ready = process.lines(is_ready);
        assert!(ready.is_empty(), "it became ready: {ready:?}");
        process.lines(|_| true)
    }

    /// SIGKILL.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&self) {
        let process = self.process.lock().expect("no thread panics while it holds this lock").take();
        process.expect("a node is killed once").kill();
    }

    /// SIGSTOP: it stays where it is, with whatever it holds.
    ///
    /// # Panics
    /// When it does not run.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// SIGCONT: it goes on where it was.
    ///
    /// # Panics
    /// When it does not run.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.lock().expect("no thread panics while it holds this lock");
        let pid = process.as_ref().expect("it runs").pid().to_string();
        let sent = std::process::Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -s {signal} {pid}");
    }

    /// SIGTERM; gives the exit status, or the signal that ended it as `Err`.
    ///
    /// # Panics
    /// When it does not run, or does not end.
    pub fn terminate(&self) -> Result<i32, i32> {
        let process = self.process.lock().expect("no thread panics while it holds this lock").take();
        process.expect("a node ends once").terminate()
    }

    /// Compares log and database with `frontdesk verify` under this node's settings, and gives what was printed.
    ///
    /// # Panics
    /// When they do not agree.
    #[must_use]
    pub fn verify(&self, options: &[&str]) -> String {
        let config = self.launch.arguments_from("--config");
        self.launch.clone().with_only_args(&["verify"]).args(options).args(config).run()
    }

    /// Runs `frontdesk` with these words under this node's settings; gives whether it succeeded, and what it printed.
    #[must_use]
    pub fn command(&self, words: &[&str]) -> (bool, String) {
        let config = self.launch.arguments_from("--config");
        self.launch.clone().with_only_args(words).args(config).run_anyhow()
    }

    /// The folder where it keeps its things.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The file with all that it printed, over all its starts.
    #[must_use]
    pub fn log(&self) -> &Path {
        self.launch.log()
    }

    /// Lines it printed since its last start that satisfy `wanted`.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn lines(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let process = self.process.lock().expect("no thread panics while it holds this lock");
        process.as_ref().expect("it runs").lines(wanted)
    }

    /// Memory it holds, with its children's, in bytes: (its own, the children's).
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn resident_bytes(&self) -> (u64, u64) {
        let process = self.process.lock().expect("no thread panics while it holds this lock");
        let pid = process.as_ref().expect("it runs").pid();
        (resident_bytes(pid), children(pid).into_iter().map(resident_bytes).sum())
    }
}

/// Makes the example tenant in a store that nodes share, and gives what was printed about it.
pub(super) fn seed(node: &Node) -> Value {
    let config = node.launch.arguments_from("--config");
    let output = node.launch.clone().with_only_args(&["seed", "--demo", "--json"]).args(config).run();
    let line = output.lines().rev().find(|line| line.trim_start().starts_with('{') && line.contains("\"tenant\""));
    let line = line.unwrap_or_else(|| panic!("`frontdesk seed` printed no JSON:\n{output}"));
    serde_json::from_str(line).expect("what is printed is JSON")
}

/// Makes another tenant, and gives what was printed about it.
pub(super) fn set_up(node: &Node) -> String {
    let words = ["setup", "--tenant", "Other", "--name", "Eve", "--email", "eve@other.test", "--origin"];
    let mut words = words.to_vec();
    let origin = node.origin();
    words.push(&origin);
    let config = node.launch.arguments_from("--config");
    let launch = node.launch.clone().with_only_args(&words).args(config);
    launch.run()
}

fn program(name: &str, file: &Path, folder: &Folder, environment: &[(&str, &str)]) -> Launch {
    let log: PathBuf = folder.path().join(format!("{name}.log"));
    debug_assert!(file.is_file());
    let launch = Launch::new(format!("frontdesk {name}"), programs::frontdesk(), log).env("RUST_BACKTRACE", "1");
    environment.iter().fold(launch, |launch, (name, value)| launch.env(name, *value))
}

fn is_ready(line: &str) -> bool {
    line.trim_start().starts_with('{') && line.contains("\"ready\":true")
}

fn resident_bytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

/// Processes whose parent is `pid`.
fn children(pid: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc is there");
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = |child: &u32| {
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()
    };
    pids.filter(|child| parent(child) == Some(pid)).collect()
}
