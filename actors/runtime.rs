//! Hosts entities: actors of one kind, found by key, started from storage at the first call and ended when idle.
//!
//! A node has one [`Shard`] for each partition. The shard starts, routes to, watches and ends its entities and feeds
//! them what other nodes publish. It never hands out an entity's address, so no call can be lost in the mailbox of an
//! entity that is about to end. The runtime knows the traits [`Entity`], [`EntityCall`] and [`LiveSource`], and no
//! particular entity.

mod entity;
mod lease;
mod live_input;
mod liveness;
mod mailbox;
mod shard;
mod shards;
mod slot;

pub use entity::{Entity, EntityCall, EntityMetrics, Input, Limits, LiveSource, Refusal};
pub use lease::Lease;
pub(crate) use mailbox::start_with_capacity;
pub use shard::Shard;
pub use shards::Shards;
