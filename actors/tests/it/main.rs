//! Actors with the ports in memory: commands, faults, watching, sockets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod commands;
mod faults;
mod faulty;
mod life;
mod live;
mod participants;
mod presence;
mod receipts;
mod recorder;
mod rules;
mod runtime;
mod slow;
mod sockets;
mod storm;
mod time;
mod trimmed;
mod watching;
mod world;
