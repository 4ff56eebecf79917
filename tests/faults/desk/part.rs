//! One process of a desk, which can be killed, stopped and started again.

use std::{fs, process::Command, sync::Mutex, time::Duration};

use frontdesk_tests::harness::{Launch, Process};
use tokio::time::{Instant, sleep};

/// One process of a desk.
#[derive(Debug)]
pub(crate) struct Part {
    name: String,
    launch: Launch,
    /// What it prints when it is ready.
    ready: &'static str,
    process: Mutex<Option<Process>>,
}

impl Part {
    pub(super) fn new(name: impl Into<String>, launch: Launch, ready: &'static str) -> Self {
        Self { name: name.into(), launch, ready, process: Mutex::new(None) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The number of the process, if it was started and not killed since.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.lock().expect("no thread panics while it holds this lock").as_ref().map(Process::pid)
    }

    /// Whether it runs.
    pub(crate) fn is_running(&self) -> bool {
        self.process
            .lock()
            .expect("no thread panics while it holds this lock")
            .as_ref()
            .is_some_and(Process::is_running)
    }

    /// Starts it (again) and waits until it says that it is ready; gives that line.
    ///
    /// # Panics
    /// When it does not become ready.
    pub(crate) async fn start(&self) -> String {
        let deadline = Instant::now() + PATIENCE;
        self.launch();
        loop {
            if let Some(line) = self.lines(|line| line.contains(self.ready)).into_iter().next() {
                return line;
            }
            if !self.is_running() {
                let said = self.lines(|_| true).join("\n");
                assert!(Instant::now() < deadline, "{} ends instead of becoming ready:\n{said}", self.name);
                // Postgres does until what it left behind is gone.
                sleep(LOOK_EVERY * 20).await;
                self.launch();
            }
            assert!(Instant::now() < deadline, "{} hangs instead of becoming ready", self.name);
            sleep(LOOK_EVERY).await;
        }
    }

    fn launch(&self) {
        *self.process.lock().expect("no thread panics while it holds this lock") = Some(self.launch.start());
    }

    /// Starts it (again) with one more word in its environment, and waits for nothing.
    pub(crate) fn launch_with(&self, name: &str, value: &str) {
        let launch = self.launch.clone().env(name, value);
        *self.process.lock().expect("no thread panics while it holds this lock") = Some(launch.start());
    }

    fn lines(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let process = self.process.lock().expect("no thread panics while it holds this lock");
        process.as_ref().map(|process| process.lines(wanted)).unwrap_or_default()
    }

    /// SIGKILL, to it and to the processes that are parts of it.
    pub(crate) fn kill(&self, with: &[u32]) {
        signal("KILL", with);
        if let Some(process) = self.process.lock().expect("no thread panics while it holds this lock").take() {
            process.kill();
        }
    }

    /// SIGTERM; gives how it ended.
    pub(crate) fn terminate(&self) -> Option<Result<i32, i32>> {
        let process = self.process.lock().expect("no thread panics while it holds this lock").take();
        process.map(|process| process.terminate())
    }

    /// Bytes of memory that it holds.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
    }
}

/// Sends a signal to processes of ours; those that have ended do not matter.
pub(crate) fn signal(name: &str, pids: &[u32]) {
    if !pids.is_empty() {
        let pids = pids.iter().map(ToString::to_string);
        let _some_may_be_gone = Command::new("kill").arg(format!("-{name}")).args(pids).output();
    }
}

/// Processes below `pid`, their children included.
pub(crate) fn below(pid: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc is there").flatten();
    let pids: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let parents: Vec<(u32, u32)> =
        pids.into_iter().filter_map(|pid| Some((pid, field(pid, 1)?.parse().ok()?))).collect();
    let mut found = vec![pid];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found.split_off(1)
}

/// Whether a process is stopped.
pub(crate) fn is_stopped(pid: u32) -> bool {
    field(pid, 0).is_some_and(|state| state == "T")
}

/// The name of a process's program.
pub(crate) fn program(pid: u32) -> String {
    fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned()
}

/// A field of a process's state: 0 is the state, 1 the parent.
fn field(pid: u32, at: usize) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(at).map(ToOwned::to_owned)
}

/// How long anything may take to become ready.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pause between two checks.
const LOOK_EVERY: Duration = Duration::from_millis(20);
