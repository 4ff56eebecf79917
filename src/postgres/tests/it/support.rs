//! A Postgres for this test binary, and a database in it for each test.

use std::{
    io::{BufRead as _, BufReader},
    ops::Deref,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use frontdesk_postgres::PostgresStore;

/// A running server. It ends when its standard input closes: with this value, or with the process that holds it.
pub(crate) struct Server {
    pub(crate) port: u16,
    _process: Child,
    _standard_input: ChildStdin,
}

/// A store on a database of its own.
pub(crate) struct TestStore {
    store: PostgresStore,
    /// Where the database is.
    pub(crate) url: String,
}

impl Deref for TestStore {
    type Target = PostgresStore;

    fn deref(&self) -> &PostgresStore {
        &self.store
    }
}

/// A store on an empty database.
pub(crate) async fn fresh() -> TestStore {
    let url = Server::of_this_binary().create_database();
    let store = PostgresStore::connect(&url.clone().into(), 4).await.expect("the server is running");
    TestStore { store, url }
}

impl Server {
    /// The one that all tests of a binary share.
    pub(crate) fn of_this_binary() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    /// Starts one.
    pub(crate) fn start() -> Self {
        let mut process = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/server.sh"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash is installed");
        let standard_input = process.stdin.take().expect("it was piped");
        let mut said = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("it was piped"));
        output.read_line(&mut said).expect("it says something or ends");
        let port = said.trim().parse().expect("Postgres runs; what is missing stands above");
        Self { port, _process: process, _standard_input: standard_input }
    }

    /// Makes an empty database and says where it is.
    pub(crate) fn create_database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let url = |database: &str| format!("postgres://postgres@127.0.0.1:{}/{database}", self.port);
        let mut create = Command::new("psql");
        create.args(["--quiet", "--no-psqlrc", "--command", &format!("create database {name}"), &url("postgres")]);
        assert!(create.status().expect("psql is installed with Postgres").success());
        url(&name)
    }
}
