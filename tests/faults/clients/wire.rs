//! A socket, as a widget or a console of another make would hold it.

use std::{net::SocketAddr, time::Duration};

use frontdesk_protocol::socket::Codec;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _, http::HeaderValue},
};

/// Where a gateway is reached.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// The line to it.
    pub address: SocketAddr,
    /// Host and port that it believes to be at.
    pub host: String,
}

/// Who is at the other end.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    pub tenant: String,
    /// `c-<id>` or `a-<id>`.
    pub member: String,
    pub token: String,
    /// Path of the side's sockets.
    pub path: String,
    pub codec: Codec,
}

/// An open socket that was welcomed.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: WebSocketStream<TcpStream>,
    codec: Codec,
}

impl Wire {
    /// Opens one and says who is there.
    ///
    /// # Errors
    /// Why not, in few words.
    pub(crate) async fn open(endpoint: &Endpoint, ticket: &Ticket) -> Result<Self, String> {
        timeout(PATIENCE, Self::try_open(endpoint, ticket)).await.unwrap_or_else(|_| Err("no welcome".to_owned()))
    }

    async fn try_open(endpoint: &Endpoint, ticket: &Ticket) -> Result<Self, String> {
        let mut request = format!("ws://{}{}", endpoint.host, ticket.path).into_client_request().map_err(short)?;
        let header = |text: &str| HeaderValue::from_str(text).map_err(short);
        request.headers_mut().insert("Sec-WebSocket-Protocol", header(ticket.codec.subprotocol())?);
        request.headers_mut().insert("Origin", header(&format!("http://{}", endpoint.host))?);
        let stream = TcpStream::connect(endpoint.address).await.map_err(short)?;
        let (stream, _) = client_async(request, stream).await.map_err(short)?;
        let mut wire = Self { stream, codec: ticket.codec };
        wire.send(&json!({"type": "hello", "token": ticket.token})).await?;
        loop {
            let frame = wire.next().await?;
            match frame["type"].as_str() {
                Some("welcome") => return Ok(wire),
                Some("ping") => {}
                _ => return Err(format!("no welcome but {frame}")),
            }
        }
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// The socket ended.
    pub(crate) async fn send(&mut self, frame: &Value) -> Result<(), String> {
        let message = match self.codec {
            Codec::Json => Message::text(frame.to_string()),
            Codec::MessagePack => Message::binary(rmp_serde::to_vec(frame).map_err(short)?),
        };
        timeout(PATIENCE, self.stream.send(message)).await.map_err(short)?.map_err(short)
    }

    /// The next frame; answers the server's pings by the way. Cancel safe.
    ///
    /// # Errors
    /// The socket ended.
    pub(crate) async fn next(&mut self) -> Result<Value, String> {
        loop {
            let frame: Value = match self.stream.next().await {
                Some(Ok(Message::Text(text))) => serde_json::from_str(&text).map_err(short)?,
                Some(Ok(Message::Binary(bytes))) => rmp_serde::from_slice(&bytes).map_err(short)?,
                Some(Ok(Message::Close(why))) => {
                    return Err(
                        why.map_or_else(|| "closed".to_owned(), |why| format!("closed {}", u16::from(why.code)))
                    );
                }
                Some(Ok(_)) => continue,
                Some(Err(error)) => return Err(short(error)),
                None => return Err("cut".to_owned()),
            };
            if frame["type"] == "ping" {
                self.send(&json!({"type": "pong"})).await?;
                continue;
            }
            return Ok(frame);
        }
    }
}

pub(super) fn short(error: impl std::fmt::Display) -> String {
    error.to_string().chars().take(120).collect()
}

/// How long a welcome or room for a frame may take.
const PATIENCE: Duration = Duration::from_secs(6);
