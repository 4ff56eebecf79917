//! The session of one connected socket: protocol, identity, rate limit, heartbeat and outbox.
//!
//! A session knows its socket as a `Transport` only; the sockets themselves are in [`crate::transport`]. Every
//! deadline is kept here, because a socket may not run while its peer does not read. One write is under way at a time.

mod actor;
mod catching_up;
mod commands;
mod deadlines;
mod feed;
mod flow;
mod heartbeat;
mod hello;
mod inbound;
mod keep_alive;
mod moment;
mod outbox;
mod phase;
mod rate;
mod receipts;
mod registry;
#[cfg(test)]
mod sizes;
mod transport;
mod watched;

pub(crate) use actor::{SessionOrigin, SocketClosed};
pub(crate) use inbound::Inbound;
pub(crate) use transport::Outgoing;

pub use actor::{SessionActor, Shut};
pub use registry::OpenSessions;
