//! Settings documents.

use async_trait::async_trait;
use frontdesk_domain::{SettingsScope, TenantId};
use frontdesk_ports::{SettingsDocuments, SettingsVersion, StoreError};
use frontdesk_storage::{SettingsRow, rows};
use sqlx::PgExecutor;

use crate::{PostgresStore, connect::answered, error::store_error};

#[async_trait]
impl SettingsDocuments for PostgresStore {
    async fn settings_history(
        &self,
        tenant: TenantId,
        scope: SettingsScope,
        before: u64,
        limit: u16,
    ) -> Result<Vec<SettingsVersion>, StoreError> {
        history(self.pool(), tenant, scope, before, limit).await
    }
}

pub(crate) async fn history(
    executor: impl PgExecutor<'_>,
    tenant: TenantId,
    scope: SettingsScope,
    before: u64,
    limit: u16,
) -> Result<Vec<SettingsVersion>, StoreError> {
    let (kind, id, before, limit) = (scope.kind().as_str(), scope.id(tenant), rows::column(before), i64::from(limit));
    let find = sqlx::query_file_as!(
        SettingsRow,
        "../storage/statements/settings/history.sql",
        tenant.0,
        kind,
        id,
        before,
        limit
    );
    let found = answered(async { find.fetch_all(executor).await.map_err(store_error) }).await?;
    found.into_iter().map(|row| row.into_version(scope)).collect()
}
