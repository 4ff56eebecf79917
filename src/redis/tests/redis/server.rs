//! A Redis server of the test's own: on a free port, in a folder of its own, gone when the test is.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use frontdesk_memory::MemoryPresence;
use frontdesk_ports::SystemClock;
use frontdesk_redis::RedisPresence;
use tempfile::TempDir;
use tokio::time::Instant;

/// A running `redis-server`.
pub(crate) struct RedisServer {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl RedisServer {
    /// Starts one on a free port. Between finding and using it another process may take the port; then the next is
    /// tried.
    pub(crate) fn start() -> Self {
        (0..5).find_map(|_| Self::try_start(free_port())).expect("redis-server starts on one of five free ports")
    }

    /// Starts one there.
    pub(crate) fn start_at(port: u16) -> Self {
        Self::try_start(port).expect("redis-server starts on the given port")
    }

    fn try_start(port: u16) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        // The kernel ends it when this thread ends, however that happens.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", "redis-server", "--bind", "127.0.0.1", "--save", ""])
            .args(["--port", &port.to_string()])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("setpriv is part of util-linux");
        let mut server = Self { child, port, _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            match server.child.try_wait().unwrap() {
                Some(status) if status.code() == Some(127) => {
                    panic!("redis-server is not installed; run\n    tests/install.sh")
                }
                Some(_) => return None,
                None if server.answers_itself() => return Some(server),
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        }
        None
    }

    /// Whether it is this very server that answers on the port.
    fn answers_itself(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        let mut answer = [0_u8; 4096];
        let read = stream.write_all(b"INFO server\r\n").and_then(|()| stream.read(&mut answer)).unwrap_or_default();
        String::from_utf8_lossy(&answer[..read]).contains(&format!("process_id:{}\r", self.child.id()))
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        url(self.port)
    }

    /// Stops it in the middle of whatever it does; lines stay open and nothing comes back.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The address of a server there.
pub(crate) fn url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}/")
}

/// What is tested, with the production timeout.
pub(crate) fn presence_at(url: &str) -> RedisPresence {
    let fallback = MemoryPresence::new(Arc::new(SystemClock::default()));
    RedisPresence::connect(url, Duration::from_millis(100), fallback).unwrap()
}
