//! Putting fragmented messages together.

use actix_http::ws::Item;
use bytes::{Bytes, BytesMut};
use frontdesk_protocol::socket::{CloseCode, Codec};

/// A message that comes in fragments, no larger than a frame may be.
#[derive(Debug)]
pub(super) struct Fragments {
    codec: Codec,
    most_bytes: usize,
    begun: Option<Begun>,
}

#[derive(Debug, Default)]
struct Begun {
    bytes: BytesMut,
    /// Each fragment costs one byte at least, so that empty ones cannot go on for ever.
    cost: usize,
}

impl Fragments {
    pub(super) const fn new(codec: Codec, most_bytes: usize) -> Self {
        Self { codec, most_bytes, begun: None }
    }

    /// Takes a fragment in; gives the message once it is whole.
    ///
    /// # Errors
    /// Why the socket must be closed.
    pub(super) fn take(&mut self, item: Item) -> Result<Option<Bytes>, CloseCode> {
        let (ends, bytes) = match item {
            Item::FirstText(bytes) if self.codec == Codec::Json => (false, bytes),
            Item::FirstBinary(bytes) if self.codec == Codec::MessagePack => (false, bytes),
            Item::FirstText(_) | Item::FirstBinary(_) => return Err(CloseCode::Unsupported),
            Item::Continue(bytes) => (false, bytes),
            Item::Last(bytes) => (true, bytes),
        };
        let begun = self.begun.get_or_insert_default();
        begun.cost += bytes.len().max(1);
        if begun.cost > self.most_bytes {
            return Err(CloseCode::TooLarge);
        }
        begun.bytes.extend_from_slice(&bytes);
        let Some(whole) = self.begun.take_if(|_| ends) else { return Ok(None) };
        if self.codec == Codec::Json && std::str::from_utf8(&whole.bytes).is_err() {
            return Err(CloseCode::InvalidText);
        }
        Ok(Some(whole.bytes.freeze()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(bytes: &'static [u8]) -> Bytes {
        Bytes::from_static(bytes)
    }

    #[test]
    fn fragments_make_one_message() {
        let mut fragments = Fragments::new(Codec::Json, 100);
        for _ in 0..2 {
            // The cut goes through the middle of a character.
            assert_eq!(fragments.take(Item::FirstText(part(b"a\xc3"))), Ok(None));
            assert_eq!(fragments.take(Item::Continue(part(b"\xa9"))), Ok(None));
            assert_eq!(fragments.take(Item::Last(part(b"b"))), Ok(Some(part("aéb".as_bytes()))));
        }
    }

    #[test]
    fn fragments_without_end_are_too_large_even_if_they_are_empty() {
        let mut fragments = Fragments::new(Codec::MessagePack, 100);
        assert_eq!(fragments.take(Item::FirstBinary(part(b"a"))), Ok(None));
        let taken = (0..).take_while(|_| fragments.take(Item::Continue(Bytes::new())).is_ok()).count();
        assert_eq!(taken, 99);
    }

    #[test]
    fn what_was_not_agreed_and_what_is_no_text_is_refused() {
        let mut fragments = Fragments::new(Codec::Json, 100);
        assert_eq!(fragments.take(Item::FirstBinary(part(b"a"))), Err(CloseCode::Unsupported));
        assert_eq!(fragments.take(Item::FirstText(part(b"\xc3"))), Ok(None));
        assert_eq!(fragments.take(Item::Last(part(b"\x28"))), Err(CloseCode::InvalidText));
    }
}
