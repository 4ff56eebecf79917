//! A client that does not give up: it keeps what was not answered and sends it again, to whichever node takes it.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;
use tokio::{
    sync::watch,
    time::{Duration, Instant, sleep, timeout},
};

use super::{
    client::{ANSWER, Socket},
    node::Node,
    participants::say,
    wire::{Closed, Coding, field, is},
};

/// A client with an outbox.
#[derive(Debug)]
pub struct Outbox {
    hosts: Vec<String>,
    path: String,
    token: String,
    conversation: String,
    progress: watch::Sender<Progress>,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Messages accepted.
    pub accepted: usize,
    /// Sockets that ended under it.
    pub lost_sockets: usize,
    /// Answers that told it to try again.
    pub retries: usize,
}

impl Outbox {
    /// A client of these nodes, with the path and the token of its side.
    #[must_use]
    pub fn new(nodes: &[&Node], path: &str, token: &str, conversation: &str) -> Self {
        Self {
            hosts: nodes.iter().map(|node| node.host()).collect(),
            path: path.to_owned(),
            token: token.to_owned(),
            conversation: conversation.to_owned(),
            progress: watch::Sender::new(Progress::default()),
        }
    }

    /// Tells how far it has come.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Sends `texts` until each was accepted, and gives the number of each.
    ///
    /// # Panics
    /// When a message is refused for good, one message gets two numbers, or it takes minutes.
    pub async fn deliver(self, texts: Vec<String>) -> BTreeMap<String, u64> {
        let frames = texts.iter().map(|text| say(&self.conversation, text));
        let mut waiting: VecDeque<Value> = frames.collect();
        let mut accepted = BTreeMap::new();
        let deadline = Instant::now() + PATIENCE;
        let mut turn = 0;
        while !waiting.is_empty() {
            let progress = *self.progress.borrow();
            assert!(Instant::now() < deadline, "{} messages wait in vain: {progress:?}", waiting.len());
            let host = &self.hosts[turn % self.hosts.len()];
            turn += 1;
            if let Some(socket) = self.connect(host).await {
                self.send_over(&socket, &mut waiting, &mut accepted).await;
            }
            if !waiting.is_empty() {
                self.progress.send_modify(|progress| progress.lost_sockets += 1);
                sleep(PAUSE).await;
            }
        }
        accepted
    }

    async fn connect(&self, host: &str) -> Option<Socket> {
        let origin = format!("http://{host}");
        let socket = Socket::connect(host, &self.path, Some(&origin), Coding::Json).await.ok()?;
        socket.send(&serde_json::json!({"type": "hello", "token": self.token}));
        let mut cursor = 0;
        let welcome = timeout(ANSWER, socket.next(&mut cursor)).await.ok()?.ok()?;
        is(&welcome, "welcome").then_some(socket)
    }

    /// Sends what waits, a few at a time, until all is answered or the socket ends or stays silent.
    async fn send_over(&self, socket: &Socket, waiting: &mut VecDeque<Value>, accepted: &mut BTreeMap<String, u64>) {
        let (mut cursor, mut sent) = (1, 0);
        while !waiting.is_empty() {
            while sent < waiting.len().min(WINDOW) {
                socket.send(&waiting[sent]);
                sent += 1;
            }
            let Ok(Ok::<_, Closed>(frame)) = timeout(ANSWER, socket.next(&mut cursor)).await else {
                return;
            };
            let Some(at) = waiting.iter().position(|said| said["client_id"] == frame["client_id"]) else {
                continue;
            };
            if is(&frame, "accepted") {
                let said = waiting.remove(at).expect("it was just found");
                sent -= 1;
                let text = said["text"].as_str().expect("we wrote it").to_owned();
                accepted.insert(text, field(&frame, "/seq"));
                self.progress.send_modify(|progress| progress.accepted += 1);
            } else if is(&frame, "rejected") {
                assert_eq!(frame["retryable"], true, "refused for good: {frame}");
                self.progress.send_modify(|progress| progress.retries += 1);
                let wait = Duration::from_millis(field(&frame, "/retry_after_ms").clamp(20, 1000));
                sleep(wait).await;
                socket.send(&waiting[at]);
            }
        }
    }
}

/// How many messages are sent before the first is answered.
const WINDOW: usize = 8;

/// Before the next try to connect.
const PAUSE: Duration = Duration::from_millis(100);

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(120);
