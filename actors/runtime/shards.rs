//! All shards of a node for one kind of entity.

use std::sync::Arc;

use actix::Addr;
use actix_rt::ArbiterHandle;
use frontdesk_domain::Partition;

use super::{
    entity::{Entity, EntityCall, Refusal},
    mailbox::start_with_capacity,
    shard::{Route, Shard},
};

/// The 64 shards of one kind of entity on this node.
pub struct Shards<E: Entity>(Vec<Addr<Shard<E>>>);

impl<E: Entity> Shards<E> {
    /// Starts them, spread over `arbiters` (at least one). They receive live input from now on.
    #[must_use]
    pub fn start(ports: &Arc<E::Ports>, arbiters: &[ArbiterHandle]) -> Self {
        let shards = Partition::all().map(|partition| {
            let ports = Arc::clone(ports);
            let arbiter = &arbiters[usize::from(partition.number()) % arbiters.len()];
            start_with_capacity(arbiter, SHARD_MAILBOX, move || Shard::new(partition, ports))
        });
        Self(shards.collect())
    }

    /// Hands `call` to the entity of `key`; refuses it at once when the mailbox of its shard is full.
    pub fn route(&self, key: E::Key, call: E::Call) {
        let shard = &self.0[usize::from(E::partition(&key).number())];
        if let Err(error) = shard.try_send(Route::<E> { key, call }) {
            metrics::counter!(E::METRICS.shard_full).increment(1);
            error.into_inner().call.refuse(Refusal::Busy);
        }
    }
}

/// Calls that wait for one shard. Beyond it callers are refused as busy.
const SHARD_MAILBOX: usize = 1_024;
