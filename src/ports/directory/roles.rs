//! Roles that tenants made.

use async_trait::async_trait;
use frontdesk_domain::{CustomRole, RoleId, TenantId};

use crate::{error::StoreError, versioned::Versioned};

/// What became of a wish to delete a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleDeletion {
    /// It is gone.
    Deleted,
    /// An agent has it, so it stays.
    InUse,
    /// The tenant has no such role.
    Unknown,
}

/// Roles that tenants made, besides the built-in ones. Whatever gives an agent reads the agent's role with what it
/// allows now.
#[async_trait]
pub trait Roles: Send + Sync {
    /// A tenant's roles, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn roles(&self, tenant: TenantId) -> Result<Vec<Versioned<CustomRole>>, StoreError>;

    /// Makes a role.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the tenant has a role of this name or id.
    async fn create_role(&self, tenant: TenantId, role: &CustomRole) -> Result<(), StoreError>;

    /// Gives a role another name and other grants, whatever its version; `false` when the tenant has no such role.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another role of the tenant has the name.
    async fn change_role(&self, tenant: TenantId, role: &CustomRole) -> Result<bool, StoreError>;

    /// Deletes a role that no agent has.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn delete_role(&self, tenant: TenantId, id: RoleId) -> Result<RoleDeletion, StoreError>;
}
