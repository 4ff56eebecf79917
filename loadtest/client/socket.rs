//! A socket, cut in two: one task reads, another writes what it is handed, as much as there is in one go.

use anyhow::{Context as _, bail, ensure};
use frontdesk_protocol::socket::{ClientFrame, Codec};
use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use tokio::{
    net::TcpStream,
    sync::mpsc,
    time::{Duration, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _, http::HeaderValue},
};
use uuid::Uuid;

use super::frame::{Frame, encode};

/// The reading half.
#[derive(Debug)]
pub(crate) struct Receiver {
    stream: SplitStream<WebSocketStream<TcpStream>>,
}

/// The writing half: hands messages to the task that writes.
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

/// Opens a socket at `path`, says who is there, and waits for the welcome.
pub(crate) async fn connect(url: &str, path: &str, token: &str, codec: Codec) -> anyhow::Result<(Sender, Receiver)> {
    let host = url.strip_prefix("http://").context("only http:// is spoken here")?;
    let stream = TcpStream::connect(host).await.with_context(|| format!("cannot reach {host}"))?;
    stream.set_nodelay(true)?;
    let mut request = format!("ws://{host}{path}").into_client_request()?;
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(codec.subprotocol()));
    request.headers_mut().insert("Origin", HeaderValue::from_str(url)?);
    let (stream, _) = client_async(request, stream).await.with_context(|| format!("no socket at {path}"))?;
    let (sink, stream) = stream.split();
    let (queue, orders) = mpsc::unbounded_channel();
    tokio::spawn(write(sink, orders));
    let (sender, mut receiver) = (Sender { queue, codec }, Receiver { stream });
    sender.send(&ClientFrame::Hello { token: token.to_owned() });
    receiver.find("welcome", |frame| frame.kind == "welcome").await?;
    Ok((sender, receiver))
}

impl Sender {
    /// Sends a frame.
    pub(crate) fn send(&self, frame: &ClientFrame) {
        self.post(Outgoing { message: encode(self.codec, frame), written: None });
    }

    /// Sends a frame, and calls `written` when its turn has come.
    pub(crate) fn send_and_tell(&self, frame: &ClientFrame, written: impl FnOnce() + Send + 'static) {
        self.post(Outgoing { message: encode(self.codec, frame), written: Some(Box::new(written)) });
    }

    fn post(&self, outgoing: Outgoing) {
        // Whoever reads the other half sees that the socket ended.
        let _ended = self.queue.send(outgoing);
    }
}

impl Receiver {
    /// The next message; `None` at the end of the socket.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        self.stream.next().await?.ok()
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

    /// Sends `frame` and reads until an answer is `wanted`. Silence means that the outcome is unknown, so the same frame is
    /// sent again, as a client would.
    pub(crate) async fn ask(
        &mut self,
        sender: &Sender,
        frame: &ClientFrame,
        what: &str,
        mut wanted: impl FnMut(&Frame<'_>) -> bool,
    ) -> anyhow::Result<(Uuid, u64)> {
        for _ in 0..TRIES {
            sender.send(frame);
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
            if wanted(&frame) {
                return Ok((frame.conversation.unwrap_or_default(), frame.seq));
            }
        }
        bail!("the socket ended")
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
}

const PATIENCE: Duration = Duration::from_secs(30);

/// How long an answer may take before the same is asked again, and how often that is done.
const ANSWER: Duration = Duration::from_secs(5);
const TRIES: usize = 12;

/// Most messages that are written in one go.
const BATCH: usize = 64;
