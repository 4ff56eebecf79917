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

/// A PgBouncer in front of a server, with the settings that Debian ships but for addresses and mode. It ends with this
/// value, or with the process that holds it.
pub(crate) struct Pooler {
    port: u16,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Pooler {
    /// Starts one in this mode and waits until it answers.
    pub(crate) async fn start(server: &Server, mode: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("there is room");
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        let (settings, users) = (folder.path().join("pgbouncer.ini"), folder.path().join("userlist.txt"));
        std::fs::write(&users, "\"postgres\" \"\"\n").expect("there is room");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = {mode}\n",
            server.port,
            users.display()
        );
        std::fs::write(&settings, text).expect("there is room");
        // It refuses to run as root, as Postgres does.
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let mut command = Command::new("setpriv");
        if is_root {
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        }
        let program =
            ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].into_iter().find(|it| std::path::Path::new(it).is_file());
        let program = program.expect("pgbouncer is installed by tests/install.sh");
        command.args(["--pdeathsig", "KILL", "--", program]).arg(&settings);
        let process = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("setpriv is there");
        let answers = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), answers).await.expect("PgBouncer starts");
        Self { port, process, _folder: folder }
    }

    /// The database of `url`, through the pooler.
    pub(crate) fn url_of(&self, url: &str) -> String {
        let (_, database) = url.rsplit_once('/').expect("a database is named");
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _ended_already = self.process.wait();
    }
}
