//! Agents and the hashes of their passwords.

use async_trait::async_trait;
use frontdesk_domain::{Agent, AgentId, TenantId};

use crate::error::StoreError;

/// An argon2id hash in PHC form.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// The agents of tenants. Each is given with what its role allows now.
#[async_trait]
pub trait Agents: Send + Sync {
    /// Makes or changes an agent.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another agent has the e-mail address.
    async fn put_agent(&self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError>;

    /// One agent of a tenant.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn agent(&self, tenant: TenantId, id: AgentId) -> Result<Option<Agent>, StoreError>;

    /// The agent that logs in with this address (lower case), and its password's hash.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn agent_by_email(&self, email: &str) -> Result<Option<(Agent, PasswordHash)>, StoreError>;

    /// A tenant's agents, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn agents(&self, tenant: TenantId) -> Result<Vec<Agent>, StoreError>;
}
