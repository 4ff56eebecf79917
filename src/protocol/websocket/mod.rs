//! The WebSocket protocol (RFC 6455) below our frames: heads, masks, fragments, close codes. No extensions, no IO.
//!
//! [`Reader`] is what a server needs: it takes bytes as they come and gives [`Event`]s. [`Head`] alone says what a
//! frame is as soon as its first bytes are there, so that nothing is taken in that will be refused.

mod assembly;
mod close;
mod head;
mod mask;
mod outgoing;
mod reader;
mod rules;
#[cfg(test)]
mod tests;

pub use assembly::{Assembly, Part};
pub use close::is_close_code;
pub use head::{Head, MAX_HEAD_BYTES, OpCode};
pub use mask::unmask;
pub use outgoing::{FrameHead, close_payload};
pub use reader::{Event, Reader};
pub use rules::Rules;

use crate::socket::CloseCode;

/// A rule of the protocol that a peer broke, for which its socket is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// It does not speak RFC 6455.
    #[error("a frame breaks the WebSocket protocol")]
    Protocol,
    /// A frame, or a message in fragments, is larger than agreed.
    #[error("a frame is too large")]
    TooLarge,
    /// Text where bytes were agreed, or the reverse.
    #[error("a frame is of the other kind than agreed")]
    Unsupported,
    /// Text that is not UTF-8.
    #[error("a text is not UTF-8")]
    InvalidText,
}

impl Violation {
    /// What the peer is told.
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::Protocol => CloseCode::Protocol,
            Self::TooLarge => CloseCode::TooLarge,
            Self::Unsupported => CloseCode::Unsupported,
            Self::InvalidText => CloseCode::InvalidText,
        }
    }
}
