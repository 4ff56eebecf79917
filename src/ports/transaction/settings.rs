use async_trait::async_trait;
use frontdesk_domain::{SettingsScope, TenantId};

use crate::{error::StoreError, settings::SettingsVersion};

/// Settings documents within a transaction.
#[async_trait]
pub trait SettingsWrites {
    /// The present version of a document. Stays the present one until the transaction ends only under
    /// [`TenantLock::settings`](super::TenantLock::settings).
    ///
    /// # Errors
    /// [`StoreError`].
    async fn settings(&mut self, tenant: TenantId, scope: SettingsScope)
    -> Result<Option<SettingsVersion>, StoreError>;

    /// Adds a version of a document; it becomes the present one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the document has this version already.
    async fn insert_settings(&mut self, tenant: TenantId, version: &SettingsVersion) -> Result<(), StoreError>;
}
