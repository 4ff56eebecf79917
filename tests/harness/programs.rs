//! Finds the programs that tests start. One that is missing fails the test with the line that gets it.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository")
}

/// The binary under test, from the same build folder as this test.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn frontdesk() -> PathBuf {
    built("frontdesk", "cargo build -p frontdesk")
}

/// The same with fail points compiled in, which the variable `FAILPOINTS` sets.
pub(super) fn frontdesk_planted() -> PathBuf {
    built("frontdesk-planted", "cargo build -p frontdesk --bin frontdesk-planted --features frontdesk/planted-faults")
}

fn built(name: &str, line: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its own program");
    let built = test.ancestors().nth(2).expect("tests are built into <target>/<profile>/deps");
    let program = built.join(name);
    assert!(program.is_file(), "{} is missing, make it with this line:\n{line}", program.display());
    program
}

/// The folder that build results go to.
pub(super) fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its own program");
    test.ancestors().nth(3).expect("tests are built into <target>/<profile>/deps").to_owned()
}

/// `nats-server`, as `nats/install.sh` puts it, or from the path.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn nats_server() -> PathBuf {
    let ours = root().join(".tools/bin/nats-server");
    if ours.is_file() { ours } else { on_path("nats-server") }
}

/// A program of Postgres; Debian keeps them off the path.
pub(super) fn postgres(name: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin").join(name))
        .filter(|program| program.is_file())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| on_path(name))
}

/// A program from the path.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn on_path(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("{name} is missing, install it with this line:\ntests/install.sh"))
}
