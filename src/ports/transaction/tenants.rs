use async_trait::async_trait;
use frontdesk_domain::Tenant;

use crate::error::StoreError;

/// Tenants within a transaction.
#[async_trait]
pub trait TenantWrites {
    /// Makes a tenant, unless one with this id is there; says whether it was made.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn insert_tenant(&mut self, tenant: &Tenant) -> Result<bool, StoreError>;
}
