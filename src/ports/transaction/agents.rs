use async_trait::async_trait;
use frontdesk_domain::{Agent, AgentId, TenantId};

use super::Versioned;
use crate::{directory::PasswordHash, error::StoreError};

/// Agents within a transaction.
#[async_trait]
pub trait AgentWrites {
    /// One agent of a tenant, locked against changes by others until the transaction ends.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn agent(&mut self, tenant: TenantId, id: AgentId) -> Result<Option<Versioned<Agent>>, StoreError>;

    /// A tenant's agents, by id. Consistent with what others do only under
    /// [`TenantLock::agents`](super::TenantLock::agents).
    ///
    /// # Errors
    /// [`StoreError`].
    async fn agents(&mut self, tenant: TenantId) -> Result<Vec<Agent>, StoreError>;

    /// The hash of an agent's password. It stays the same until the transaction ends only after [`Self::agent`].
    ///
    /// # Errors
    /// [`StoreError`].
    async fn password(&mut self, tenant: TenantId, id: AgentId) -> Result<Option<PasswordHash>, StoreError>;

    /// Keeps whether an agent chose to be away, and says whether that was otherwise before. Its version stays.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn set_away(&mut self, tenant: TenantId, id: AgentId, away: bool) -> Result<bool, StoreError>;

    /// Makes an agent; its version is 1.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its address or id is taken.
    async fn insert_agent(&mut self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError>;

    /// Changes an agent whose version is `expected`, and says its new version. Without `password`, that stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has another version or is not there; [`StoreError::Taken`] when its address is
    /// taken.
    async fn update_agent(
        &mut self,
        agent: &Agent,
        password: Option<&PasswordHash>,
        expected: u64,
    ) -> Result<u64, StoreError>;
}
