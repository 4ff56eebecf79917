//! A Redis server of the test's own.

use super::{
    folder::Folder,
    ports,
    process::{Launch, Process},
    programs,
};

/// A Redis server of our own.
#[derive(Debug)]
pub struct Cache {
    port: u16,
    _process: Process,
    _folder: Folder,
}

impl Cache {
    /// Starts one.
    ///
    /// # Panics
    /// When `redis-server` is missing or does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = Folder::new("redis");
        let port = ports::free();
        let process = Launch::new("redis-server", programs::on_path("redis-server"), folder.path().join("redis.log"))
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no", "--dir"])
            .args([folder.path()])
            .start();
        process.await_line("that it is ready", |line| line.contains("Ready to accept connections"));
        Self { port, _process: process, _folder: folder }
    }

    /// Address of the server, as a `redis://` URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}
