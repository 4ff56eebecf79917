//! A connection whose first request has been read already, given back to the framework as if it had not.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use actix_codec::{AsyncRead, AsyncWrite, Framed, ReadBuf};
use actix_http::{Request, h1::Codec};
use bytes::{Buf, BytesMut};
use tokio::net::TcpStream;

/// Gives what was read, and then what comes.
pub(super) struct ReplayedRequest {
    before: BytesMut,
    stream: TcpStream,
}

impl ReplayedRequest {
    /// `connection`, from `request` on.
    pub(super) fn new(request: &Request, connection: Framed<TcpStream, Codec>) -> Self {
        let parts = connection.into_parts();
        let head = request.head();
        let mut before = BytesMut::from(format!("{} {} {:?}\r\n", head.method, head.uri, head.version).as_bytes());
        for (name, value) in head.headers() {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                before.extend_from_slice(part);
            }
        }
        before.extend_from_slice(b"\r\n");
        before.extend_from_slice(&parts.read_buf);
        Self { before, stream: parts.io }
    }
}

impl AsyncRead for ReplayedRequest {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.before.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let count = buf.remaining().min(self.before.len());
        buf.put_slice(&self.before[..count]);
        self.before.advance(count);
        if self.before.is_empty() {
            self.before = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ReplayedRequest {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
