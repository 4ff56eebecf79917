//! Events that were committed together with the change that they tell of, and are to be published.
//!
//! They are written within transactions ([`OutboxWrites`](crate::OutboxWrites)). Rows are found by not being marked as
//! published, never by "above the last number that was seen": numbers are drawn before commits and become visible in
//! any order.
//!
//! One relay at a time reads them, the one that holds the lease. It counts renewals there; another relay that sees the
//! same count for long enough *by its own monotonic clock* takes over, so no wall clock decides. The lease only saves
//! work: two relays at once publish nothing twice, because the broker takes an event only behind the one that it
//! follows ([`EventStream`](crate::EventStream)).

use async_trait::async_trait;
use frontdesk_domain::{Aggregate, AggregateEvent, Timestamp};
use uuid::Uuid;

use crate::error::StoreError;

/// A process that relays; a new id for each start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RelayId(pub Uuid);

/// Which relay works, and how often it has said so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RelayLease {
    /// Which one; `None` when the lease is free.
    pub holder: Option<RelayId>,
    /// Grows with every renewal and takeover.
    pub renewals: u64,
}

/// An event that is not marked as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingEvent {
    /// Position of its row, in the order of insertion.
    pub position: u64,
    /// The event to publish.
    pub event: AggregateEvent,
    /// Where the stream holds the last event of this aggregate that was marked as published; 0 when none was.
    pub last_seq: u64,
}

/// An event that the stream holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedEvent {
    /// Its row in the outbox.
    pub position: u64,
    /// What it happened to.
    pub aggregate: Aggregate,
    /// The event's number within its aggregate.
    pub number: u64,
    /// Its sequence in the stream.
    pub stream_seq: u64,
}

/// How much waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxDepth {
    /// Events that are not marked as published.
    pub waiting: u64,
    /// When the oldest of them happened.
    pub oldest: Option<Timestamp>,
}

/// The outbox, as relays see it.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes the lease if it is free, renews it if `relay` holds it; gives it as it is then.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn renew_lease(&self, relay: RelayId) -> Result<RelayLease, StoreError>;

    /// Takes the lease from a holder that has stopped renewing; only if it still is as it was `seen`.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn take_over_lease(&self, relay: RelayId, seen: RelayLease) -> Result<bool, StoreError>;

    /// Frees the lease if `relay` holds it.
    ///
    /// # Errors
    /// [`StoreError`]: it is taken over after a while.
    async fn release_lease(&self, relay: RelayId) -> Result<(), StoreError>;

    /// Committed events that are not marked as published, up to `limit`, in one consistent view. Those of one aggregate
    /// come in the order of their numbers, and none is left out before one that is given.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn waiting_events(&self, limit: usize) -> Result<Vec<WaitingEvent>, StoreError>;

    /// Marks events as published, all or none. Marking again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]: the stream is asked about them before they are published again.
    async fn mark_published(&self, events: &[PublishedEvent], at: Timestamp) -> Result<(), StoreError>;

    /// Returns once a transaction of *this* process has added events, or at once if one has since the last call; also
    /// when its outcome is not known. It saves looks: what other processes add is found by looking only.
    async fn event_added(&self);

    /// How much waits.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn outbox_depth(&self) -> Result<OutboxDepth, StoreError>;

    /// Removes up to `limit` events that were marked as published before `before`, and says how many.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn remove_published(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError>;
}
