//! Log-ins of agents and the rotation of their refresh tokens.

use async_trait::async_trait;
use frontdesk_domain::{Agent, AgentId, LoginId, TenantId, Timestamp};

use crate::error::StoreError;

/// One log-in of an agent, from password to log-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Its id; stands in every token of it.
    pub id: LoginId,
    /// The tenant of the agent.
    pub tenant: TenantId,
    /// The agent who logged in.
    pub agent: AgentId,
    /// SHA-256 of the refresh token that is good now.
    pub token_hash: [u8; 32],
    /// When it ends unless refreshed.
    pub expires_at: Timestamp,
    /// Whether it was ended.
    pub revoked: bool,
}

/// What became of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It was good; the new one is good now.
    Rotated(Login),
    /// It was exchanged before and is used a second time: this log-in is ended.
    Reused(Login),
    /// Never good, ended or expired.
    Unknown,
}

/// The log-ins of agents.
#[async_trait]
pub trait Logins: Send + Sync {
    /// Begins a log-in.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is one with this id.
    async fn begin_login(&self, login: &Login) -> Result<(), StoreError>;

    /// Ends a log-in.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn revoke_login(&self, tenant: TenantId, id: LoginId) -> Result<(), StoreError>;

    /// Of these log-ins, those that are neither ended nor expired at `now`, with an active agent: as (log-in, agent).
    ///
    /// # Errors
    /// [`StoreError`].
    async fn live_logins(&self, ids: &[LoginId], now: Timestamp) -> Result<Vec<(LoginId, Agent)>, StoreError>;
}
