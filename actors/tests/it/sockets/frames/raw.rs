//! A client that is nothing but a connection.

use std::{net::SocketAddr, time::Duration};

use frontdesk_protocol::socket::{ClientFrame, Codec, ServerFrame};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{bytes::frame, cases::Expected};
use crate::time::soon;

pub(super) struct Raw {
    stream: TcpStream,
    codec: Codec,
    read: Vec<u8>,
    /// What has not been written yet of the last frame.
    unwritten: Vec<u8>,
}

/// What a server does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Told {
    /// A frame of this type; of an error, with its code.
    Said(String),
    Pong(Vec<u8>),
    Close(Option<u16>),
    /// The connection ends, with or without a close frame before.
    End,
}

impl Told {
    pub(super) fn said(what: &str) -> Self {
        Self::Said(what.to_owned())
    }
}

impl Raw {
    /// Shakes hands; `early` is sent with the request.
    pub(super) async fn connect(address: SocketAddr, codec: Codec, early: &[u8]) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (coding, protocol) = (if codec == Codec::Json { "json" } else { "msgpack" }, codec.subprotocol());
        let request = format!(
            "GET /console/{coding} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
             Sec-WebSocket-Protocol: {protocol}\r\n\r\n"
        );
        stream.write_all(&[request.as_bytes(), early].concat()).await.unwrap();
        let mut raw = Self { stream, codec, read: vec![], unwritten: vec![] };
        let head = loop {
            if let Some(end) = raw.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break String::from_utf8(raw.read.drain(..end + 4).collect()).unwrap().to_ascii_lowercase();
            }
            assert!(raw.more().await, "{:?}", String::from_utf8_lossy(&raw.read));
        };
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{head}");
        assert!(head.contains(&format!("sec-websocket-protocol: {protocol}\r\n")), "{head}");
        assert!(head.contains("connection: upgrade\r\n") && head.contains("upgrade: websocket\r\n"), "{head}");
        assert!(!head.contains("extensions"), "no compression was agreed on: {head}");
        raw
    }

    pub(super) async fn hello(&mut self, token: &str) {
        let hello = self.codec.encode_client(&ClientFrame::Hello { token: token.to_owned() });
        self.write(&frame(if self.codec == Codec::Json { 0x81 } else { 0x82 }, &hello)).await;
        assert_eq!(self.next().await, Told::said("welcome"));
    }

    /// Writes as far as the server takes it.
    pub(super) async fn write(&mut self, bytes: &[u8]) {
        let _closed = self.stream.write_all(bytes).await;
        // The next bytes come in a segment of their own.
        tokio::task::yield_now().await;
    }

    /// Writes what the connection takes within a moment; says whether that was all.
    pub(super) async fn write_what_goes(&mut self, bytes: &[u8]) -> bool {
        let mut written = 0;
        while written < bytes.len() {
            let moment = tokio::time::timeout(Duration::from_millis(100), self.stream.write(&bytes[written..]));
            let Ok(count) = moment.await else {
                self.unwritten = bytes[written..].to_vec();
                return false;
            };
            written += count.unwrap();
        }
        true
    }

    /// Goes on where [`Self::write_what_goes`] stopped, and then writes `bytes`, while another task reads.
    pub(super) async fn finish_write(&mut self, bytes: &[u8]) {
        let mut rest = std::mem::take(&mut self.unwritten);
        rest.truncate(rest.len() % 131);
        rest.extend_from_slice(bytes);
        let (mut written, (mut from, mut to)) = (0, self.stream.split());
        while written < rest.len() {
            let mut buffer = vec![0; 16_384];
            tokio::select! {
                count = to.write(&rest[written..]) => written += count.unwrap(),
                count = from.read(&mut buffer) => self.read.extend_from_slice(&buffer[..count.unwrap()]),
            }
        }
    }

    /// What the server does until nothing more is expected.
    pub(super) async fn told_until(&mut self, expected: &Expected) -> Vec<Told> {
        let most = if let Expected::Answers(answers) = expected { answers.len() } else { usize::MAX };
        if matches!(expected, Expected::End) {
            self.stream.shutdown().await.unwrap();
        }
        let mut told = vec![];
        while told.len() < most && told.last() != Some(&Told::End) {
            told.push(self.next().await);
        }
        told
    }

    /// What the server does next.
    pub(super) async fn next(&mut self) -> Told {
        loop {
            if let Some(told) = self.frame() {
                return told;
            }
            if !self.more().await {
                assert!(self.read.is_empty(), "the connection ends in the middle of a frame");
                return Told::End;
            }
        }
    }

    /// The next frame; servers send whole ones, without masks.
    fn frame(&mut self) -> Option<Told> {
        let (&first, &second) = (self.read.first()?, self.read.get(1)?);
        let (head, length) = match second {
            0..126 => (2, usize::from(second)),
            126 => (4, usize::from(u16::from_be_bytes(self.read.get(2..4)?.try_into().unwrap()))),
            127 => (10, u64::from_be_bytes(self.read.get(2..10)?.try_into().unwrap()) as usize),
            _ => panic!("a server must not mask"),
        };
        let payload = self.read.get(head..head + length)?.to_vec();
        self.read.drain(..head + length);
        Some(match first {
            0x81 => said(Codec::Json, &payload),
            0x82 => said(Codec::MessagePack, &payload),
            0x88 => Told::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
            0x8a => Told::Pong(payload),
            other => panic!("a server does not send {other:#x}"),
        })
    }

    /// Reads on; `false` at the end.
    async fn more(&mut self) -> bool {
        let mut buffer = vec![0; 16_384];
        let count = soon("more bytes", self.stream.read(&mut buffer)).await.unwrap_or(0);
        self.read.extend_from_slice(&buffer[..count]);
        count > 0
    }
}

fn said(codec: Codec, payload: &[u8]) -> Told {
    Told::Said(match codec.decode_server(payload).unwrap() {
        ServerFrame::Welcome { .. } => "welcome".to_owned(),
        ServerFrame::Pong {} => "pong".to_owned(),
        ServerFrame::Error { code, .. } => format!("error {code:?}"),
        other => format!("{other:?}"),
    })
}
