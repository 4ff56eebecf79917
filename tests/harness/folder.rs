//! A folder of one test, removed when it ends; what killed tests left behind is removed by the next.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command, sync::Once};

use tempfile::TempDir;

/// A folder that other users (the database's) may enter.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    /// Makes one; `name` only helps people who look into it.
    #[must_use]
    pub fn new(name: &str) -> Self {
        static SWEEP: Once = Once::new();
        SWEEP.call_once(sweep);
        let folder = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-{name}-", std::process::id()))
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir()
            .expect("the folder for temporary files is writable");
        Self(folder)
    }

    /// Path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Makes a folder inside.
    #[must_use]
    pub fn inside(&self, name: &str) -> std::path::PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(&path).expect("the folder is writable");
        path
    }
}

/// Puts everything that lies in the folder `from` into the folder `to`.
pub(super) fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status();
    assert!(copied.is_ok_and(|status| status.success()), "cp {} {}", from.display(), to.display());
}

/// Removes the folders of test processes that are gone: servers in statics are never dropped.
fn sweep() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _gone_or_not_ours = fs::remove_dir_all(entry.path());
        }
    }
}

const PREFIX: &str = "frontdesk-tests-";
