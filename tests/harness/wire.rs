//! What a socket does by itself: read all the time, answer pings, keep everything.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use frontdesk_protocol::socket::Codec;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    sync::{Notify, mpsc, watch},
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

/// How frames are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// JSON in text frames.
    Json,
    /// MessagePack in binary frames.
    MessagePack,
}

/// How a socket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// With this close code; 1005 stands for a close frame without one.
    Code(u16),
    /// Without a close frame.
    Cut,
}

#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    pub(super) changed: Notify,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) frames: Vec<Value>,
    pub(super) unreadable: Vec<String>,
    pub(super) closed: Option<Closed>,
    pub(super) ignores_pings: bool,
}

#[derive(Debug)]
pub(super) enum Order {
    Message(Message),
    Bytes(Vec<u8>),
}

impl Coding {
    /// Both codings.
    pub const ALL: [Self; 2] = [Self::Json, Self::MessagePack];

    /// Writes a frame as a message.
    ///
    /// # Panics
    /// Never: JSON can be written as either.
    #[must_use]
    pub fn encode(self, frame: &Value) -> Message {
        match self {
            Self::Json => Message::text(frame.to_string()),
            Self::MessagePack => Message::binary(rmp_serde::to_vec(frame).expect("a JSON value always encodes")),
        }
    }

    pub(super) const fn codec(self) -> Codec {
        match self {
            Self::Json => Codec::Json,
            Self::MessagePack => Codec::MessagePack,
        }
    }

    fn decode(self, message: &Message) -> Option<Value> {
        let (bytes, value): (Bytes, Option<Value>) = match (self, message) {
            (Self::Json, Message::Text(text)) => (text.clone().into(), serde_json::from_str(text).ok()),
            (Self::MessagePack, Message::Binary(bytes)) => (bytes.clone(), rmp_serde::from_slice(bytes).ok()),
            _ => return None,
        };
        // The contract's own decoder has to take it too.
        self.codec().decode_server(&bytes).and(value)
    }
}

pub(super) async fn run(
    mut stream: WebSocketStream<TcpStream>,
    coding: Coding,
    shared: Arc<Shared>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    mut reading: watch::Receiver<bool>,
) {
    loop {
        let is_reading = *reading.borrow_and_update();
        let received = tokio::select! {
            order = orders.recv() => {
                // A failed write shows as the end of the stream, after what was received before.
                let _seen_when_reading = match order {
                    Some(Order::Message(message)) => stream.send(message).await,
                    Some(Order::Bytes(bytes)) => stream.get_mut().write_all(&bytes).await.map_err(Into::into),
                    None => return,
                };
                continue;
            }
            Ok(()) = reading.changed() => continue,
            received = stream.next(), if is_reading => received,
        };
        match received {
            Some(Ok(Message::Close(reason))) => {
                shared.close(Closed::Code(reason.map_or(NO_CODE, |reason| reason.code.into())));
            }
            Some(Ok(message)) if message.is_text() || message.is_binary() => {
                if shared.keep(coding, &message) {
                    let _seen_when_reading = stream.send(coding.encode(&json!({"type": "pong"}))).await;
                }
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return shared.close(Closed::Cut),
        }
    }
}

impl Shared {
    /// Keeps what was received; says whether it was a ping that is to be answered.
    fn keep(&self, coding: Coding, message: &Message) -> bool {
        let mut state = self.state.lock().expect("no thread panics while it holds this lock");
        let answer = match coding.decode(message) {
            Some(frame) => {
                let ping = is(&frame, "ping");
                state.frames.push(frame);
                ping && !state.ignores_pings
            }
            None => {
                state.unreadable.push(format!("{message:?}").chars().take(500).collect());
                false
            }
        };
        drop(state);
        self.changed.notify_waiters();
        answer
    }

    fn close(&self, closed: Closed) {
        self.state.lock().expect("no thread panics while it holds this lock").closed.get_or_insert(closed);
        self.changed.notify_waiters();
    }
}

/// Whether a frame is of this type.
#[must_use]
pub fn is(frame: &Value, kind: &str) -> bool {
    frame["type"] == kind
}

/// Whether a frame is of this type and about this conversation.
#[must_use]
pub fn is_for(frame: &Value, kind: &str, conversation: &str) -> bool {
    is(frame, kind) && frame["conversation"] == conversation
}

/// The number at `pointer` (`/entry/seq`) in a frame; 0 when there is none.
#[must_use]
pub fn field(frame: &Value, pointer: &str) -> u64 {
    frame.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// A close frame without a code (RFC 6455, section 7.1.5).
const NO_CODE: u16 = 1005;
