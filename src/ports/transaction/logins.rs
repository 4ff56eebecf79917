use async_trait::async_trait;
use frontdesk_domain::{LoginId, TenantId, Timestamp};

use crate::{
    directory::{Login, Rotation},
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

    /// Takes a refresh token (by its hash) in exchange for the next one. Of two at once, one wins. The hash before the
    /// current one is remembered, so that its second use is seen as [`Rotation::Reused`]. What became of it counts once
    /// the transaction is committed.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn rotate_login(
        &mut self,
        id: LoginId,
        presented: [u8; 32],
        next: [u8; 32],
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError>;

    /// Ends a log-in, and says whether it went on until now.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn end_login(&mut self, tenant: TenantId, id: LoginId) -> Result<bool, StoreError>;
}
