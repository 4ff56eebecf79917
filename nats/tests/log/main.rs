//! The log on a real `nats-server` (nats/install.sh fetches it); each test has a server of its own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attacks;
mod contract;
mod desks;
mod events;
mod faults;
mod heartbeats;
mod inbound;
mod ledger;
mod max_delivery;
mod notices;
mod setup;
mod sharing;
mod support;
