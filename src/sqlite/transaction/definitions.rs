use async_trait::async_trait;
use frontdesk_domain::TenantId;
use frontdesk_ports::{DefinitionRow, DefinitionWrites, StoreError};
use frontdesk_storage::rows;
use uuid::Uuid;

use super::SqliteTransaction;
use crate::{
    definitions::{DefinitionColumns, of_id, of_kind},
    error::{store_error, taken_or},
};

#[async_trait]
impl DefinitionWrites for SqliteTransaction {
    async fn definitions(&mut self, tenant: TenantId, kind: &'static str) -> Result<Vec<DefinitionRow>, StoreError> {
        let find = of_kind!(tenant, kind);
        let found = find.fetch_all(&mut *self.inner).await.map_err(store_error)?;
        found.into_iter().map(DefinitionColumns::into_row).collect()
    }

    async fn definition(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        id: Uuid,
    ) -> Result<Option<DefinitionRow>, StoreError> {
        let find = of_id!(tenant, kind, id);
        let found = find.fetch_optional(&mut *self.inner).await.map_err(store_error)?;
        found.map(DefinitionColumns::into_row).transpose()
    }

    async fn insert_definition(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        row: &DefinitionRow,
    ) -> Result<(), StoreError> {
        let (name, body) = (rows::without_nul(&row.name), rows::without_nul(&row.body));
        let insert =
            sqlx::query_file!("../storage/statements/definitions/insert.sql", tenant.0, kind, row.id, name, body);
        let taken = taken_or("this name");
        insert.execute(&mut *self.inner).await.map_err(taken)?;
        Ok(())
    }

    async fn update_definition(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        row: &DefinitionRow,
    ) -> Result<u64, StoreError> {
        let (name, body) = (rows::without_nul(&row.name), rows::without_nul(&row.body));
        let expected = rows::to_version(row.version);
        let update = sqlx::query_file!(
            "../storage/statements/definitions/update.sql",
            tenant.0,
            kind,
            row.id,
            name,
            body,
            expected
        );
        let taken = taken_or("this name");
        let updated = update.fetch_optional(&mut *self.inner).await.map_err(taken)?;
        rows::from_version(updated.ok_or(StoreError::Conflict)?.version)
    }

    async fn delete_definition(&mut self, tenant: TenantId, kind: &'static str, id: Uuid) -> Result<bool, StoreError> {
        let delete = sqlx::query_file!("../storage/statements/definitions/delete.sql", tenant.0, kind, id);
        let deleted = delete.execute(&mut *self.inner).await.map_err(store_error)?;
        Ok(deleted.rows_affected() > 0)
    }
}
