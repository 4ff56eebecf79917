//! The settings documents of the database in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use frontdesk_domain::{SettingsScope, TenantId};

use frontdesk_ports::{
    error::StoreError,
    settings::{SettingsDocuments, SettingsVersion},
};

use super::MemoryStore;

/// The versions of each document, the oldest first.
pub(super) type SettingsState = BTreeMap<(TenantId, SettingsScope), Vec<SettingsVersion>>;

#[async_trait]
impl SettingsDocuments for MemoryStore {
    async fn settings_history(
        &self,
        tenant: TenantId,
        scope: SettingsScope,
        before: u64,
        limit: u16,
    ) -> Result<Vec<SettingsVersion>, StoreError> {
        let state = self.state()?;
        let newest = state.settings.get(&(tenant, scope)).into_iter().flatten().rev();
        Ok(newest.filter(|held| held.version < before).take(limit.into()).cloned().collect())
    }
}
