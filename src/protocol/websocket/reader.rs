//! From bytes, cut anywhere, to messages.

use bytes::{Buf, Bytes, BytesMut};

use super::{Assembly, Head, OpCode, Part, Rules, Violation, close::close_code, unmask};

/// What a client said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A whole message; UTF-8 if text was agreed.
    Message(Bytes),
    /// To be answered with a pong and the same payload, 125 bytes at most.
    Ping(Bytes),
    /// A sign of life.
    Pong,
    /// Nothing follows. With the code that was given.
    Close(Option<u16>),
}

/// Reads what a client sends. Between frames it holds no memory; in the middle of one, what has come of it.
#[derive(Debug)]
pub struct Reader {
    rules: Rules,
    /// Never empty. Boxed, because most of the time there is none.
    held: Option<Box<BytesMut>>,
    assembly: Assembly,
}

impl Reader {
    /// Reads by `rules`.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self { rules, held: None, assembly: Assembly::default() }
    }

    /// The next event in what is held and in `fresh`, which is taken in as far as that needs. `None` when all of
    /// `fresh` was taken in and more bytes are needed. After an error nothing more is to be read.
    ///
    /// # Errors
    /// Why the socket must be closed.
    pub fn next(&mut self, fresh: &mut &[u8]) -> Result<Option<Event>, Violation> {
        while let Some((head, payload)) = self.frame(fresh)? {
            let event = match head.opcode {
                OpCode::Ping => Some(Event::Ping(payload)),
                OpCode::Pong => Some(Event::Pong),
                OpCode::Close => Some(Event::Close(close_code(&payload)?)),
                OpCode::Text | OpCode::Binary | OpCode::Continuation => {
                    let part = match head.opcode {
                        OpCode::Continuation => Part::Next,
                        opcode => Part::First { text: opcode == OpCode::Text },
                    };
                    self.assembly.take(self.rules, part, head.last, payload)?.map(Event::Message)
                }
            };
            if event.is_some() {
                return Ok(event);
            }
        }
        Ok(None)
    }

    /// Keeps `rest` for later, when it cannot be read now.
    pub fn keep(&mut self, rest: &[u8]) {
        if !rest.is_empty() {
            self.held.get_or_insert_default().extend_from_slice(rest);
        }
    }

    /// How many bytes are held.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.len())
    }

    /// The next frame, its payload without mask.
    fn frame(&mut self, fresh: &mut &[u8]) -> Result<Option<(Head, Bytes)>, Violation> {
        let most_bytes = self.rules.most_bytes;
        // What was not agreed on is refused before it is taken in.
        let Some(held) = &mut self.held else {
            if let Some(head) = Head::parse(fresh, most_bytes)?
                && let Some((frame, rest)) = fresh.split_at_checked(head.frame_bytes())
            {
                *fresh = rest;
                return Ok(Some((head, payload_of(BytesMut::from(&frame[head.bytes..]), head))));
            }
            self.keep(std::mem::take(fresh));
            return Ok(None);
        };
        // What is held begins a frame: first its head is filled up, then its payload, with no byte more than it has.
        let head = loop {
            if let Some(head) = Head::parse(held, most_bytes)? {
                break head;
            }
            let Some((byte, rest)) = fresh.split_first() else { return Ok(None) };
            held.extend_from_slice(&[*byte]);
            *fresh = rest;
        };
        let missing = head.frame_bytes().saturating_sub(held.len());
        let (taken, rest) = fresh.split_at(missing.min(fresh.len()));
        held.extend_from_slice(taken);
        *fresh = rest;
        if taken.len() < missing {
            return Ok(None);
        }
        let mut frame = held.split_to(head.frame_bytes());
        if held.is_empty() {
            self.held = None;
        }
        frame.advance(head.bytes);
        Ok(Some((head, payload_of(frame, head))))
    }
}

fn payload_of(mut payload: BytesMut, head: Head) -> Bytes {
    unmask(&mut payload, head.mask);
    payload.freeze()
}
