//! One connected socket: its session actor (protocol, identity, outbox) and its pump (the socket itself).
//!
//! The pump holds no state and no deadline: actix-web does not run it while its peer stops reading. Everything that must
//! happen in time happens in the session, and one write is under way at a time.

mod actor;
mod commands;
mod feed;
mod fragments;
mod heartbeat;
mod hello;
mod inbound;
mod intake;
mod outbox;
mod pump;
mod rate;
mod receipts;
mod upgrade;

pub use actor::{SessionActor, Shut};
pub use upgrade::{Entrance, upgrade};
