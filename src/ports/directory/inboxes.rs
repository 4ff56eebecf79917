//! Inboxes.

use async_trait::async_trait;
use frontdesk_domain::{Inbox, InboxId, TenantId};

use crate::error::StoreError;

/// The inboxes of tenants.
#[async_trait]
pub trait Inboxes: Send + Sync {
    /// Makes or changes an inbox; the tenant of one that is there never changes.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another tenant has an inbox with this id.
    async fn put_inbox(&self, inbox: &Inbox) -> Result<(), StoreError>;

    /// The inbox with this public id, of whatever tenant.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn inbox(&self, id: InboxId) -> Result<Option<Inbox>, StoreError>;

    /// A tenant's inboxes, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError>;
}
