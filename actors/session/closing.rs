//! Why a session is closed, as its peer is told.

use actix::Message;
use frontdesk_protocol::socket::CloseCode;

/// Tells a session to close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct Shut {
    /// Status code of the close frame.
    pub code: CloseCode,
    /// The reason, as one word of the protocol.
    pub reason: &'static str,
    /// When to come back (milliseconds), if at all.
    pub retry_in_ms: Option<u64>,
}

impl Shut {
    /// A close without advice to come back.
    pub(super) const fn new(code: CloseCode, reason: &'static str) -> Self {
        Self { code, reason, retry_in_ms: None }
    }

    /// The peer missed something: it reconnects and resumes. The delay is random, because there may be thousands.
    pub(super) fn lagging() -> Self {
        Self::for_now("lagging", 200, 1_800)
    }

    /// The session cannot be served now, for `reason`: the peer comes back after `least_ms` and up to `spread_ms` more.
    pub(super) fn for_now(reason: &'static str, least_ms: u64, spread_ms: u64) -> Self {
        Self { code: CloseCode::Lagging, reason, retry_in_ms: Some(least_ms + fastrand::u64(..spread_ms)) }
    }
}
