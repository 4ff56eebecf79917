//! A shard: one for each partition. Finds, starts and ends the conversation actors of its partition, routes calls to them,
//! and brings in what other nodes logged.
//!
//! It never hands an actor's address out, so nothing can slip past an eviction.

mod actor;
mod home;
mod live;
mod pulse;
mod slot;

pub use actor::{Route, Shard};
pub(crate) use home::{Home, Passivate};
