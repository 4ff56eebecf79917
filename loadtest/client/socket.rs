//! A socket: whole, for those who only listen, or cut in two, where one task reads and another writes what it is
//! handed, as much as there is in one go.

use std::{
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, bail, ensure};
use frontdesk_protocol::socket::{ClientFrame, Codec};
use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use tokio::{
    net::{TcpSocket, TcpStream, lookup_host},
    sync::mpsc,
    time::{Duration, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, client::IntoClientRequest as _, http::HeaderValue, protocol::WebSocketConfig},
};
use uuid::Uuid;

use super::frame::{Frame, encode};

/// How sockets are opened in this run.
#[derive(Debug)]
pub(crate) struct Dialer {
    /// Gateways, such as `http://127.0.0.1:8080`; each is used in turn.
    pub(crate) urls: Vec<String>,
    /// Addresses to connect from, in turn; none: as the system likes.
    pub(crate) sources: Vec<IpAddr>,
    pub(crate) codec: Codec,
    turn: AtomicUsize,
}

/// Where a socket is opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SocketTarget<'a> {
    /// Path of the endpoint, such as `/ws/console`.
    pub(crate) path: &'a str,
    /// Which gateway, by its place; numbers beyond the last begin again.
    pub(crate) gateway: usize,
    /// Bytes that are read at once, and kept for it.
    pub(crate) buffer: usize,
    /// Bytes that the kernel keeps for it; none: as it likes.
    pub(crate) kernel_buffer: Option<u32>,
}

/// A socket with both of its halves.
#[derive(Debug)]
pub(crate) struct Whole {
    stream: WebSocketStream<TcpStream>,
    codec: Codec,
}

/// The reading half of a socket.
#[derive(Debug)]
pub(crate) struct Receiver {
    stream: SplitStream<WebSocketStream<TcpStream>>,
}

/// The writing half: hands messages to the task that writes. Its queue holds what the schedule gives at most.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    queue: mpsc::UnboundedSender<Outgoing>,
    codec: Codec,
}

/// A message, and what is to be done at the moment when it is written.
struct Outgoing {
    message: Message,
    written: Option<Box<dyn FnOnce() + Send>>,
}

impl Dialer {
    /// To these gateways, from these addresses.
    pub(crate) const fn new(urls: Vec<String>, sources: Vec<IpAddr>, codec: Codec) -> Self {
        Self { urls, sources, codec, turn: AtomicUsize::new(0) }
    }

    /// A gateway, by its place; numbers beyond the last begin again.
    pub(crate) fn url(&self, gateway: usize) -> &str {
        &self.urls[gateway % self.urls.len()]
    }

    async fn tcp(&self, host: &str, kernel_buffer: Option<u32>) -> anyhow::Result<TcpStream> {
        let to: SocketAddr = match host.parse() {
            Ok(address) => address,
            Err(_) => lookup_host(host).await?.next().with_context(|| format!("{host} has no address"))?,
        };
        let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(bytes) = kernel_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        if !self.sources.is_empty() {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            socket.bind(SocketAddr::new(self.sources[turn % self.sources.len()], 0))?;
        }
        let stream = timeout(PATIENCE, socket.connect(to)).await.context("no answer to the connection attempt")??;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Opens a socket, says who is there, and waits for the welcome.
///
/// # Errors
/// It is refused, or the server is gone.
pub(crate) async fn connect(dialer: &Dialer, target: SocketTarget<'_>, token: &str) -> anyhow::Result<Whole> {
    let (url, path) = (dialer.url(target.gateway), target.path);
    let host = url.strip_prefix("http://").context("only http:// is spoken here")?;
    let stream = dialer.tcp(host, target.kernel_buffer).await.with_context(|| format!("cannot reach {host}"))?;
    let mut request = format!("ws://{host}{path}").into_client_request()?;
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(dialer.codec.subprotocol()));
    request.headers_mut().insert("Origin", HeaderValue::from_str(url)?);
    let config = WebSocketConfig::default().read_buffer_size(target.buffer);
    let opened = timeout(PATIENCE, client_async_with_config(request, stream, Some(config))).await;
    let (stream, _) = opened.context("no answer")?.with_context(|| format!("no socket at {path}"))?;
    let mut whole = Whole { stream, codec: dialer.codec };
    whole.send(&ClientFrame::Hello { token: token.to_owned() }).await?;
    whole.find("welcome", |frame| frame.kind == "welcome").await?;
    Ok(whole)
}

impl Whole {
    /// Sends a frame, and waits until the kernel has it.
    pub(crate) async fn send(&mut self, frame: &ClientFrame) -> anyhow::Result<()> {
        self.stream.send(encode(self.codec, frame)).await.context("the socket ended")
    }

