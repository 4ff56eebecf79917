//! Postgres: one server for each test program, one database for each system.

use std::{
    path::Path,
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use super::{
    folder::Folder,
    ports,
    process::{Launch, Process},
    programs,
};

/// A database of our own.
#[derive(Debug, Clone)]
pub struct Database {
    url: String,
}

impl Database {
    /// Makes an empty database, on a server that is started for the first one.
    ///
    /// # Panics
    /// When Postgres is missing or does not start.
    #[must_use]
    pub fn create() -> Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let server = SERVER.get_or_init(Server::start);
        let name = format!("desk{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let base = format!("postgres://{USER}@127.0.0.1:{}", server.port);
        let database = Self { url: format!("{base}/postgres") };
        database.execute(&format!("CREATE DATABASE {name}"));
        Self { url: format!("{base}/{name}") }
    }

    /// Runs the statements of a file.
    ///
    /// # Panics
    /// When one of them fails.
    pub fn restore(&self, file: &Path) {
        let output = Command::new(programs::postgres("psql"))
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"])
            .arg(file)
            .arg(&self.url)
            .output()
            .expect("psql starts");
        assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    }

    /// Address of the database, as a `postgres://` URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a statement and gives what it prints: one line for each row, columns parted by `|`.
    ///
    /// # Panics
    /// When the statement fails.
    pub fn execute(&self, statement: &str) -> String {
        let output = Command::new(programs::postgres("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, &self.url])
            .output()
            .expect("psql starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{statement}: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

#[derive(Debug)]
struct Server {
    port: u16,
    _process: Process,
    _folder: Folder,
}

impl Server {
    fn start() -> Self {
        let folder = Folder::new("postgres");
        let data = folder.inside("data");
        // It refuses to run as root; this user comes with the package.
        give_to(&data, "postgres");
        let initdb = Launch::new("initdb", programs::postgres("initdb"), folder.path().join("initdb.log"))
            .args(["--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8", "-U", USER, "-D"])
            .args([&data])
            .as_user("postgres");
        initdb.run();
        let port = ports::free();
        let process = Launch::new("postgres", programs::postgres("postgres"), folder.path().join("postgres.log"))
            .args(["-D".as_ref(), data.as_os_str(), "-k".as_ref(), data.as_os_str()])
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "fsync=off", "-c", "max_connections=300"])
            .as_user("postgres")
            .start();
        process.await_line("that it is ready", |line| line.contains("ready to accept connections"));
        Self { port, _process: process, _folder: folder }
    }
}

fn give_to(folder: &Path, user: &str) {
    let changed = Command::new("chown").arg(user).arg(folder).status();
    let _as_another_user_it_is_ours_already = changed;
}

const USER: &str = "desk";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_is_its_own() {
        let (one, other) = (Database::create(), Database::create());
        one.execute("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)");
        assert_eq!(one.execute("SELECT n, n + 1 FROM t ORDER BY n"), "1|2\n2|3\n");
        assert_eq!(other.execute("SELECT count(*) FROM pg_tables WHERE tablename = 't'"), "0\n");
    }
}
