//! The server as a process.

use std::path::Path;
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::SupervisorError;
use super::files::{Files, at};

/// How a process is asked to end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    /// `SIGTERM`: the server finishes its work and ends.
    Term,
    /// `SIGKILL`: the server ends at once.
    Kill,
    /// Read the configuration again.
    Hangup,
}

/// Starts the server. Must run on a thread that lives as long as the server should: the kernel kills the server when
/// *the thread* that started it ends.
pub(super) fn spawn(binary: &Path, files: &Files, dies_with_us: bool) -> Result<Child, SupervisorError> {
    let log = files.open_log()?;
    let mut command = if dies_with_us {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(binary);
        command
    } else {
        Command::new(binary)
    };
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"FRONTDESK__") {
            command.env_remove(name); // may hold secrets that are none of the server's business
        }
    }
    command
        .arg("--config")
        .arg(files.configuration())
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(at(&files.log()))?)
        .stderr(log)
        .process_group(0) // or Ctrl-C in a terminal would end the server before us
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| SupervisorError::Spawn { path: binary.to_owned(), source })
}

/// Whether `setpriv` is there and can tie a process to its parent's life.
pub(super) async fn can_die_with_us() -> bool {
    let probe = ["--pdeathsig", "KILL", "--", "true"];
    let run =
        Command::new("setpriv").args(probe).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.await.is_ok_and(|status| status.success())
}

/// Sends a signal, if the process is still there.
pub(super) async fn send(signal: Signal, process_id: u32) {
    let name = match signal {
        Signal::Term => "TERM",
        Signal::Kill => "KILL",
        Signal::Hangup => "HUP",
    };
    let mut kill = Command::new("sh");
    // The shell's own `kill`: slim images have no program of that name.
    kill.args(["-c", "kill -s \"$0\" \"$1\"", name, &process_id.to_string()]);
    if let Err(error) = kill.stdin(Stdio::null()).stderr(Stdio::null()).status().await {
        tracing::warn!(%error, process.id = process_id, "cannot signal the local nats-server");
    }
}
