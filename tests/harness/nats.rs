//! The broker's own text protocol without a client library: what a program that knows a password can do.

use std::{fs, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time::timeout,
};

use super::{system::System, wait::DEADLINE};

/// A connection to a broker.
#[derive(Debug)]
pub struct RawNats {
    stream: BufReader<TcpStream>,
    inbox_prefix: String,
    subscriptions: u32,
}

impl RawNats {
    /// To the broker of a desk, with the rights of the service itself.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn as_core(system: &System) -> Self {
        if system.has_parts() {
            return Self::connect(&Self::address(system), None, "_INBOX.core")
                .await
                .expect("the broker lets anybody in");
        }
        let credentials = kept(system, "credentials.json");
        let password = credentials["core_password"].as_str().expect("a password is kept");
        let core = Self::connect(&Self::address(system), Some(("core", password)), "_INBOX.core").await;
        core.expect("the broker knows its own")
    }

    /// To the broker of a desk as the bridge of an inbox, with credentials made for it. Where the broker knows no
    /// users, only in name.
    ///
    /// # Panics
    /// When they cannot be made, or it is not let in.
    pub async fn as_bridge(system: &System, name: &str, tenant: &str, inbox: &str) -> Self {
        if system.has_parts() {
            let bridge = Self::connect(&Self::address(system), None, &format!("_INBOX_{name}")).await;
            return bridge.expect("the broker lets anybody in");
        }
        let target = format!("{tenant}/{inbox}");
        let add = ["broker", "credentials", "add", "--json", "--name", name, "--bridge", &target];
        let (succeeded, said) = system.gateway(0).command(&add);
        assert!(succeeded, "{said}");
        let line = said.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("no JSON in {said}"));
        let added: Value = serde_json::from_str(line).expect("what is printed is JSON");
        let text = |name: &str| added[name].as_str().unwrap_or_else(|| panic!("no {name} in {added}")).to_owned();
        let (password, prefix) = (text("password"), text("inbox_prefix"));
        let bridge = Self::connect(&Self::address(system), Some((name, &password)), &prefix).await;
        bridge.expect("it is let in")
    }

    /// Where a desk's broker listens.
    ///
    /// # Panics
    /// When it was never started.
    #[must_use]
    pub fn address(system: &System) -> String {
        match system.has_parts() {
            true => system.broker().urls().remove(0).trim_start_matches("nats://").to_owned(),
            false => format!("127.0.0.1:{}", kept(system, "ports.json")["client"]),
        }
    }

    /// To `address`, as this user, to be answered on subjects that begin so; `None` when it is refused.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn connect(address: &str, user: Option<(&str, &str)>, inbox_prefix: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
        let mut nats = Self { stream: BufReader::new(stream), inbox_prefix: inbox_prefix.to_owned(), subscriptions: 0 };
        assert!(nats.line().await.starts_with("INFO "), "a broker greets");
        let mut options = json!({"verbose": false, "headers": true, "lang": "test", "version": "0"});
        if let Some((name, password)) = user {
            (options["user"], options["pass"]) = (name.into(), password.into());
        }
        nats.send(format!("CONNECT {options}\r\nPING\r\n").as_bytes()).await;
        loop {
            match nats.line().await.as_str() {
                "PONG" => return Some(nats),
                line if line.starts_with("-ERR") => return None,
                _ => {}
            }
        }
    }

    /// Publishes, and waits until the broker has taken it.
    ///
    /// # Panics
    /// When the broker refuses it or is gone.
    pub async fn publish(&mut self, subject: &str, payload: &[u8]) {
        self.send(format!("PUB {subject} {}\r\n", payload.len()).as_bytes()).await;
        self.send(payload).await;
        self.send(b"\r\n").await;
        self.settle().await;
    }

    /// Asks, and gives the answer.
    ///
    /// # Panics
    /// When there is none.
    pub async fn request(&mut self, subject: &str, payload: &[u8]) -> Vec<u8> {
        self.subscriptions += 1;
        let (id, inbox) = (self.subscriptions, format!("{}.test{}", self.inbox_prefix, self.subscriptions));
        self.send(format!("SUB {inbox} {id}\r\nPUB {subject} {inbox} {}\r\n", payload.len()).as_bytes()).await;
        self.send(payload).await;
        self.send(b"\r\n").await;
        let head = self.line_that("an answer", |line| line.starts_with("MSG ") || line.starts_with("HMSG ")).await;
        let size = head.split(' ').next_back().and_then(|size| size.parse().ok()).expect("a message has a size");
        let mut answer = vec![0; size];
        timeout(DEADLINE, self.stream.read_exact(&mut answer)).await.expect("in time").expect("it is whole");
        answer
    }

    /// Publishes, and gives the broker's objection if it has one.
    ///
    /// # Panics
    /// When the broker is gone.
    pub async fn try_publish(&mut self, subject: &str) -> Option<String> {
        self.send(format!("PUB {subject} 1\r\nx\r\nPING\r\n").as_bytes()).await;
        let mut objection = None;
        loop {
            match self.line().await.as_str() {
                "PONG" => return objection,
                line if line.starts_with("-ERR") => objection = Some(line.to_owned()),
                _ => {}
            }
        }
    }

    async fn settle(&mut self) {
        self.send(b"PING\r\n").await;
        self.line_that("a pong", |line| line == "PONG").await;
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the broker listens");
    }

    async fn line_that(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        loop {
            let line = self.line().await;
            assert!(!line.starts_with("-ERR"), "while waiting for {what}: {line}");
            if wanted(&line) {
                return line;
            }
        }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = timeout(DEADLINE.max(Duration::from_secs(1)), self.stream.read_line(&mut line)).await;
        assert!(read.expect("the broker answers in time").expect("it is text") > 0, "the broker hung up");
        line.trim_end().to_owned()
    }
}

/// What the embedded broker of a desk keeps in a file.
fn kept(system: &System, file: &str) -> Value {
    let path = system.gateway(0).data_dir().join("nats").join(file);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).expect("it is JSON")
}
