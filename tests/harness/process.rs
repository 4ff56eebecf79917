//! A child process that cannot outlive the test.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{BufRead as _, BufReader, Read, Write as _},
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex, OnceLock, mpsc},
    thread,
    time::Duration,
};

use super::{programs, wait::DEADLINE};

/// What to start, and how.
#[derive(Debug, Clone)]
pub struct Launch {
    name: String,
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(String, String)>,
    log: PathBuf,
    user: Option<&'static str>,
}

impl Launch {
    /// `program`, whose output goes to `log` as well.
    #[must_use]
    pub fn new(name: impl Into<String>, program: PathBuf, log: PathBuf) -> Self {
        Self { name: name.into(), program, arguments: Vec::new(), environment: Vec::new(), log, user: None }
    }

    /// With these arguments after those given before.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// With this program instead.
    #[must_use]
    pub(super) fn with_program(mut self, program: PathBuf) -> Self {
        self.program = program;
        self
    }

    /// With these arguments and no others.
    #[must_use]
    pub(super) fn with_only_args(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(OsString::from).collect();
        self
    }

    /// The file that its output goes to, over all starts.
    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Its arguments, from this one on.
    pub(super) fn arguments_from(&self, word: &str) -> Vec<OsString> {
        self.arguments.iter().skip_while(|argument| *argument != word).cloned().collect()
    }

