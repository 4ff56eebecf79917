use async_trait::async_trait;
use frontdesk_domain::{CustomRole, RoleId, TenantId};
use frontdesk_ports::{RoleDeletion, RoleWrites, StoreError, Versioned};
use frontdesk_storage::rows;

use super::SqliteTransaction;
use crate::error::{store_error, taken_or};

#[async_trait]
impl RoleWrites for SqliteTransaction {
    async fn roles(&mut self, tenant: TenantId) -> Result<Vec<Versioned<CustomRole>>, StoreError> {
        let find = sqlx::query_file!("../storage/statements/roles/of_tenant_by_id.sql", tenant.0);
        let found = find.fetch_all(&mut *self.inner).await.map_err(store_error)?;
        found.into_iter().map(|row| rows::versioned_role(&row.role_id, row.name, &row.grants, row.version)).collect()
    }

    async fn insert_role(&mut self, tenant: TenantId, role: &CustomRole) -> Result<(), StoreError> {
        let (id, grants) = (role.id.to_string(), rows::to_json(&role.grants));
        let insert = sqlx::query_file!("../storage/statements/roles/insert.sql", tenant.0, id, role.name, grants);
        let taken = taken_or("this name of a role");
        insert.execute(&mut *self.inner).await.map_err(taken)?;
        Ok(())
    }

    async fn update_role(&mut self, tenant: TenantId, role: &CustomRole, version: u64) -> Result<u64, StoreError> {
        let (id, grants) = (role.id.to_string(), rows::to_json(&role.grants));
        let expected = rows::to_version(version);
        let update =
            sqlx::query_file!("../storage/statements/roles/update.sql", role.name, grants, tenant.0, id, expected);
        let taken = taken_or("this name of a role");
        let done = update.execute(&mut *self.inner).await.map_err(taken)?;
        if done.rows_affected() == 0 { Err(StoreError::Conflict) } else { Ok(version + 1) }
    }

    async fn delete_role(&mut self, tenant: TenantId, id: RoleId) -> Result<RoleDeletion, StoreError> {
        let id = id.to_string();
        let delete = sqlx::query_file!("../storage/statements/roles/delete.sql", tenant.0, id);
        let done = delete.execute(&mut *self.inner).await.map_err(store_error)?;
        if done.rows_affected() > 0 {
            return Ok(RoleDeletion::Deleted);
        }
        let left = sqlx::query_file!("../storage/statements/roles/by_id.sql", tenant.0, id);
        let left = left.fetch_optional(&mut *self.inner).await.map_err(store_error)?;
        Ok(if left.is_some() { RoleDeletion::InUse } else { RoleDeletion::Unknown })
    }
}
