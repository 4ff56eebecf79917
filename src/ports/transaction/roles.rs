use async_trait::async_trait;
use frontdesk_domain::{CustomRole, RoleId, TenantId};

use super::Versioned;
use crate::{directory::RoleDeletion, error::StoreError};

/// Roles that tenants made, within a transaction. Consistent with what others do only under
/// [`TenantLock::agents`](super::TenantLock::agents).
#[async_trait]
pub trait RoleWrites {
    /// A tenant's roles, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn roles(&mut self, tenant: TenantId) -> Result<Vec<Versioned<CustomRole>>, StoreError>;

    /// Makes a role.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the tenant has a role of this name or id.
    async fn insert_role(&mut self, tenant: TenantId, role: &CustomRole) -> Result<(), StoreError>;

    /// Gives a role that has this version another name and other grants; returns its new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the tenant has no such role or it has another version; [`StoreError::Taken`] when
    /// another one has the name.
    async fn update_role(&mut self, tenant: TenantId, role: &CustomRole, version: u64) -> Result<u64, StoreError>;

    /// Deletes a role that no agent has.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn delete_role(&mut self, tenant: TenantId, id: RoleId) -> Result<RoleDeletion, StoreError>;
}
