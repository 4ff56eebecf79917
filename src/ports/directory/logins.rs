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

/// A refresh token that is given in, and the one to be given for it. All are SHA-256 hashes, but for the salt.
///
/// The next token is computed from the presented one and the salt. So the same answer can be given again, on any node,
/// to a client that did not receive it, although no token is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// Of the token that is given in.
    pub presented: [u8; 32],
    /// Of the part of it that all tokens of one log-in share; `None` for a token of a version that had no such part.
    pub presented_family: Option<[u8; 32]>,
    /// Of the token to be given for it.
    pub next: [u8; 32],
    /// Of the part of the next token that all tokens of one log-in share.
    pub next_family: [u8; 32],
    /// Random bytes from which, with the token that is given in, the next one was computed.
    pub salt: [u8; 32],
}

/// What became of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It was good; the new one is good now.
    Rotated(Login),
    /// It was exchanged before, and the token that was given for it was not used since: the answer may have been lost.
    /// That token is still the one that is good now; it is computed with this salt.
    Repeated(Login, [u8; 32]),
    /// It was exchanged before, and the token that was given for it was used since. Two hold tokens of this log-in,
    /// and one of them stole it: the log-in is ended.
    Reused(Login),
    /// Never good, ended or expired.
    Unknown,
}

/// A log-in that goes on, with its agent as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveLogin {
    /// Id of the log-in.
    pub login: LoginId,
    /// The agent, as it is now.
    pub agent: Agent,
    /// Whether the agent chose to be away.
    pub away: bool,
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

    /// Of these log-ins, those that are neither ended nor expired at `now`, with an active agent.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn live_logins(&self, ids: &[LoginId], now: Timestamp) -> Result<Vec<LiveLogin>, StoreError>;
}
