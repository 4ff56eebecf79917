//! The broker's own text protocol, with no library in between: what a program with somebody's password can do.

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
    subscriptions: u32,
}

impl RawNats {
    /// To the broker of a desk, with the rights of the service itself.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn as_core(system: &System) -> Self {
        if system.has_parts() {
            let url = system.broker().urls().remove(0);
            return Self::connect(url.trim_start_matches("nats://"), None).await;
        }
        let folder = system.gateway(0).data_dir().join("nats");
        let read = |file: &str| -> Value {
            let text = fs::read(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            serde_json::from_slice(&text).expect("it is JSON")
        };
        let (port, credentials) = (read("ports.json")["client"].clone(), read("credentials.json"));
        let password = credentials["core_password"].as_str().expect("a password is kept");
        Self::connect(&format!("127.0.0.1:{port}"), Some(("core", password))).await
    }

    /// To `address`, as this user.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn connect(address: &str, user: Option<(&str, &str)>) -> Self {
        let stream = TcpStream::connect(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
        let mut nats = Self { stream: BufReader::new(stream), subscriptions: 0 };
        assert!(nats.line().await.starts_with("INFO "), "a broker greets");
        let mut options = json!({"verbose": false, "headers": true, "lang": "test", "version": "0"});
        if let Some((name, password)) = user {
            (options["user"], options["pass"]) = (name.into(), password.into());
        }
        nats.send(format!("CONNECT {options}\r\n").as_bytes()).await;
        nats.settle().await;
        nats
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
        let (id, inbox) = (self.subscriptions, format!("_INBOX.core.test{}", self.subscriptions));
        self.send(format!("SUB {inbox} {id}\r\nPUB {subject} {inbox} {}\r\n", payload.len()).as_bytes()).await;
        self.send(payload).await;
        self.send(b"\r\n").await;
        let head = self.line_that("an answer", |line| line.starts_with("MSG ") || line.starts_with("HMSG ")).await;
        let size = head.split(' ').next_back().and_then(|size| size.parse().ok()).expect("a message has a size");
        let mut answer = vec![0; size];
        timeout(DEADLINE, self.stream.read_exact(&mut answer)).await.expect("in time").expect("it is whole");
        answer
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
