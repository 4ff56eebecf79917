//! Where the local broker keeps its things, and how they are written: for our eyes only, and whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SupervisorError;
use crate::principals::DESK_ACCOUNT;

/// The folder of the local broker. All paths are absolute: its configuration's path on a command line tells whose
/// server a process is.
#[derive(Debug, Clone)]
pub(super) struct Files {
    /// The data folder of the installation.
    pub(super) data_dir: PathBuf,
    folder: PathBuf,
}

impl Files {
    /// Makes the folders where they are missing.
    pub(super) fn prepare(data_dir: &Path) -> Result<Self, SupervisorError> {
        make_private_folder(data_dir).map_err(at(data_dir))?;
        let data_dir = data_dir.canonicalize().map_err(at(data_dir))?;
        let folder = data_dir.join("nats");
        make_private_folder(&folder).map_err(at(&folder))?;
        Ok(Self { data_dir, folder })
    }

    /// The same where they are; `None` where not. Makes nothing.
    pub(super) fn find(data_dir: &Path) -> Option<Self> {
        let data_dir = data_dir.canonicalize().ok()?;
        let folder = data_dir.join("nats");
        folder.is_dir().then_some(Self { data_dir, folder })
    }

    /// Path of the server's configuration file.
    pub(super) fn configuration(&self) -> PathBuf {
        self.folder.join("nats-server.conf")
    }

    /// The part of it that says who may connect.
    pub(super) fn accounts(&self) -> PathBuf {
        self.folder.join("accounts.conf")
    }

    /// The programs of others, and what is known of their passwords.
    pub(super) fn principals(&self) -> PathBuf {
        self.folder.join("principals.json")
    }

    /// Older versions kept the streams in the server's nameless account.
    pub(super) fn move_into_account(&self) -> Result<(), SupervisorError> {
        let accounts = self.store().join("jetstream");
        let (nameless, ours) = (accounts.join("$G"), accounts.join(DESK_ACCOUNT));
        if nameless.is_dir() && !ours.exists() {
            fs::rename(&nameless, &ours).map_err(at(&nameless))?;
            tracing::info!("the streams of an older version moved into the desk's own account");
        }
        Ok(())
    }

    /// Where the streams are.
    pub(super) fn store(&self) -> PathBuf {
        self.folder.join("jetstream")
    }

    /// Path of the file with names and passwords of our users.
    pub(super) fn credentials(&self) -> PathBuf {
        self.folder.join("credentials.json")
    }

    /// Path of the file with the ports of the run before.
    pub(super) fn ports(&self) -> PathBuf {
        self.folder.join("ports.json")
    }

    /// Which process is the server.
    pub(super) fn running(&self) -> PathBuf {
        self.folder.join("lock.json")
    }

    /// What the server says.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("nats-server.log")
    }

    /// Opens the log to append to, and sets it aside first when it has grown large.
    pub(super) fn open_log(&self) -> Result<File, SupervisorError> {
        let path = self.log();
        if fs::metadata(&path).is_ok_and(|data| data.len() > LARGEST_LOG_BYTES) {
            fs::rename(&path, path.with_extension("log.1")).map_err(at(&path))?;
        }
        OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(at(&path))
    }

    /// The last lines of the log, in one.
    pub(super) fn last_words(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().rev().filter(|line| !line.trim().is_empty()).take(2).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
    }
}

/// Reads what [`write_json`] wrote; `None` when there is nothing of use.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Writes `value` so that a reader, or we after a crash, find the old content or the new.
pub(super) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), SupervisorError> {
    let text = serde_json::to_vec_pretty(value).map_err(|source| at(path)(source.into()))?;
    write_private(path, &text)
}

/// As [`write_json`], for text.
pub(super) fn write_private(path: &Path, text: &[u8]) -> Result<(), SupervisorError> {
    let fresh = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().map_err(at(path))
}

/// Turns an IO error into ours, naming the file.
pub(super) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> SupervisorError {
    let path = path.to_owned();
    |source| SupervisorError::File { path, source }
}

fn make_private_folder(path: &Path) -> std::io::Result<()> {
    match DirBuilder::new().recursive(true).mode(0o700).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}

const LARGEST_LOG_BYTES: u64 = 10 << 20;
