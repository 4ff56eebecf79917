use async_trait::async_trait;
use frontdesk_domain::{LoginId, TenantId};

use crate::{directory::Login, error::StoreError};

/// Log-ins within a transaction. Exchanging a refresh token is no part of it: it happens by the minute and changes
/// nothing that is audited.
#[async_trait]
pub trait LoginWrites {
    /// Begins a log-in.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is one with this id.
    async fn insert_login(&mut self, login: &Login) -> Result<(), StoreError>;

    /// Ends a log-in, and says whether it went on until now.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn end_login(&mut self, tenant: TenantId, id: LoginId) -> Result<bool, StoreError>;
}
