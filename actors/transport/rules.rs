//! Which frames a socket takes.

use frontdesk_protocol::{socket::Codec, websocket::Rules};

/// Text frames for JSON, binary ones for MessagePack, and no message above `max_bytes`.
pub(super) fn rules(codec: Codec, max_bytes: usize) -> Rules {
    Rules { text: codec == Codec::Json, most_bytes: max_bytes }
}
