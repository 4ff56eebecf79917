//! What holds for the messages of one socket.

use bytes::Bytes;

use super::Violation;

/// What was agreed for one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Messages are text, not bytes.
    pub text: bool,
    /// Largest payload of a frame, and of all fragments of a message together, in bytes.
    pub most_bytes: usize,
}

impl Rules {
    /// The message, unless text was agreed and it is none.
    pub(super) fn checked(self, message: Bytes) -> Result<Bytes, Violation> {
        if self.text && std::str::from_utf8(&message).is_err() {
            return Err(Violation::InvalidText);
        }
        Ok(message)
    }
}