    /// With this environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// As this user, if the test runs as root.
    #[must_use]
    pub fn as_user(mut self, user: &'static str) -> Self {
        self.user = is_root().then_some(user);
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When the system does not start it.
    #[must_use]
    pub fn start(&self) -> Process {
        let mut child = spawn(self.command());
        let lines = Arc::new(Lines::default());
        let log = File::options().create(true).append(true).open(&self.log).expect("the log's folder is writable");
        let log = Arc::new(Mutex::new(log));
        let out = child.stdout.take().expect("it is piped");
        let err = child.stderr.take().expect("it is piped");
        follow(out, Arc::clone(&lines), Arc::clone(&log));
        follow(err, Arc::clone(&lines), log);
        Process { name: self.name.clone(), log: self.log.clone(), pid: child.id(), child: Mutex::new(child), lines }
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it fails.
    pub fn run(&self) -> String {
        let (succeeded, output) = self.run_anyhow();
        assert!(succeeded, "{} failed:\n{output}", self.name);
        output
    }

    /// Runs it to its end, whether it succeeds or not; gives which, and what it printed.
    ///
    /// # Panics
    /// When the system does not start it.
    pub fn run_anyhow(&self) -> (bool, String) {
        let process = self.start();
        let status = process.child.lock().expect("no thread panics while it holds this lock").wait();
        (status.is_ok_and(|status| status.success()), process.lines.all_after_end())
    }

    /// `setpriv` has the kernel kill the child when the thread that started it ends.
    fn command(&self) -> Command {
        let mut command = Command::new(programs::on_path("setpriv"));
        command.args(["--pdeathsig", "KILL"]);
        if let Some(user) = self.user {
            command.args(["--reuid", user, "--regid", user, "--init-groups"]);
        }
        command.arg("--").arg(&self.program).args(&self.arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// A child process; killed when dropped, and by the kernel when the test process ends.
#[derive(Debug)]
pub struct Process {
    name: String,
    log: PathBuf,
    pid: u32,
    child: Mutex<Child>,
    lines: Arc<Lines>,
}

impl Process {
    /// Process id.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// The file with all it printed.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Waits for a line it prints.
    ///
    /// # Panics
    /// When it ends before, or has not printed it within [`DEADLINE`].
    pub fn await_line(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.lines.find(wanted).unwrap_or_else(|| {
            panic!(
                "{} did not print {what}; what it printed ({}):\n{}",
                self.name,
                self.log.display(),
                self.lines.tail()
            )
        })
    }

    /// Ends it as a power cut would: SIGKILL.
    ///
    /// # Panics
    /// Never, unless the system does not let us.
    pub fn kill(&self) {
        let mut child = self.child.lock().expect("no thread panics while it holds this lock");
        child.kill().expect("a child of ours can be killed");
        child.wait().expect("a child of ours can be waited for");
    }

    /// Asks it to end: SIGTERM. Gives its exit status, or the signal that ended it as `Err`.
    ///
    /// # Panics
    /// When it has not ended within a minute.
    pub fn terminate(&self) -> Result<i32, i32> {
        let asked = Command::new("kill").args(["-TERM", &self.pid.to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "{} had ended before", self.name);
        for _ in 0..1200 {
            let status = self.child.lock().expect("no thread panics while it holds this lock").try_wait();
            if let Some(status) = status.expect("a child of ours can be waited for") {
                return status.code().ok_or_else(|| status.signal().unwrap_or_default());
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("{} did not end within a minute after SIGTERM", self.name);
    }

    /// Whether it still runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let status = self.child.lock().expect("no thread panics while it holds this lock").try_wait();
        status.is_ok_and(|status| status.is_none())
    }

    /// Lines printed so far that satisfy `wanted`.
    #[must_use]
    pub fn lines(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let state = self.lines.state.lock().expect("no thread panics while it holds this lock");
        state.lines.iter().filter(|line| wanted(line)).cloned().collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ended_already = child.kill();
        let _ended_already = child.wait();
    }
}

#[derive(Debug, Default)]
struct Lines {
    state: Mutex<LinesState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct LinesState {
    lines: Vec<String>,
    ended: u8,
}

impl Lines {
    fn find(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let mut seen = 0;
        let mut found = None;
        let state = self.state.lock().expect("no thread panics while it holds this lock");
        let _state = self.changed.wait_timeout_while(state, DEADLINE, |state| {
            found = state.lines[seen..].iter().find(|line| wanted(line)).cloned();
            seen = state.lines.len();
            found.is_none() && state.ended < PIPES
        });
        found
    }

    fn all_after_end(&self) -> String {
        let state = self.state.lock().expect("no thread panics while it holds this lock");
        let waited = self.changed.wait_timeout_while(state, DEADLINE, |state| state.ended < PIPES);
        waited.expect("no thread panics while it holds this lock").0.lines.join("\n")
    }

    fn tail(&self) -> String {
        let state = self.state.lock().expect("no thread panics while it holds this lock");
        state.lines[state.lines.len().saturating_sub(30)..].join("\n")
    }
}

/// Standard output and standard error.
const PIPES: u8 = 2;

fn follow(pipe: impl Read + Send + 'static, lines: Arc<Lines>, log: Arc<Mutex<File>>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n') {
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line).into_owned();
            let _log_may_be_gone = writeln!(log.lock().expect("no thread panics while it holds this lock"), "{line}");
            lines.state.lock().expect("no thread panics while it holds this lock").lines.push(line);
            lines.changed.notify_all();
        }
        lines.state.lock().expect("no thread panics while it holds this lock").ended += 1;
        lines.changed.notify_all();
    });
}

/// Starts `command` on a thread that lives as long as this process: the kernel's signal on the parent's death is sent
/// when the *thread* that started the child ends, and the threads of tests come and go.
fn spawn(command: Command) -> Child {
    type Order = (Command, mpsc::Sender<std::io::Result<Child>>);
    static SPAWNER: OnceLock<Mutex<mpsc::Sender<Order>>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (send, orders) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in orders {
                let _asker_is_gone = answer.send(command.spawn());
            }
        });
        Mutex::new(send)
    });
    let program = format!("{command:?}");
    let (send, answer) = mpsc::channel();
    spawner
        .lock()
        .expect("no thread panics while it holds this lock")
        .send((command, send))
        .expect("the spawner never ends");
    match answer.recv().expect("the spawner answers each order") {
        Ok(child) => child,
        Err(error) => panic!("{program}: {error}"),
    }
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").expect("/proc is there")) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::Folder;

    fn sleeper(folder: &Folder) -> Process {
        Launch::new("sleeper", programs::on_path("sleep"), folder.path().join("log")).args(["1000"]).start()
    }

    #[test]
    fn what_is_dropped_is_gone_whatever_thread_started_it() {
        let folder = Folder::new("process");
        let sleeper = thread::scope(|scope| scope.spawn(|| sleeper(&folder)).join()).unwrap();
        let pid = sleeper.pid();
        assert!(sleeper.is_running(), "it outlives the thread that started it");
        drop(sleeper);
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
    }

    #[test]
    fn what_is_asked_to_end_says_how_it_ended() {
        let folder = Folder::new("process");
        assert_eq!(sleeper(&folder).terminate(), Err(15));
        let told = Launch::new("echo", programs::on_path("echo"), folder.path().join("log")).args(["told"]);
        assert_eq!(told.start().await_line("it", |line| line == "told"), "told");
    }
}
