//! Tenants.

use async_trait::async_trait;
use frontdesk_domain::Tenant;

use crate::error::StoreError;

/// The tenants of an installation.
#[async_trait]
pub trait Tenants: Send + Sync {
    /// Makes a tenant; one that is there already stays as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError>;

    /// All tenants, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError>;
}
