//! What an entity has to be and to say, so that the runtime can host it.

use std::{error::Error, fmt, hash::Hash, sync::Arc, time::Duration};

use actix::{Actor, Context, Handler, Message};
use frontdesk_domain::Partition;
use frontdesk_ports::Clock;
use futures_util::stream::BoxStream;
use tokio::sync::watch;

use super::lease::Lease;

/// An actor that is started from storage when it is called, and ended when it is idle.
///
/// Its state must be rebuildable at any moment: after a panic or an eviction the next call loads it anew.
pub trait Entity: Actor<Context = Context<Self>> + Handler<Input<Self::Call>> {
    /// Identifies one entity in its partition.
    type Key: Copy + Eq + Hash + fmt::Display + Send + Unpin + 'static;
    /// What it is asked.
    type Call: EntityCall;
    /// What all entities of a node share.
    type Ports: LiveSource<Self::Key, Self::Call>;
    /// Its state, as storage has it.
    type Loaded: 'static;
    /// Why it cannot be loaded now.
    type LoadError: Error + 'static;

    /// Names of the metrics that the runtime records about this kind of entity.
    const METRICS: EntityMetrics;

    /// The partition, and so the shard, that `key` belongs to.
    fn partition(key: &Self::Key) -> Partition;

    /// Bounds of queues and times.
    fn limits(ports: &Self::Ports) -> Limits;

    /// Reads the entity's state from storage. Runs on a task of its own: a panic in it refuses the waiting calls.
    fn load(
        ports: Arc<Self::Ports>,
        key: Self::Key,
    ) -> impl Future<Output = Result<Self::Loaded, Self::LoadError>> + 'static;

    /// Whether storage knows the entity. If not, only a call that [creates](EntityCall::creates) it starts an actor.
    fn exists(loaded: &Self::Loaded) -> bool;

    /// The actor. It keeps `lease` for as long as it lives and counts every input there.
    fn new(ports: Arc<Self::Ports>, lease: Lease<Self::Key>, loaded: Self::Loaded) -> Self;
}

/// A call to an entity. Its answer goes to a channel inside, so that a caller never waits for room in a mailbox.
pub trait EntityCall: Send + Unpin + 'static {
    /// Whether an actor is started for this call if none is there.
    fn starts(&self) -> bool;

    /// Whether this call may bring an entity into being that storage does not know.
    fn creates(&self) -> bool;

    /// Whether the entity has to catch up if its mailbox had no room for this call.
    fn is_resent_by_catching_up(&self) -> bool;

    /// When the call came in (monotonic clock), if it is to be refused after [`Limits::longest_wait`].
    fn waiting_since(&self) -> Option<Duration>;

    /// Answers a call that the entity never got.
    fn refuse(self, why: Refusal);
}

/// Why a call did not get to its entity. Nothing of it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A mailbox or a queue is full.
    Busy,
    /// The entity cannot be loaded now, or not in time.
    Unavailable,
    /// There is no such entity.
    Absent,
}

/// What the entities of a partition are fed with besides calls, and the clock of the node.
pub trait LiveSource<K, C>: Send + Sync + 'static {
    /// Why nothing can be received now.
    type Error: Error;

    /// Wall clock and monotonic clock.
    fn clock(&self) -> &dyn Clock;

    /// Everything that concerns entities of `partition` from now on. Ends when the connection does.
    fn subscribe(&self, partition: Partition) -> impl Future<Output = Result<BoxStream<'static, (K, C)>, Self::Error>>;

    /// Counts the times that something may have been missed; entities catch up when it grows.
    fn reconnects(&self) -> watch::Receiver<u64>;

    /// Sends a heartbeat through every channel of `partition` that was silent for a while.
    fn send_heartbeats(&self, partition: Partition) -> impl Future<Output = Result<(), Self::Error>>;

    /// Name of a channel of `partition` that delivers nothing although it takes heartbeats.
    fn stale_channel(&self, partition: Partition) -> Option<&'static str>;
}

/// What an entity receives from its shard.
#[derive(Debug)]
pub enum Input<C> {
    /// A call that was routed to the entity.
    Call(C),
    /// Something live may have been missed: look into storage.
    CatchUp,
    /// Live records were missed for some time, unnoticed: sessions that were shown the entity since must start over.
    Stale,
    /// No call was routed since the entity asked to end: stop.
    Quit,
}

impl<C: Send + 'static> Message for Input<C> {
    type Result = ();
}

/// Bounds of the runtime for one kind of entity.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Inputs in an entity's mailbox.
    pub mailbox: usize,
    /// Calls that wait for an entity to be loaded.
    pub waiting: usize,
    /// Longest time that a call waits for an entity to be loaded; see [`EntityCall::waiting_since`].
    pub longest_wait: Duration,
}

/// Names of the metrics of one kind of entity.
#[derive(Debug, Clone, Copy)]
pub struct EntityMetrics {
    /// Counter: calls refused because a shard's mailbox was full.
    pub shard_full: &'static str,
    /// Counter: inputs dropped or refused because an entity's mailbox was full.
    pub mailbox_full: &'static str,
    /// Histogram: seconds to load an entity.
    pub load_seconds: &'static str,
    /// Counter: actors that ended without being asked to.
    pub deaths: &'static str,
    /// Counter, by channel: live input that was found stale.
    pub stale: &'static str,
}
