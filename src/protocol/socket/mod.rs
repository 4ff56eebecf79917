//! Socket protocol v1: the frames between a widget or console and the desk.
//!
//! Subprotocols [`Codec::Json`] (`frontdesk.v1.json`, text frames) and [`Codec::MessagePack`] (`frontdesk.v1.msgpack`,
//! binary frames) carry the same frames. Each frame is a map whose `type` names it. Unknown fields are passed over; an
//! unknown `type` or a field of the wrong type is answered by `error` (or `rejected`, when the frame had a
//! `client_id`), and the connection stays. [`schema()`] gives the JSON Schema of both directions; the server serves it.

mod client;
mod close;
mod codec;
mod schema;
mod server;
#[cfg(test)]
mod tests;

use frontdesk_domain::MessageText;

pub use client::ClientFrame;
pub use close::CloseCode;
pub use codec::{Codec, FrameError};
// These stand in frames as they are.
pub use crate::codes::{ErrorCode, RejectCode};
pub use frontdesk_domain::{Durability, PresenceState};
pub use schema::schema;
pub use server::{EntryView, ReceiptView, ServerFrame, StateView, Who, Winner};

/// Lowest limit of frames, in bytes, that a server can work with: the largest entry as JSON has to fit into one frame.
pub const LOWEST_FRAME_LIMIT: usize = 2 * MessageText::MAX_BYTES + BESIDE_PAGE_BYTES;

/// Bytes for the entries or rows of one frame, so that the frame stays under a limit of `max_frame_bytes`.
#[must_use]
pub const fn page_bytes(max_frame_bytes: usize) -> usize {
    max_frame_bytes.saturating_sub(BESIDE_PAGE_BYTES)
}

/// Bytes of a frame that are left for what goes with its entries or rows: ids, cursor, and the state of the
/// conversation.
const BESIDE_PAGE_BYTES: usize = 16 * 1024;

/// Most rows in one `feed` frame; more are fetched with another `feed`.
pub const MAX_ROWS: usize = 50;

/// Most entries in one `recovered`, `reset` or `range` frame; more are fetched with `range`.
pub const MAX_ENTRIES: usize = 50;
