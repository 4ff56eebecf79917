use async_trait::async_trait;
use frontdesk_domain::{Inbox, InboxId, TenantId};

use super::Versioned;
use crate::error::StoreError;

/// Inboxes within a transaction.
#[async_trait]
pub trait InboxWrites {
    /// One inbox of a tenant, locked against changes by others until the transaction ends.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn inbox(&mut self, tenant: TenantId, id: InboxId) -> Result<Option<Versioned<Inbox>>, StoreError>;

    /// How many inboxes a tenant has. Consistent with what others do only under
    /// [`TenantLock::inboxes`](super::TenantLock::inboxes).
    ///
    /// # Errors
    /// [`StoreError`].
    async fn inbox_count(&mut self, tenant: TenantId) -> Result<u64, StoreError>;

    /// Makes an inbox; its version is 1.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its id is taken, by whatever tenant.
    async fn insert_inbox(&mut self, inbox: &Inbox) -> Result<(), StoreError>;

    /// Changes an inbox whose version is `expected`, and says its new version. Its kind stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has another version or is not there.
    async fn update_inbox(&mut self, inbox: &Inbox, expected: u64) -> Result<u64, StoreError>;
}
