use async_trait::async_trait;
use frontdesk_domain::TenantId;
use uuid::Uuid;

use crate::{definitions::DefinitionRow, error::StoreError};

/// Definitions within a transaction. Consistent with what others do only under
/// [`TenantLock::definitions`](super::TenantLock::definitions).
#[async_trait]
pub trait DefinitionWrites {
    /// A tenant's definitions of one kind, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn definitions(&mut self, tenant: TenantId, kind: &'static str) -> Result<Vec<DefinitionRow>, StoreError>;

    /// One definition of a tenant.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn definition(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        id: Uuid,
    ) -> Result<Option<DefinitionRow>, StoreError>;

    /// Creates a definition; its version is 1, whatever the row says.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the tenant has one of this kind with this name or id.
    async fn insert_definition(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        row: &DefinitionRow,
    ) -> Result<(), StoreError>;

    /// Changes name and body of the definition whose version is that of `row`, and says its new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it has another version or is not there; [`StoreError::Taken`] when another one of
    /// this kind has the name.
    async fn update_definition(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        row: &DefinitionRow,
    ) -> Result<u64, StoreError>;

    /// Deletes a definition, and says whether it was there.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn delete_definition(&mut self, tenant: TenantId, kind: &'static str, id: Uuid) -> Result<bool, StoreError>;
}
