//! Why the file of keys cannot be used.

use std::{io, path::PathBuf};

/// Why there are no keys to sign with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("cannot use the key file {}", path.display())]
    Io {
        /// The file that was to be read.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Others on this machine may read the file, or its group may write it.
    #[error(
        "the key file {} may be read by every user or written by its group (mode {mode:o}); run `chmod 640` on it, or \
         mount the secret with mode 0440 or 0400",
        path.display()
    )]
    Exposed {
        /// The file that was read.
        path: PathBuf,
        /// Its mode bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("the key file {} does not hold a list of one or two keys with secrets of 32 bytes or more", path.display())]
    Malformed {
        /// The file that was read.
        path: PathBuf,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}
