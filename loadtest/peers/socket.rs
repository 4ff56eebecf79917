//! A socket, cut in two: one task writes what it is handed, as much as there is in one go.

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _, stream::SplitStream};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _, http::HeaderValue},
};

/// Queue of messages to the writing half of a socket.
pub(crate) type Mouth = mpsc::UnboundedSender<Message>;

/// The reading half of a socket.
pub(crate) type Listener = SplitStream<WebSocketStream<TcpStream>>;

/// A socket and its client's side of the protocol above it.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) mouth: Mouth,
    pub(crate) listener: Listener,
}

impl Socket {
    /// Opens a socket at `path`.
    pub(crate) async fn open(address: &str, path: &str, subprotocol: Option<&'static str>) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        request.headers_mut().insert("Origin", HeaderValue::from_str(&format!("http://{address}"))?);
        if let Some(name) = subprotocol {
            request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(name));
        }
        let (stream, _) = client_async(request, stream).await.with_context(|| format!("no socket at {path}"))?;
        let (mut sink, listener) = stream.split();
        // Bounded by what a measurement has on its way.
        let (mouth, mut orders) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while orders.recv_many(&mut batch, BATCH).await > 0 {
                for message in batch.drain(..) {
                    if sink.feed(message).await.is_err() {
                        return;
                    }
                }
                if sink.flush().await.is_err() {
                    return;
                }
            }
        });
        Ok(Self { mouth, listener })
    }

    /// Sends a text message.
    pub(crate) fn send(&self, text: impl Into<String>) {
        // The reading half sees that the socket ended.
        let _ended = self.mouth.send(Message::text(text.into()));
    }

    /// Reads until a text is `wanted`, and gives that.
    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> anyhow::Result<String> {
        let reading = async {
            while let Some(message) = self.listener.next().await {
                if let Message::Text(text) = message?
                    && wanted(&text)
                {
                    return Ok(text.to_string());
                }
            }
            anyhow::bail!("the socket ended before {what}")
        };
        timeout(PATIENCE, reading).await.with_context(|| format!("waited in vain for {what}"))?
    }
}

/// Most messages that are written in one go.
const BATCH: usize = 64;
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);
