//! Socket protocol v1: the frames between a widget or console and the desk.
//!
//! Subprotocols [`Codec::Json`] (`frontdesk.v1.json`, text frames) and [`Codec::MessagePack`] (`frontdesk.v1.msgpack`, binary
//! frames) carry the same frames. Each frame is a map whose `type` names it. Unknown fields are passed over; an unknown `type`
//! or a field of the wrong type is answered by `error` (or `rejected`, when the frame had a `client_id`), and the connection
//! stays. [`schema()`] gives the JSON Schema of both directions; the server serves it.

mod client;
mod close;
mod codec;
mod schema;
mod server;
#[cfg(test)]
mod tests;

pub use client::{ClientFrame, PresenceState};
pub use close::CloseCode;
pub use codec::{Codec, FrameError};
pub use schema::schema;
pub use server::{Durability, EntryView, ErrorCode, ReceiptView, RejectCode, ServerFrame, StateView, Who, Winner};

/// Largest frame in either direction, in bytes. A larger one closes the socket with 1009.
pub const MAX_FRAME_BYTES: usize = 65_536;

/// Most rows in one `feed` frame; more are fetched with another `feed`.
pub const MAX_ROWS: usize = 50;

/// Most entries in one `recovered`, `reset` or `range` frame; more are fetched with `range`.
pub const MAX_ENTRIES: usize = 50;
