//! The session of one connected socket: protocol, identity, rate limit, heartbeat and outbox.
//!
//! `machine.rs` is the protocol of one session, a pure state machine of components that each know one thing
//! (`outbox.rs`, `subscriptions.rs`, `heartbeat.rs`, ...); `actor.rs` routes messages to it and does what it returns. A
//! session knows its socket as a `Transport` only; the sockets themselves are in [`crate::transport`]. Every deadline
//! is kept here, because a socket may not run while its peer does not read. One write is under way at a time.

mod actor;
mod catching_up;
mod closing;
mod deadlines;
mod feed;
mod flow;
mod heartbeat;
mod machine;
mod moment;
mod outbox;
mod phase;
mod rate;
mod receipts;
mod registry;
#[cfg(test)]
mod sizes;
mod subscriptions;
mod transport;

pub(crate) use actor::{Inbound, SessionOrigin, SocketClosed};
pub(crate) use transport::Outgoing;

pub use actor::SessionActor;
pub use closing::Shut;
pub use registry::OpenSessions;
