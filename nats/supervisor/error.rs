//! Why there is no local broker.

use std::io;
use std::path::PathBuf;

use crate::{subjects::TokenError, version::OLDEST_VERSION};

/// Why the local broker could not be started. The text is one line and says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SupervisorError {
    /// No program at the given path, in `.tools/bin` or on the PATH.
    #[error("nats-server is not installed: `make run` or nats/install.sh fetches it")]
    NotInstalled,
    /// The program does not run or does not say its version.
    #[error("{} is not a nats-server that runs here: `make run` or nats/install.sh fetches one", path.display())]
    Unusable {
        /// Path of the program that was found.
        path: PathBuf,
    },
    /// The program lacks what the log relies on.
    #[error(
        "nats-server {found} at {} is too old, {OLDEST_VERSION} or newer is needed: \
         `make run` or nats/install.sh fetches one", path.display()
    )]
    TooOld {
        /// Path of the program that was found.
        path: PathBuf,
        /// The version it gave.
        found: String,
    },
    /// Another live process holds the lock on the data folder.
    #[error("{} is in use by another frontdesk{}", data_dir.display(), holder.map_or_else(String::new, |id| format!(" (process {id})")))]
    DataDirInUse {
        /// The data folder that is locked.
        data_dir: PathBuf,
        /// The process that holds it, if it left its id.
        holder: Option<u32>,
    },
    /// A port that was asked for by number is taken.
    #[error("port {port} on 127.0.0.1 (`broker.{setting}`) is taken")]
    PortTaken {
        /// The setting that names the port.
        setting: &'static str,
        /// The port that another program listens on.
        port: u16,
    },
    /// What an earlier run left behind could not be ended.
    #[error("process {process_id}, a nats-server of an earlier run, cannot be ended")]
    Orphan {
        /// The id of the process that did not end.
        process_id: u32,
    },
    /// A file in the data folder could not be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The configured subject prefix is not a token.
    #[error("the subject prefix is unusable")]
    Prefix(#[source] TokenError),
    /// Credentials of that name exist.
    #[error("credentials named {0:?} exist already")]
    NameTaken(String),
    /// What is kept about credentials was changed by hand.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// Path of the damaged file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A password could not be hashed.
    #[error("a password cannot be hashed")]
    Hash(#[source] bcrypt::BcryptError),
    /// The running server did not take the change up.
    #[error("the local nats-server did not take up its new configuration; it will at its next start. See {}", log.display())]
    NotTakenUp {
        /// Path of the server's log.
        log: PathBuf,
    },
    /// The operating system gave no random numbers for passwords.
    #[error("the operating system gives no random numbers")]
    Random,
    /// The program could not be executed.
    #[error("cannot execute {}", path.display())]
    Spawn {
        /// Path of the program that was found.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The server ended, or did not become healthy in time.
    #[error("the local nats-server did not start: {reason}; see {}", log.display())]
    DidNotStart {
        /// What it said last, or what is missing.
        reason: String,
        /// Path of the server's log.
        log: PathBuf,
    },
    /// The thread that watches the server could not be started.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    /// The thread that watches the server ended without an answer.
    #[error("the supervisor of the local nats-server ended unexpectedly")]
    Died,
}
