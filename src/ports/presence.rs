//! What is shared between nodes and may be lost: presence, live sessions, rate limits.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_domain::{AgentId, Participant, PresenceState, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{BoxError, StoreError};

/// The store of presence did not answer in time. Say "unknown" and go on.
#[derive(Debug, thiserror::Error)]
#[error("the store of presence does not answer")]
pub struct PresenceError(#[source] pub BoxError);

/// Who is there. A member is online while any of its sessions says so and is fresh.
#[async_trait]
pub trait Presence: Send + Sync {
    /// Says that `session` of `member` is in `state`, for `ttl`; `Offline` forgets the session at once.
    ///
    /// # Errors
    /// [`PresenceError`].
    async fn set(
        &self,
        tenant: TenantId,
        member: Participant,
        session: Uuid,
        state: PresenceState,
        ttl: Duration,
    ) -> Result<(), PresenceError>;

    /// The state of each member asked for, in that order: online if any fresh session is, else away if any is, else
    /// offline.
    ///
    /// # Errors
    /// [`PresenceError`].
    async fn get(&self, tenant: TenantId, members: &[Participant]) -> Result<Vec<PresenceState>, PresenceError>;
}

/// What agents choose for all of their consoles, those that they open later included.
#[async_trait]
pub trait AwayChoice: Send + Sync {
    /// Stores whether `agent` is away, until it chooses otherwise, and tells its other consoles by a notice.
    ///
    /// # Errors
    /// [`StoreError`]: it was not kept.
    async fn choose_away(&self, tenant: TenantId, agent: AgentId, away: bool) -> Result<(), StoreError>;
}

/// A connected socket, as other nodes see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// The session's id.
    pub session: Uuid,
    /// Of which tenant.
    pub tenant: TenantId,
    /// The contact or agent whose session it is.
    pub member: Participant,
    /// On which node.
    pub node: Arc<str>,
    /// When the session began.
    pub since: Timestamp,
}

/// Connected sockets, under `session:{tenant_id}:{session_id}`: for operators who ask on which node a participant is
/// connected. The desk itself finds people by their presence.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Keeps or refreshes a record for `ttl`.
    ///
    /// # Errors
    /// [`PresenceError`].
    async fn put(&self, record: &SessionRecord, ttl: Duration) -> Result<(), PresenceError>;
    /// One record, as an operator's tool would read it; that what was put can be found is all that this port promises.
    ///
    /// # Errors
    /// [`PresenceError`].
    async fn get(&self, tenant: TenantId, session: Uuid) -> Result<Option<SessionRecord>, PresenceError>;
    /// Forgets a record.
    ///
    /// # Errors
    /// [`PresenceError`].
    async fn remove(&self, tenant: TenantId, session: Uuid) -> Result<(), PresenceError>;
}

/// How much of something in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// At most this many.
    pub most: u32,
    /// In this time.
    pub per: Duration,
}

/// Whether something is still within its quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The permit was granted.
    Granted,
    /// It is not; after this time it will be.
    Refused {
        /// How long to wait.
        retry_after: Duration,
    },
}

/// Counters that limit rates across nodes.
#[async_trait]
pub trait RateLimits: Send + Sync {
    /// Takes one of `key`'s quota. When the shared counter does not answer in time, a counter of this node decides.
    async fn take(&self, key: &str, quota: Quota) -> Taken;

    /// Whether [`Self::take`] would be granted now. Takes nothing.
    async fn look(&self, key: &str, quota: Quota) -> Taken;

    /// Gives back one that was taken of `key`'s quota. When the shared counter does not answer in time, it stays taken
    /// there, and comes back with time.
    async fn give_back(&self, key: &str, quota: Quota);
}
