//! A socket as a widget or a console holds it. Reads all the time, answers pings, and keeps everything it received.

use std::{
    collections::VecDeque,
    sync::{Arc, MutexGuard},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::{mpsc, watch},
    time::timeout,
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{self, Message, client::IntoClientRequest as _, http::HeaderValue},
};

use super::{
    wait::{DEADLINE, within},
    wire::{Closed, Coding, Order, Shared, State, field, is, run},
};

/// The server did not take the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandshakeError {
    /// It answered with this status.
    Refused(u16),
    /// It cannot be reached.
    Unreachable,
}

/// A socket to a node.
#[derive(Debug)]
pub struct Socket {
    coding: Coding,
    shared: Arc<Shared>,
    orders: mpsc::UnboundedSender<Order>,
    reading: watch::Sender<bool>,
}

impl Socket {
    /// Opens a socket at `host` (`127.0.0.1:8080`); `path` begins with a slash.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn connect(host: &str, path: &str, origin: Option<&str>, coding: Coding) -> Result<Self, HandshakeError> {
        let unreachable = |_| HandshakeError::Unreachable;
        let stream = TcpStream::connect(host).await.map_err(unreachable)?;
        Self::over(stream, host, path, origin, coding).await
    }

    /// As [`Socket::connect`], with so little room for what was received and not read that the sender soon has to wait.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn connect_narrow(host: &str, path: &str, origin: &str, coding: Coding) -> Result<Self, HandshakeError> {
        let unreachable = |_| HandshakeError::Unreachable;
        let socket = TcpSocket::new_v4().map_err(unreachable)?;
        socket.set_recv_buffer_size(4096).map_err(unreachable)?;
        let address = host.parse().expect("a host is an address and a port");
        let stream = socket.connect(address).await.map_err(unreachable)?;
        Self::over(stream, host, path, Some(origin), coding).await
    }

    async fn over(
        stream: TcpStream,
        host: &str,
        path: &str,
        origin: Option<&str>,
        coding: Coding,
    ) -> Result<Self, HandshakeError> {
        let mut request = format!("ws://{host}{path}").into_client_request().expect("the address is one");
        let header = |text: &str| HeaderValue::from_str(text).expect("the header is printable");
        request.headers_mut().insert("Sec-WebSocket-Protocol", header(coding.codec().subprotocol()));
        if let Some(origin) = origin {
            request.headers_mut().insert("Origin", header(origin));
        }
        let (stream, _) = timeout(DEADLINE, client_async(request, stream))
            .await
            .map_err(|_| HandshakeError::Unreachable)?
            .map_err(|error| match error {
                tungstenite::Error::Http(answer) => HandshakeError::Refused(answer.status().as_u16()),
                _ => HandshakeError::Unreachable,
            })?;
        let shared = Arc::new(Shared::default());
        let (orders, inbox) = mpsc::unbounded_channel();
        let (reading, is_reading) = watch::channel(true);
        tokio::spawn(run(stream, coding, Arc::clone(&shared), inbox, is_reading));
        Ok(Self { coding, shared, orders, reading })
    }

    /// Sends a frame.
    pub fn send(&self, frame: &Value) {
        self.send_message(self.coding.encode(frame));
    }

    /// Sends any WebSocket message.
    pub fn send_message(&self, message: Message) {
        // A socket that ended keeps what it received; a call that awaits an answer sees that it ended.
        let _ended = self.orders.send(Order::Message(message));
    }

    /// Sends any bytes, past the WebSocket protocol.
    pub fn send_bytes(&self, bytes: Vec<u8>) {
        let _ended = self.orders.send(Order::Bytes(bytes));
    }

    /// Stops or goes on reading.
    pub fn set_reading(&self, reading: bool) {
        let _ended = self.reading.send(reading);
    }

    /// Stops answering pings.
    pub fn ignore_pings(&self) {
        self.state().ignores_pings = true;
    }

    /// Everything received so far.
    #[must_use]
    pub fn frames(&self) -> Vec<Value> {
        self.state().frames.clone()
    }

    /// How much was received so far: for [`Socket::find_after`].
    #[must_use]
    pub fn mark(&self) -> usize {
        self.state().frames.len()
    }

    /// The first frame of all, received already or still to come, that is `wanted`.
    ///
    /// # Panics
    /// When the socket ends before, or the deadline passes.
    pub async fn find(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.find_after(0, what, wanted).await
    }

    /// As [`Socket::find`], among the frames after `mark`.
    ///
    /// # Panics
    /// When the socket ends before, or the deadline passes.
    pub async fn find_after(&self, mark: usize, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut cursor = mark;
        let found = timeout(DEADLINE, async {
            loop {
                let frame = self.next(&mut cursor).await?;
                if wanted(&frame) {
                    return Ok::<_, Closed>(frame);
                }
            }
        });
        match found.await {
            Ok(Ok(frame)) => frame,
            Ok(Err(closed)) => panic!("the socket ended ({closed:?}) before {what}; received {}", self.tail()),
            Err(_) => panic!("waited {DEADLINE:?} in vain: {what}; received {}", self.tail()),
        }
    }

    /// The frame at `cursor`, which moves on.
    ///
    /// # Errors
    /// When the socket ended before.
    ///
    /// # Panics
    /// When something was received that is no frame of the protocol.
    pub async fn next(&self, cursor: &mut usize) -> Result<Value, Closed> {
        loop {
            let changed = self.shared.changed.notified();
            {
                let state = self.state();
                assert!(state.unreadable.is_empty(), "this is no frame: {}", state.unreadable[0]);
                if let Some(frame) = state.frames.get(*cursor) {
                    *cursor += 1;
                    return Ok(frame.clone());
                }
                if let Some(closed) = state.closed {
                    return Err(closed);
                }
            }
            changed.await;
        }
    }

    /// Waits for the end of the socket.
    ///
    /// # Panics
    /// When the deadline passes.
    pub async fn closed(&self) -> Closed {
        let mut cursor = 0;
        within("the end of the socket", async {
            loop {
                if let Err(closed) = self.next(&mut cursor).await {
                    return closed;
                }
            }
        })
        .await
    }

    /// Whether the socket has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state().closed.is_some()
    }

    /// Says who is there, and waits for the welcome.
    ///
    /// # Panics
    /// When there is none.
    pub async fn hello(&self, token: &str) -> Value {
        self.send(&json!({"type": "hello", "token": token}));
        self.find("the welcome", |frame| is(frame, "welcome")).await
    }

    /// Sends a frame that has a `client_id`, and waits for its answer: `accepted` or `rejected`.
    ///
    /// # Panics
    /// When there is none.
    pub async fn ask(&self, frame: &Value) -> Value {
        let mark = self.mark();
        self.send(frame);
        let id = &frame["client_id"];
        self.find_after(mark, &format!("the answer to {frame}"), |answer| {
            answer["client_id"] == *id && (is(answer, "accepted") || is(answer, "rejected"))
        })
        .await
    }

    /// As [`Socket::ask`], for a frame that will be accepted; gives the entry's number.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn ask_ok(&self, frame: &Value) -> u64 {
        let answer = self.ask(frame).await;
        assert!(is(&answer, "accepted"), "{frame} was answered by {answer}");
        answer["seq"].as_u64().expect("an entry has a number")
    }

    /// Sends frames that have a `client_id`, a few at a time, each until it is accepted; gives the entries' numbers.
    ///
    /// # Panics
    /// When one is refused for good, or not answered.
    pub async fn ask_all(&self, frames: &[Value]) -> Vec<u64> {
        let mut numbers = vec![0; frames.len()];
        let mut waiting: VecDeque<usize> = (0..frames.len()).collect();
        let (mut open, mut cursor) = (0, self.mark());
        while open > 0 || !waiting.is_empty() {
            while open < IN_FLIGHT
                && let Some(next) = waiting.pop_front()
            {
                self.send(&frames[next]);
                open += 1;
            }
            let answer = within("an answer", self.next(&mut cursor)).await;
            let answer =
                answer.unwrap_or_else(|closed| panic!("the socket ended ({closed:?}); received {}", self.tail()));
            if !is(&answer, "accepted") && !is(&answer, "rejected") {
                continue;
            }
            let Some(at) = frames.iter().position(|frame| frame["client_id"] == answer["client_id"]) else { continue };
            open -= 1;
            if is(&answer, "accepted") {
                numbers[at] = field(&answer, "/seq");
            } else {
                assert_eq!(answer["retryable"], true, "{answer}");
                waiting.push_back(at);
            }
        }
        numbers
    }

    /// Waits until the server has dealt with everything sent before.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn settle(&self) {
        let mark = self.mark();
        self.send(&json!({"type": "ping"}));
        self.find_after(mark, "the pong", |frame| is(frame, "pong")).await;
    }

    fn tail(&self) -> String {
        let state = self.state();
        let last = &state.frames[state.frames.len().saturating_sub(12)..];
        let lines = last.iter().map(|frame| frame.to_string().chars().take(400).collect::<String>());
        format!("{} frames, at last:\n{}", state.frames.len(), lines.collect::<Vec<_>>().join("\n"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().expect("no thread panics while it holds this lock")
    }
}

/// How many frames [`Socket::ask_all`] sends before the first is answered.
const IN_FLIGHT: usize = 8;

/// How long a client waits for an answer before it takes the outcome for unknown.
pub(super) const ANSWER: Duration = Duration::from_secs(12);
