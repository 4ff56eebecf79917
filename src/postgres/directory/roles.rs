//! Roles that tenants made.

use async_trait::async_trait;
use frontdesk_domain::{Agent, CustomRole, Role, RoleId, TenantId};
use frontdesk_ports::{RoleDeletion, Roles, StoreError, Versioned};
use frontdesk_storage::rows;
use sqlx::PgExecutor;

use crate::{
    PostgresStore,
    error::{store_error, taken_or},
};

#[async_trait]
impl Roles for PostgresStore {
    async fn roles(&self, tenant: TenantId) -> Result<Vec<Versioned<CustomRole>>, StoreError> {
        let found = sqlx::query_file!("../storage/statements/roles/of_tenant_by_name.sql", tenant.0);
        let found = found.fetch_all(self.pool()).await.map_err(store_error)?;
        found.into_iter().map(|row| rows::versioned_role(&row.role_id, row.name, &row.grants, row.version)).collect()
    }

    async fn create_role(&self, tenant: TenantId, role: &CustomRole) -> Result<(), StoreError> {
        let (id, grants) = (role.id.to_string(), rows::to_json(&role.grants));
        let create = sqlx::query_file!("../storage/statements/roles/insert.sql", tenant.0, id, role.name, grants);
        create.execute(self.pool()).await.map_err(taken_or("this name of a role"))?;
        Ok(())
    }

    async fn change_role(&self, tenant: TenantId, role: &CustomRole) -> Result<bool, StoreError> {
        let (id, grants) = (role.id.to_string(), rows::to_json(&role.grants));
        let change = sqlx::query_file!("../storage/statements/roles/change.sql", role.name, grants, tenant.0, id);
        let changed = change.execute(self.pool()).await.map_err(taken_or("this name of a role"))?;
        Ok(changed.rows_affected() > 0)
    }

    async fn delete_role(&self, tenant: TenantId, id: RoleId) -> Result<RoleDeletion, StoreError> {
        let id = id.to_string();
        let delete = sqlx::query_file!("../storage/statements/roles/delete.sql", tenant.0, id);
        if delete.execute(self.pool()).await.map_err(store_error)?.rows_affected() > 0 {
            return Ok(RoleDeletion::Deleted);
        }
        let left = sqlx::query_file_scalar!("../storage/statements/roles/count.sql", tenant.0, id);
        let left = left.fetch_one(self.pool()).await.map_err(store_error)?;
        Ok(if left > 0 { RoleDeletion::InUse } else { RoleDeletion::Unknown })
    }
}

/// Fills in what the roles of these agents allow now, as far as they are not built in.
pub(crate) async fn fill_in<'a>(
    database: impl PgExecutor<'_>,
    agents: impl Iterator<Item = &'a mut Agent>,
) -> Result<(), StoreError> {
    let mut agents: Vec<_> = agents.filter(|agent| agent.role.custom().is_some()).collect();
    if agents.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = agents.iter().map(|agent| agent.role.to_string()).collect();
    let found = sqlx::query!("select tenant_id, role_id, name, grants from roles where role_id = any ($1)", &ids);
    for row in found.fetch_all(database).await.map_err(store_error)? {
        let role = rows::custom_role(&row.role_id, row.name, &row.grants)?;
        let having =
            |agent: &&mut &'a mut Agent| agent.tenant.0 == row.tenant_id && agent.role.custom() == Some(role.id);
        agents.iter_mut().filter(having).for_each(|agent| agent.role = Role::Custom(role.id, role.grants));
    }
    Ok(())
}
