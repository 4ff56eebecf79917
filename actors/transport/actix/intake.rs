//! Bytes from the socket, judged and measured out frame by frame before they are decoded.
//!
//! The decoder behind it buffers whatever it is given: a frame of any claimed size until it is complete, and while
//! frames are handled one at a time, everything that comes meanwhile. So it is given one frame at a time, and none
//! whose head is refused.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker, ready},
};

use actix_web::error::PayloadError;
use bytes::Bytes;
use frontdesk_protocol::websocket::{Head, Violation};
use futures_util::Stream;

/// A stream of bytes that is [`Poll::Pending`] once after each frame, so that its reader stops and decodes it.
///
/// No wake-up is due then: the reader has a whole frame, so it comes back by itself. While its [`Gate`] is shut,
/// nothing more is given.
pub(super) struct Intake<S> {
    source: S,
    frame: FrameMeter,
    held: Bytes,
    pause: bool,
    gate: Gate,
}

/// Says whether more may be read, and why reading ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate(Rc<GateState>);

#[derive(Debug, Default)]
struct GateState {
    shut: Cell<bool>,
    violation: Cell<Option<Violation>>,
    lost: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Gate {
    /// Gives nothing more until the gate is opened.
    pub(super) fn shut(&self) {
        self.0.shut.set(true);
    }

    pub(super) fn open(&self) {
        self.0.shut.set(false);
        if let Some(waiting) = self.0.waiting.take() {
            waiting.wake();
        }
    }

    /// Whether the connection ended without a close frame.
    pub(super) fn is_lost(&self) -> bool {
        self.0.lost.get()
    }

    /// Why a frame was refused by its head, if one was.
    pub(super) fn violation(&self) -> Option<Violation> {
        self.0.violation.get()
    }
}

impl<S> Intake<S> {
    /// Measures out `source`; refuses frames with more than `most_bytes` of payload as soon as they are announced.
    pub(super) fn new(source: S, most_bytes: usize) -> (Self, Gate) {
        let gate = Gate::default();
        let (frame, held) = (FrameMeter::new(most_bytes), Bytes::new());
        (Self { source, frame, held, pause: false, gate: gate.clone() }, gate)
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Intake<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if std::mem::take(&mut this.pause) {
            return Poll::Pending;
        }
        if this.gate.0.shut.get() {
            this.gate.0.waiting.replace(Some(cx.waker().clone()));
            return Poll::Pending;
        }
        while this.held.is_empty() {
            match ready!(Pin::new(&mut this.source).poll_next(cx)) {
                Some(Ok(bytes)) => this.held = bytes,
                end => {
                    this.gate.0.lost.set(true);
                    return Poll::Ready(end);
                }
            }
        }
        match this.frame.measure(&this.held) {
            Ok(Measured { taken, whole }) => {
                this.pause = whole;
                Poll::Ready(Some(Ok(this.held.split_to(taken))))
            }
            Err(violation) => {
                this.gate.0.violation.set(Some(violation));
                Poll::Ready(Some(Err(PayloadError::Overflow)))
            }
        }
    }
}

/// Finds the ends of frames (RFC 6455, section 5.2). No IO.
#[derive(Debug)]
struct FrameMeter {
    most_bytes: usize,
    /// The head of the frame as far as it came, 14 bytes at most.
    head: Vec<u8>,
    /// Bytes of the frame that follow its head and have not come yet, once the head is whole.
    left: Option<usize>,
}

/// The bytes that belong to the present frame, and whether they end it.
#[derive(Debug, PartialEq, Eq)]
struct Measured {
    taken: usize,
    whole: bool,
}

impl FrameMeter {
    const fn new(most_bytes: usize) -> Self {
        Self { most_bytes, head: Vec::new(), left: None }
    }

