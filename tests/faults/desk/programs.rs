//! Finds the programs that the suite starts. One that is missing fails it with the line that gets it.

use std::{
    path::{Path, PathBuf},
    sync::Mutex,
};

/// The binary under test, from the same build folder as this test.
pub(super) fn frontdesk() -> PathBuf {
    built("frontdesk", "cargo build -p frontdesk")
}

/// The same with faults built in, which the environment chooses.
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

/// `nats-server`, as `nats/install.sh` puts it, or from the path.
pub(super) fn nats_server() -> PathBuf {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin/nats-server");
    ours.canonicalize().unwrap_or_else(|_| on_path("nats-server"))
}

/// A program of Postgres; Debian keeps them off the path.
pub(super) fn postgres(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin").join(name)).filter(|program| program.is_file());
    found.max().unwrap_or_else(|| on_path(name))
}

/// A program from the path.
pub(super) fn on_path(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file());
    found.unwrap_or_else(|| panic!("{name} is missing, install it with this line:\ntests/install.sh"))
}

/// The library that gives a process another clock.
pub(super) fn faketime() -> PathBuf {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/lib64"];
    let found =
        folders.iter().map(|folder| Path::new(folder).join("faketime/libfaketimeMT.so.1")).find(|it| it.is_file());
    found.unwrap_or_else(|| panic!("libfaketime is missing, install it with this line:\ntests/install.sh"))
}

/// A port that no program listens on, below those that the system takes for outgoing connections, so that none of those
/// sits on it while its server restarts.
pub(super) fn free_port() -> u16 {
    static NEXT: Mutex<Option<u16>> = Mutex::new(None);
    let mut next = NEXT.lock().expect("no thread panics while it holds this lock");
    for _ in FIRST..LAST {
        let port = next.unwrap_or_else(|| FIRST + (std::process::id() * 89 % u32::from(LAST - FIRST)) as u16);
        *next = Some(if port + 1 < LAST { port + 1 } else { FIRST });
        if std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port between {FIRST} and {LAST} is free");
}

const FIRST: u16 = 12_000;
const LAST: u16 = 20_900;
