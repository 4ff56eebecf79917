//! Putting fragmented messages together (section 5.4).

use bytes::{Bytes, BytesMut};

use super::{Rules, Violation};

/// A message that comes in fragments, no larger than a frame may be. Takes no memory worth mentioning while there is
/// none.
#[derive(Debug, Default)]
pub struct Assembly(Option<Box<Begun>>);

#[derive(Debug, Default)]
struct Begun {
    bytes: BytesMut,
    /// Each fragment costs one byte at least, so that empty ones cannot go on for ever.
    cost: usize,
    /// How much of a text is known to be UTF-8. A character may be cut off at the end of a fragment.
    readable: usize,
}

/// A frame of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The first fragment of a message.
    First {
        /// Of text, not of bytes.
        text: bool,
    },
    /// Goes on with it.
    Next,
}

impl Assembly {
    /// Takes a frame in; gives the message once it is whole.
    ///
    /// # Errors
    /// Why the socket must be closed.
    pub fn take(&mut self, rules: Rules, part: Part, last: bool, payload: Bytes) -> Result<Option<Bytes>, Violation> {
        match (part, &self.0) {
            (Part::First { .. }, Some(_)) | (Part::Next, None) => return Err(Violation::Protocol),
            (Part::First { text }, None) if text != rules.text => return Err(Violation::Unsupported),
            (Part::First { .. }, None) if last => return rules.checked(payload).map(Some),
            _ => {}
        }
        let begun = self.0.get_or_insert_default();
        begun.cost += payload.len().max(1);
        if begun.cost > rules.most_bytes {
            return Err(Violation::TooLarge);
        }
        begun.bytes.extend_from_slice(&payload);
        if rules.text {
            begun.read_on(last)?;
        }
        Ok(self.0.take_if(|_| last).map(|whole| whole.bytes.freeze()))
    }
}

impl Begun {
    fn read_on(&mut self, last: bool) -> Result<(), Violation> {
        match std::str::from_utf8(&self.bytes[self.readable..]) {
            Ok(text) => self.readable += text.len(),
            Err(error) if error.error_len().is_none() && !last => self.readable += error.valid_up_to(),
            Err(_) => return Err(Violation::InvalidText),
        }
        Ok(())
    }
}
