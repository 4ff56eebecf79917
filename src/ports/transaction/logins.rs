use async_trait::async_trait;
use frontdesk_domain::{AgentId, LoginId, TenantId, Timestamp};

use crate::{
    directory::{Login, Renewal, Rotation},
    error::StoreError,
};

/// Log-ins within a transaction.
#[async_trait]
pub trait LoginWrites {
    /// Begins a log-in.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is one with this id.
    async fn insert_login(&mut self, login: &Login) -> Result<(), StoreError>;

    /// Takes a refresh token in exchange for the next one. Of two at once, one is [`Rotation::Rotated`] and the other
    /// [`Rotation::Repeated`]. What became of it counts once the transaction is committed.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn rotate_login(
        &mut self,
        id: LoginId,
        renewal: &Renewal,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError>;

    /// Ends a log-in, and says whether it went on until now.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn end_login(&mut self, tenant: TenantId, id: LoginId) -> Result<bool, StoreError>;

    /// Ends all log-ins of an agent but `keep`, and names those that went on until now, by id. What is expired at `now`
    /// has ended already.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn end_logins(
        &mut self,
        tenant: TenantId,
        agent: AgentId,
        keep: Option<LoginId>,
        now: Timestamp,
    ) -> Result<Vec<LoginId>, StoreError>;
}
