//! A WebSocket client that can misbehave.

use std::{net::SocketAddr, time::Duration};

use frontdesk_domain::{ClientId, ConversationId, MessageText};
use frontdesk_protocol::socket::{ClientFrame, Codec, ServerFrame};
use futures_util::{SinkExt, StreamExt};
use socket2::SockRef;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue},
};
use uuid::Uuid;

use crate::time::soon;

pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
    codec: Codec,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, side: &str, codec: Codec) -> Self {
        Self::try_connect(address, side, codec).await.expect("the handshake is answered")
    }

    pub(crate) async fn try_connect(address: SocketAddr, side: &str, codec: Codec) -> Result<Self, tungstenite::Error> {
        Self::try_connect_in(None, address, side, codec).await
    }

    /// Connects with a handshake that belongs to the trace of this `traceparent`.
    pub(crate) async fn try_connect_in(
        traceparent: Option<&'static str>,
        address: SocketAddr,
        side: &str,
        codec: Codec,
    ) -> Result<Self, tungstenite::Error> {
        let stream = TcpStream::connect(address).await.unwrap();
        // Little fits on the way, so that a client that does not read is soon noticed.
        SockRef::from(&stream).set_recv_buffer_size(64 * 1024).unwrap();
        let coding = if codec == Codec::Json { "json" } else { "msgpack" };
        let mut request = format!("ws://{address}/{side}/{coding}").into_client_request().unwrap();
        let protocol = HeaderValue::from_static(codec.subprotocol());
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocol);
        if let Some(traceparent) = traceparent {
            request.headers_mut().insert("traceparent", HeaderValue::from_static(traceparent));
        }
        let (socket, _) = soon("a handshake", client_async(request, stream)).await?;
        Ok(Self { socket, codec })
    }

    pub(crate) async fn hello(&mut self, token: &str) {
        self.send(&ClientFrame::Hello { token: token.to_owned() }).await;
        let welcome = self.next().await;
        assert!(matches!(welcome, ServerFrame::Welcome { .. }), "{welcome:?}");
    }

    pub(crate) async fn send(&mut self, frame: &ClientFrame) {
        let bytes = self.codec.encode_client(frame);
        let message = match self.codec {
            Codec::Json => Message::text(String::from_utf8(bytes.to_vec()).unwrap()),
            Codec::MessagePack => Message::binary(bytes),
        };
        self.send_message(message).await;
    }

    /// Sends `frame` if the socket is still open.
    pub(crate) async fn try_send(&mut self, frame: &ClientFrame) -> Result<(), tungstenite::Error> {
        let text = String::from_utf8(self.codec.encode_client(frame).to_vec()).unwrap();
        self.socket.send(Message::text(text)).await
    }

    /// The code with which the server has closed the socket, if it has.
    pub(crate) async fn closed_by_now(&mut self) -> Option<u16> {
        loop {
            match tokio::time::timeout(Duration::from_millis(1), self.socket.next()).await.ok()? {
                Some(Ok(Message::Close(close))) => return close.map(|close| close.code.into()),
                Some(Ok(_)) => {}
                other => panic!("cut without a word: {other:?}"),
            }
        }
    }

    pub(crate) async fn send_message(&mut self, message: Message) {
        self.socket.send(message).await.expect("the socket is open");
    }

    /// Sends `frame`, which has a `client_id`, and gives the answer.
    pub(crate) async fn ask(&mut self, frame: &ClientFrame) -> ServerFrame {
        self.send(frame).await;
        let id = frame.client_id();
        self.until(|told| match told {
            ServerFrame::Accepted { client_id, .. } | ServerFrame::Rejected { client_id, .. } => {
                (Some(*client_id) == id).then(|| told.clone())
            }
            _ => None,
        })
        .await
    }

    /// Opens a conversation and awaits that it is watched.
    pub(crate) async fn open(&mut self) -> ConversationId {
        let client_id = client_id();
        self.send(&ClientFrame::Open { client_id }).await;
        self.until(|told| match told {
            ServerFrame::Recovered { conversation, .. } => Some(*conversation),
            _ => None,
        })
        .await
    }

    /// Watches a conversation from the beginning; gives the answer.
    pub(crate) async fn watch(&mut self, conversation: ConversationId) -> ServerFrame {
        self.send(&ClientFrame::Resume { conversation, epoch: None, last_seq: 0 }).await;
        self.until(|told| {
            matches!(told, ServerFrame::Recovered { .. } | ServerFrame::Reset { .. } | ServerFrame::Error { .. })
                .then(|| told.clone())
        })
        .await
    }

    /// Says something, and gives the number of the entry.
    pub(crate) async fn say(&mut self, conversation: ConversationId, text: &str) -> u64 {
        match self.ask(&say(conversation, text)).await {
            ServerFrame::Accepted { seq, .. } => seq,
            other => panic!("{other:?}"),
        }
    }

    /// Writes bytes past the protocol, as far as the server takes them.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        let _closed = self.socket.get_mut().write_all(bytes).await;
    }

    pub(crate) async fn next(&mut self) -> ServerFrame {
        loop {
            match soon("another frame", self.socket.next()).await.expect("the socket is open").expect("no error") {
                Message::Text(text) => return self.codec.decode_server(text.as_bytes()).expect("a frame"),
                Message::Binary(bytes) => return self.codec.decode_server(&bytes).expect("a frame"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?} instead of a frame"),
            }
        }
    }

    /// The first of the next frames that `wanted` makes something of.
    pub(crate) async fn until<T>(&mut self, wanted: impl Fn(&ServerFrame) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(&self.next().await) {
                return found;
            }
        }
    }

    /// The texts of the next `count` messages.
    pub(crate) async fn texts(&mut self, count: usize) -> Vec<String> {
        let mut texts = vec![];
        while texts.len() < count {
            if let ServerFrame::Message { entry, .. } = self.next().await {
                texts.extend(entry.event.text().map(str::to_owned));
            }
        }
        texts
    }

    /// Reads until the server closes: with which code, and what it told before.
    pub(crate) async fn closed(&mut self) -> (u16, Vec<ServerFrame>) {
        let mut told = vec![];
        loop {
            match soon("the end", self.socket.next()).await {
                Some(Ok(Message::Close(Some(close)))) => {
                    // Sends the answer.
                    let _cut = self.socket.flush().await;
                    return (close.code.into(), told);
                }
                Some(Ok(Message::Text(text))) => told.extend(self.codec.decode_server(text.as_bytes())),
                Some(Ok(Message::Binary(bytes))) => told.extend(self.codec.decode_server(&bytes)),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("cut without a word: {other:?} after {told:?}"),
            }
        }
    }
}

pub(crate) fn client_id() -> ClientId {
    ClientId(Uuid::now_v7())
}

pub(crate) fn say(conversation: ConversationId, text: &str) -> ClientFrame {
    ClientFrame::Say {
        client_id: client_id(),
        conversation,
        text: MessageText::new(text).unwrap(),
        parts: vec![],
        repeat: false,
    }
}
