//! One connected socket: its session actor (protocol, identity, outbox) and its pump (the socket itself).
//!
//! The pump holds no deadline but that of its own end. Everything that must happen in time happens in the session, and one write
//! is under way at a time.

mod actor;
mod commands;
mod feed;
mod heartbeat;
mod hello;
mod inbound;
mod moment;
mod outbox;
mod rate;
mod receipts;
#[cfg(test)]
mod sizes;
mod transport;
mod upgrade;
mod watched;
mod wheel;

pub(crate) use transport::{Arrival, Seat};

pub use actor::{SessionActor, Shut};
pub use upgrade::{Entrance, upgrade};
