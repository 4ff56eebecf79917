//! Reading the settings documents of tenants. They are written within transactions only
//! ([`SettingsWrites`](crate::SettingsWrites)).

use async_trait::async_trait;
use frontdesk_domain::{SettingsScope, TenantId, Timestamp, audit::Actor};
use serde_json::Value;

use crate::error::StoreError;

/// One version of a settings document. Versions are never changed or deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingsVersion {
    /// For what it holds.
    pub scope: SettingsScope,
    /// 1 for the first one, one more with each change.
    pub version: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub actor: Actor,
    /// What was set, as it was written.
    pub document: Value,
    /// The version whose content it repeats, when it was written to go back to that one.
    pub restored_from: Option<u64>,
}

/// The settings documents of tenants.
#[async_trait]
pub trait SettingsDocuments: Send + Sync {
    /// The versions of a document below `before`, the newest first, `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn settings_history(
        &self,
        tenant: TenantId,
        scope: SettingsScope,
        before: u64,
        limit: u16,
    ) -> Result<Vec<SettingsVersion>, StoreError>;

    /// The present version of a document; `None` when nothing was ever set.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn settings(&self, tenant: TenantId, scope: SettingsScope) -> Result<Option<SettingsVersion>, StoreError> {
        Ok(self.settings_history(tenant, scope, u64::MAX, 1).await?.pop())
    }

    /// One version of a document.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn settings_version(
        &self,
        tenant: TenantId,
        scope: SettingsScope,
        version: u64,
    ) -> Result<Option<SettingsVersion>, StoreError> {
        let found = self.settings_history(tenant, scope, version.saturating_add(1), 1).await?.pop();
        Ok(found.filter(|found| found.version == version))
    }
}
