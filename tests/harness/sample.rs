//! What an older version wrote, kept as a compressed archive: a data folder, or a broker's store with a database dump.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;

use super::{folder::Folder, programs};

/// An unpacked archive of `tests/it/upgrade`.
#[derive(Debug)]
pub struct Sample {
    folder: Folder,
    expected: Value,
}

impl Sample {
    /// Unpacks the archive with this name into a folder of its own.
    ///
    /// # Panics
    /// When it cannot be unpacked.
    #[must_use]
    pub fn unpack(name: &str) -> Self {
        let folder = Folder::new("sample");
        let archive = programs::root().join("tests/it/upgrade").join(format!("{name}.tar.gz"));
        let unpacked = Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(folder.path()).status();
        assert!(unpacked.is_ok_and(|status| status.success()), "tar -xzf {}", archive.display());
        let text = fs::read(folder.path().join("expected.json")).expect("the sample says what is in it");
        Self { folder, expected: serde_json::from_slice(&text).expect("it is JSON") }
    }

    /// What the older version answered about it when the sample was made.
    #[must_use]
    pub const fn expected(&self) -> &Value {
        &self.expected
    }

    /// The data folder of a node with everything embedded.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The store of a single broker server.
    pub(super) fn broker(&self) -> PathBuf {
        self.folder.path().join("broker")
    }

    /// The statements that fill an empty Postgres database.
    pub(super) fn dump(&self) -> PathBuf {
        self.folder.path().join("database.sql")
    }
}
