//! A server of this build, for runs that are told where it is.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// A server; ends when it is dropped.
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) inbox: String,
    pub(crate) email: String,
    pub(crate) password: String,
    child: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts a server of its own for the test.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("temporary folders can be made");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(must_be_built()).args(["up", "--demo", "--json"]);
        let settings = [
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("SERVER__ADMIN_LISTEN", "127.0.0.1:0"),
            ("SERVER__DATA_DIR", folder.path().to_str().expect("temporary folders are text")),
            ("AUTH__ARGON2_MEMORY_KIB", "64"),
            ("AUTH__LOGIN_ATTEMPTS_PER_MINUTE", "100000"),
        ];
        command.envs(settings.map(|(name, value)| (format!("FRONTDESK__{name}"), value)));
        command.env("FRONTDESK__BROKER__NATS_SERVER_PATH", nats_server());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it can be started");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let ready = lines.find_map(|line| serde_json::from_str::<Value>(&line.ok()?).ok()).expect("it becomes ready");
        // Read the output, or the server blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let text = |value: &Value| value.as_str().expect("it is a text").to_owned();
        let owner = &ready["agents"][0];
        Self {
            address: text(&ready["listen"]),
            inbox: text(&ready["inbox"]),
            email: text(&owner["email"]),
            password: text(&owner["password"]),
            child,
            _folder: folder,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ended = self.child.wait();
    }
}

/// The server's program, from the same build folder as this test.
pub(crate) fn must_be_built() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_frontdesk-loadtest")).with_file_name("frontdesk");
    assert!(program.is_file(), "{} is missing, make it with this line:\ncargo build -p frontdesk", program.display());
    program
}

fn nats_server() -> PathBuf {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin/nats-server");
    assert!(ours.is_file(), "nats-server is missing, get it with this line:\nnats/install.sh");
    ours
}
