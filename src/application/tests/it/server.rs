//! A Postgres for this test binary.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdin, Command, Stdio},
    sync::Arc,
};

use frontdesk_postgres::PostgresStore;

/// A running server with an empty database. It ends with this value: its standard input closes.
pub(crate) struct Server {
    url: String,
    _process: Child,
    _standard_input: ChildStdin,
}

impl Server {
    pub(crate) fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../postgres/tests/server.sh");
        let mut process =
            Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("bash is installed");
        let standard_input = process.stdin.take().expect("it was piped");
        let mut said = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("it was piped"));
        output.read_line(&mut said).expect("it says something or ends");
        let port: u16 = said.trim().parse().expect("Postgres runs; what is missing stands above");
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Self { url, _process: process, _standard_input: standard_input }
    }

    /// The database as one more gateway sees it: with connections of its own.
    pub(crate) async fn gateway(&self) -> Arc<PostgresStore> {
        Arc::new(PostgresStore::connect(&self.url.clone().into(), 4).await.expect("the server is running"))
    }
}
