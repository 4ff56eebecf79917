//! What the socket's actor does whenever it is woken: hand frames to the session, read, write.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use actix::{ActorContext, Context, fut::ActorFuture};
use frontdesk_protocol::{
    socket::CloseCode,
    websocket::{Event, Violation},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::actor::{DirectSocket, Stage};
use crate::session::Inbound;

/// Polled with the actor; never ends by itself.
pub(super) struct PollLoop;

/// How long a peer that was told why may take to close.
const LINGER: Duration = Duration::from_secs(1);

/// Reads in one poll; then other tasks of this thread run.
const READS: usize = 4;

/// Bytes read at a time.
const SCRATCH_BYTES: usize = 64 * 1024;

thread_local! {
    /// The read buffer that all sockets of this thread share.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; SCRATCH_BYTES].into_boxed_slice());
}

impl ActorFuture<DirectSocket> for PollLoop {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        socket: &mut DirectSocket,
        ctx: &mut Context<DirectSocket>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<()> {
        // However it ended, the session hears that it did, and the peer resumes.
        if socket.poll_once(ctx, cx).is_err() {
            ctx.stop();
        }
        Poll::Pending
    }
}

impl DirectSocket {
    fn poll_once(&mut self, ctx: &mut Context<Self>, cx: &mut TaskContext<'_>) -> io::Result<()> {
        for _ in 0..READS {
            let read = if self.stage == Stage::Open { self.read(ctx, cx)? } else { self.discard(cx)? };
            let written = self.writer.poll_write(&mut self.stream, cx)?;
            if self.stage == Stage::Closing && written.is_ready() {
                self.stage = Stage::Lingering;
                self.end_after(LINGER, ctx);
                // Done at once: nothing is left to be written.
                let _shut = Pin::new(&mut self.stream).poll_shutdown(cx)?;
            } else if read.is_pending() {
                return Ok(());
            }
        }
        cx.waker().wake_by_ref();
        Ok(())
    }

    /// Reads once, unless the session is busy. Ready if there may be more to do.
    fn read(&mut self, ctx: &mut Context<Self>, cx: &mut TaskContext<'_>) -> io::Result<Poll<()>> {
        if self.hand_on(ctx, cx).is_pending() {
            return Ok(Poll::Pending);
        }
        self.take_in(&mut &[][..], ctx, cx);
        if self.stage != Stage::Open {
            return Ok(Poll::Ready(()));
        }
        if self.in_hand.is_some() {
            return Ok(Poll::Pending);
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let mut read = ReadBuf::new(scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut read)? {
                Poll::Pending => Ok(Poll::Pending),
                Poll::Ready(()) if read.filled().is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
                Poll::Ready(()) => {
                    let mut fresh = read.filled();
                    self.take_in(&mut fresh, ctx, cx);
                    if self.stage == Stage::Open {
                        self.reader.keep(fresh);
                    }
                    Ok(Poll::Ready(()))
                }
            }
        })
    }

    /// Goes through `fresh` until the session has something to do, or it is all taken in.
    fn take_in(&mut self, fresh: &mut &[u8], ctx: &mut Context<Self>, cx: &mut TaskContext<'_>) {
        while self.stage == Stage::Open && self.in_hand.is_none() {
            match self.reader.next(fresh) {
                Ok(None) => return,
                Ok(Some(Event::Message(frame))) => {
                    let taken = self.session.send(Inbound(frame));
                    self.in_hand = Some(Box::pin(async move { taken.await.is_ok() }));
                    let _busy = self.hand_on(ctx, cx);
                }
                Ok(Some(Event::Ping(payload))) => self.writer.push_pong(payload),
                Ok(Some(Event::Pong)) => {}
                Ok(Some(Event::Close(code))) => self.close(code, "", ctx),
                Err(violation) => self.close(Some(Violation::close_code(violation) as u16), "", ctx),
            }
        }
    }

    /// Ready when the session is through with the last frame.
    fn hand_on(&mut self, ctx: &mut Context<Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let Some(in_hand) = &mut self.in_hand else { return Poll::Ready(()) };
        let Poll::Ready(taken) = in_hand.as_mut().poll(cx) else { return Poll::Pending };
        self.in_hand = None;
        if !taken {
            // What it said last came before. If it did not close the socket, it died: the peer comes back and resumes.
            self.close(Some(CloseCode::Lagging as u16), "", ctx);
        }
        Poll::Ready(())
    }

    /// Reads without looking. Ready if there may be more.
    fn discard(&mut self, cx: &mut TaskContext<'_>) -> io::Result<Poll<()>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut read = ReadBuf::new(scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut read)? {
                Poll::Ready(()) if !read.filled().is_empty() => Ok(Poll::Ready(())),
                // It may still read what is being written.
                Poll::Ready(()) if self.stage == Stage::Closing => Ok(Poll::Pending),
                Poll::Ready(()) => Err(io::ErrorKind::UnexpectedEof.into()),
                Poll::Pending => Ok(Poll::Pending),
            }
        })
    }
}