    /// How many of `bytes`, which are not empty, belong to the present frame.
    fn measure(&mut self, bytes: &[u8]) -> Result<Measured, Violation> {
        let mut taken = 0;
        let left = loop {
            if let Some(left) = self.left {
                break left;
            }
            let Some(byte) = bytes.get(taken) else { return Ok(Measured { taken, whole: false }) };
            self.head.push(*byte);
            taken += 1;
            self.left = self.after_head()?;
        };
        let of_payload = left.min(bytes.len() - taken);
        let whole = of_payload == left;
        self.left = (!whole).then_some(left - of_payload);
        if whole {
            self.head.clear();
        }
        Ok(Measured { taken: taken + of_payload, whole })
    }

    /// The length of the payload, once the head is whole.
    fn after_head(&self) -> Result<Option<usize>, Violation> {
        Ok(Head::parse(&self.head, self.most_bytes)?.map(|head| head.payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, StreamExt, stream};

    const SMALL: &[u8] = b"\x81\x83abcd123";
    const EMPTY: &[u8] = b"\x89\x80abcd";

    /// What one reading gives before it pauses.
    fn read(intake: &mut (impl Stream<Item = Result<Bytes, PayloadError>> + Unpin)) -> Option<Vec<u8>> {
        let mut read = Vec::new();
        while let Some(next) = intake.next().now_or_never() {
            read.extend(next?.ok()?);
        }
        Some(read)
    }

    #[test]
    fn one_frame_is_given_at_a_time_however_the_bytes_come() {
        let medium = [b"\x81\xfe\x01\x00abcd", &[b'x'; 256][..]].concat();
        let frames = [SMALL, EMPTY, &medium, SMALL];
        for size in [1, 2, 3, 5, 9, 100, 1_000] {
            let all = frames.concat();
            let parts: Vec<_> = all.chunks(size).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
            let (mut intake, gate) = Intake::new(stream::iter(parts), 256);
            for frame in frames {
                assert_eq!(read(&mut intake).as_deref(), Some(frame), "in parts of {size}");
            }
            assert_eq!(read(&mut intake), None);
            assert_eq!(gate.violation(), None);
        }
    }

    #[test]
    fn nothing_is_given_while_the_gate_is_shut() {
        let both = Bytes::from([SMALL, EMPTY].concat());
        let (mut intake, gate) = Intake::new(stream::iter([Ok(both)]), 256);
        assert_eq!(read(&mut intake).as_deref(), Some(SMALL));
        gate.shut();
        assert_eq!(read(&mut intake), Some(vec![]));
        gate.open();
        assert_eq!(read(&mut intake).as_deref(), Some(EMPTY));
    }

    #[test]
    fn the_end_of_the_connection_is_told_from_a_frame_that_is_refused() {
        let part = Ok(Bytes::from_static(&SMALL[..4]));
        let (mut intake, gate) = Intake::new(stream::iter([part, Err(PayloadError::Incomplete(None))]), 256);
        assert_eq!(intake.next().now_or_never().unwrap().unwrap().unwrap(), &SMALL[..4]);
        assert!(!gate.is_lost());
        assert!(intake.next().now_or_never().unwrap().unwrap().is_err());
        assert!(gate.is_lost() && gate.violation().is_none());
    }

    #[test]
    fn a_frame_that_is_too_large_is_refused_by_its_head() {
        let claims: [&[u8]; 3] =
            [b"\x82\xfe\x01\x01", b"\x82\xff\x40\x00\x00\x00\x00\x00\x00\x00", b"\x82\xfe\xff\xff"];
        for claim in claims {
            let (mut intake, gate) = Intake::new(stream::iter([Ok(Bytes::from_static(claim))]), 256);
            assert_eq!(read(&mut intake), None);
            assert_eq!(gate.violation(), Some(Violation::TooLarge));
        }
    }

    #[test]
    fn a_frame_that_breaks_the_protocol_is_refused_by_its_head() {
        for head in [&b"\x81\x03"[..], b"\xc1", b"\x83", b"\x09", b"\x89\xfe"] {
            let (mut intake, gate) = Intake::new(stream::iter([Ok(Bytes::copy_from_slice(head))]), 256);
            assert_eq!(read(&mut intake), None);
            assert_eq!(gate.violation(), Some(Violation::Protocol), "{head:?}");
        }
    }
}