    /// The next message; `None` at the end of the socket.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        self.stream.next().await?.ok()
    }

    /// Closes the socket with a close frame.
    pub(crate) async fn close(mut self) {
        let _gone_already = self.stream.close(None).await;
    }

    /// Cuts it in two.
    pub(crate) fn split(self) -> (Sender, Receiver) {
        let (sink, stream) = self.stream.split();
        let (queue, orders) = mpsc::unbounded_channel();
        tokio::spawn(write(sink, orders));
        (Sender { queue, codec: self.codec }, Receiver { stream })
    }

    /// Reads until a frame is `wanted`; gives the conversation and the number in it.
    pub(crate) async fn find(
        &mut self,
        what: &str,
        wanted: impl FnMut(&Frame<'_>) -> bool,
    ) -> anyhow::Result<(Uuid, u64)> {
        let found = timeout(PATIENCE, self.read_until(wanted)).await;
        found.with_context(|| format!("waited in vain for {what}"))?.with_context(|| format!("no {what}"))
    }

    /// Sends `frame` and reads until an answer is `wanted`. Silence means that the outcome is unknown, so the same
    /// frame is sent again, as a client would; so it is when a refusal says that it may be.
    pub(crate) async fn ask(
        &mut self,
        frame: &ClientFrame,
        what: &str,
        mut wanted: impl FnMut(&Frame<'_>) -> bool,
    ) -> anyhow::Result<(Uuid, u64)> {
        for _ in 0..TRIES {
            self.send(frame).await?;
            if let Ok(found) = timeout(ANSWER, self.read_until(&mut wanted)).await {
                return found.with_context(|| format!("no {what}"));
            }
        }
        bail!("asked {TRIES} times in vain for {what}")
    }

    async fn read_until(&mut self, mut wanted: impl FnMut(&Frame<'_>) -> bool) -> anyhow::Result<(Uuid, u64)> {
        while let Some(message) = self.next().await {
            let Some(frame) = Frame::read(&message) else { continue };
            ensure!(!["rejected", "error", "bye"].contains(&frame.kind) || frame.retryable, "the answer is {message}");
            if frame.kind == "ping" {
                self.send(&ClientFrame::Pong {}).await?;
            }
            if wanted(&frame) {
                return Ok((frame.conversation.unwrap_or_default(), frame.seq));
            }
        }
        bail!("the socket ended")
    }
}

impl Sender {
    /// Queues a frame to be sent.
    pub(crate) fn send(&self, frame: &ClientFrame) {
        self.post(Outgoing { message: encode(self.codec, frame), written: None });
    }

    /// Sends a frame, and calls `written` when its turn has come.
    pub(crate) fn send_and_tell(&self, frame: &ClientFrame, written: impl FnOnce() + Send + 'static) {
        self.post(Outgoing { message: encode(self.codec, frame), written: Some(Box::new(written)) });
    }

    fn post(&self, outgoing: Outgoing) {
        // The reading half sees that the socket ended.
        let _ended = self.queue.send(outgoing);
    }
}

impl Receiver {
    /// The next message; `None` at the end of the socket.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        self.stream.next().await?.ok()
    }
}

async fn write(
    mut sink: SplitSink<WebSocketStream<TcpStream>, Message>,
    mut orders: mpsc::UnboundedReceiver<Outgoing>,
) {
    let mut batch = Vec::new();
    while orders.recv_many(&mut batch, BATCH).await > 0 {
        for outgoing in batch.drain(..) {
            if let Some(written) = outgoing.written {
                written();
            }
            if sink.feed(outgoing.message).await.is_err() {
                return;
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
    // The sender was dropped.
    let _gone_already = sink.close().await;
}

const PATIENCE: Duration = Duration::from_secs(30);

/// How long an answer may take before the same is asked again, and how often that is done.
const ANSWER: Duration = Duration::from_secs(5);
const TRIES: usize = 12;

/// Most messages that are written in one go.
const BATCH: usize = 64;
