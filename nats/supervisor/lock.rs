//! One server for each data folder: the lock of the folder, and terminating a server that was orphaned by a crash.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::SupervisorError;
use super::child::{Signal, send};
use super::files::{Files, at, read_json, write_json};

/// The lock on a data folder; the kernel gives it up when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct DataDirLock {
    _file: File,
}

impl DataDirLock {
    /// Takes the lock and writes our process id into it, for the message that a refused process prints.
    pub(super) fn take(files: &Files) -> Result<Self, SupervisorError> {
        let path = files.data_dir.join("frontdesk.lock");
        let open = OpenOptions::new().create(true).read(true).write(true).truncate(false).open(&path);
        let mut file = open.map_err(at(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
                return Err(SupervisorError::DataDirInUse { data_dir: files.data_dir.clone(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(at(&path)(source)),
        }
        let note = |file: &mut File| {
            file.set_len(0)?;
            writeln!(file, "{}", std::process::id())
        };
        note(&mut file).map_err(at(&path))?;
        Ok(Self { _file: file })
    }
}

/// Which process is the server, for operators and for the next start.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Running {
    pub(super) pid: u32,
    pub(super) port: u16,
    pub(super) server_name: String,
}

impl Running {
    pub(super) fn note(&self, files: &Files) -> Result<(), SupervisorError> {
        write_json(&files.running(), self)
    }

    /// Whether a server runs on these files.
    pub(super) fn is_alive(files: &Files) -> bool {
        Self::process(files).is_some()
    }

    /// The server that runs on these files.
    pub(super) fn process(files: &Files) -> Option<u32> {
        let noted: Option<Self> = read_json(&files.running());
        noted.map(|Self { pid, .. }| pid).filter(|pid| runs_with(*pid, &files.configuration()))
    }

    pub(super) fn forget(files: &Files) {
        // Missing is as good as removed, and a stale note is harmless: `end_orphan` looks at the process itself.
        let _ = fs::remove_file(files.running());
    }
}

/// Ends the server of an earlier run that was killed before it could end its server. Needs [`DataDirLock`]: two servers
/// on one store would destroy it.
pub(super) async fn end_orphan(files: &Files) -> Result<(), SupervisorError> {
    let Some(Running { pid, .. }) = read_json(&files.running()) else {
        return Ok(());
    };
    for signal in [Signal::Term, Signal::Kill] {
        if !runs_with(pid, &files.configuration()) {
            return Ok(());
        }
        tracing::warn!(process.id = pid, signal = ?signal, "ending the nats-server of an earlier run");
        send(signal, pid).await;
        for _ in 0..50 {
            if !runs_with(pid, &files.configuration()) {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
    if runs_with(pid, &files.configuration()) { Err(SupervisorError::Orphan { process_id: pid }) } else { Ok(()) }
}

/// Whether process `pid` was started with our configuration; a number that others reuse by now was not.
fn runs_with(pid: u32, configuration: &Path) -> bool {
    let command_line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    command_line.split(|byte| *byte == 0).any(|argument| argument == configuration.as_os_str().as_encoded_bytes())
}
