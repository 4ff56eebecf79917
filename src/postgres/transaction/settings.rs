use async_trait::async_trait;
use frontdesk_domain::{SettingsScope, TenantId};
use frontdesk_ports::{SettingsVersion, SettingsWrites, StoreError};
use frontdesk_storage::SettingsRow;

use super::PostgresTransaction;
use crate::{connect::answered, error::taken_or, settings::history};

#[async_trait]
impl SettingsWrites for PostgresTransaction {
    async fn settings(
        &mut self,
        tenant: TenantId,
        scope: SettingsScope,
    ) -> Result<Option<SettingsVersion>, StoreError> {
        Ok(history(&mut *self.inner, tenant, scope, u64::MAX, 1).await?.pop())
    }

    async fn insert_settings(&mut self, tenant: TenantId, version: &SettingsVersion) -> Result<(), StoreError> {
        let (row, kind, id) = (SettingsRow::of(version), version.scope.kind().as_str(), version.scope.id(tenant));
        let insert = sqlx::query_file!(
            "../storage/statements/settings/insert.sql",
            tenant.0,
            kind,
            id,
            row.version,
            row.at_ms,
            row.actor_kind,
            row.actor_id,
            row.document,
            row.restored_from
        );
        let taken = taken_or("this version");
        let inserted = answered(async { insert.execute(&mut *self.inner).await.map_err(taken) }).await;
        match inserted {
            Err(StoreError::Taken(_)) => Err(StoreError::Conflict),
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }
}
