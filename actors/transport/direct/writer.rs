//! Frames on their way into the kernel.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use frontdesk_protocol::websocket::{FrameHead, OpCode, close_payload};
use tokio::{io::AsyncWrite, net::TcpStream, sync::oneshot};

/// Writes whatever is pending at once, as far as the kernel takes it. No memory is kept once all is written; what is
/// seldom there is boxed, for there are many of these.
///
/// Bounded by those who fill it: one batch of an outbox and the one that follows its end, one pong, one close frame.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pending: VecDeque<Piece>,
    /// Of the last ping alone (section 5.5.3), so a flood of pings costs no memory.
    pong: Option<Box<Bytes>>,
    credit: Option<Box<oneshot::Sender<()>>>,
}

/// What is left of a frame.
#[derive(Debug)]
struct Piece {
    head: FrameHead,
    body: Bytes,
}

/// Pieces in one write.
const AT_ONCE: usize = 32;

impl Writer {
    /// Writes `bytes`, which are no frame, first.
    pub(super) fn beginning_with(bytes: Bytes) -> Self {
        Self { pending: VecDeque::from([Piece { head: FrameHead::default(), body: bytes }]), ..Self::default() }
    }

    pub(super) fn push(&mut self, opcode: OpCode, body: Bytes) {
        self.pending.push_back(Piece { head: FrameHead::new(opcode, body.len()), body });
    }

    /// Answers a ping as soon as everything pending is written.
    pub(super) fn push_pong(&mut self, payload: Bytes) {
        self.pong = Some(Box::new(payload));
    }

    /// Queues the close frame, which is the last.
    pub(super) fn push_close(&mut self, code: Option<u16>, reason: &str) {
        if let Some(pong) = self.pong.take() {
            self.push(OpCode::Pong, *pong);
        }
        self.push(OpCode::Close, close_payload(code, reason).into());
    }

    /// Comes when everything that is pending now is written.
    pub(super) fn when_written(&mut self) -> oneshot::Receiver<()> {
        let (credit, written) = oneshot::channel();
        self.credit = Some(Box::new(credit));
        written
    }

    /// Writes what goes without waiting; says whether that was all.
    pub(super) fn try_write(&mut self, stream: &TcpStream) -> io::Result<bool> {
        self.write_with(|slices| stream.try_write_vectored(slices))
    }

    /// Ready when all is written.
    pub(super) fn poll_write(&mut self, stream: &mut TcpStream, cx: &mut Context<'_>) -> io::Result<Poll<()>> {
        let all = self.write_with(|slices| match Pin::new(&mut *stream).poll_write_vectored(cx, slices) {
            Poll::Ready(written) => written,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        })?;
        Ok(if all { Poll::Ready(()) } else { Poll::Pending })
    }

    fn write_with(&mut self, mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>) -> io::Result<bool> {
        loop {
            if self.pending.is_empty() {
                if let Some(credit) = self.credit.take() {
                    let _gone = credit.send(());
                }
                let Some(pong) = self.pong.take() else {
                    self.pending = VecDeque::new();
                    return Ok(true);
                };
                self.push(OpCode::Pong, *pong);
            }
            let mut slices = [IoSlice::new(&[]); 2 * AT_ONCE];
            let pieces = self.pending.iter().take(AT_ONCE);
            let filled = slices.chunks_exact_mut(2).zip(pieces).map(|(pair, piece)| {
                pair[0] = IoSlice::new(piece.head.as_ref());
                pair[1] = IoSlice::new(&piece.body);
            });
            let count = 2 * filled.count();
            match write(&slices[..count]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => self.advance(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn advance(&mut self, mut written: usize) {
        while let Some(piece) = self.pending.front_mut() {
            let of_head = written.min(piece.head.as_ref().len());
            piece.head.advance(of_head);
            let of_body = (written - of_head).min(piece.body.len());
            piece.body.advance(of_body);
            written -= of_head + of_body;
            if !piece.head.as_ref().is_empty() || piece.body.has_remaining() {
                return;
            }
            self.pending.pop_front();
        }
    }
}
