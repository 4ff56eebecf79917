//! The head of a frame (section 5.2), judged byte by byte.

use super::Violation;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpCode {
    /// The rest of a message that has begun.
    Continuation,
    /// A message of text, or its beginning.
    Text,
    /// A message of bytes, or its beginning.
    Binary,
    /// The last frame of this direction.
    Close,
    /// Asks for a [`OpCode::Pong`] with the same payload.
    Ping,
    /// An answer to a ping, or a sign of life.
    Pong,
}

/// The head of a frame that a client sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Length of the payload that follows, in bytes.
    pub opcode: OpCode,
    /// Whether the message ends with this frame.
    pub last: bool,
    /// What the payload was combined with.
    pub mask: [u8; 4],
    /// Bytes of the head itself.
    pub bytes: usize,
    /// Bytes of payload that follow it.
    pub payload: usize,
}

/// The longest head: two bytes, a length of eight, a mask of four.
pub const MAX_HEAD_BYTES: usize = 14;

impl Head {
    /// The head at the beginning of `bytes`, or nothing if more bytes are needed to tell. A frame is refused by the
    /// first byte that shows what is wrong with it; a payload of more than `most_bytes` before it is there.
    ///
    /// A length may be written with more bytes than it needs: some clients do, and nothing depends on it.
    ///
    /// # Errors
    /// [`Violation::Protocol`] or [`Violation::TooLarge`].
    pub fn parse(bytes: &[u8], most_bytes: usize) -> Result<Option<Self>, Violation> {
        let Some(&first) = bytes.first() else { return Ok(None) };
        let opcode = OpCode::of(first)?;
        let last = first & 0x80 != 0;
        if opcode.is_control() && !last {
            return Err(Violation::Protocol);
        }
        let Some(&second) = bytes.get(1) else { return Ok(None) };
        if second & 0x80 == 0 {
            return Err(Violation::Protocol);
        }
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if opcode.is_control() && extended > 0 {
            // 125 bytes at most.
            return Err(Violation::Protocol);
        }
        let Some(length) = bytes.get(2..2 + extended) else { return Ok(None) };
        let length = match extended {
            0 => u64::from(second & 0x7f),
            _ => length.iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
        };
        if opcode == OpCode::Close && length == 1 {
            // A code has two bytes.
            return Err(Violation::Protocol);
        }
        let fits = |length: &usize| opcode.is_control() || *length <= most_bytes;
        let payload = usize::try_from(length).ok().filter(fits).ok_or(Violation::TooLarge)?;
        let mask = bytes.get(2 + extended..6 + extended).and_then(|mask| <[u8; 4]>::try_from(mask).ok());
        Ok(mask.map(|mask| Self { opcode, last, mask, bytes: 6 + extended, payload }))
    }

    /// Bytes of the whole frame.
    #[must_use]
    pub const fn frame_bytes(&self) -> usize {
        self.bytes + self.payload
    }
}

impl OpCode {
    /// What the first byte of a frame says.
    fn of(first: u8) -> Result<Self, Violation> {
        // The reserved bits belong to extensions, and none was agreed on.
        if first & 0x70 != 0 {
            return Err(Violation::Protocol);
        }
        match first & 0x0f {
            0x0 => Ok(Self::Continuation),
            0x1 => Ok(Self::Text),
            0x2 => Ok(Self::Binary),
            0x8 => Ok(Self::Close),
            0x9 => Ok(Self::Ping),
            0xa => Ok(Self::Pong),
            _ => Err(Violation::Protocol),
        }
    }

    /// Whether it may come in the middle of a message.
    #[must_use]
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }

    /// Its number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xa,
        }
    }
}
