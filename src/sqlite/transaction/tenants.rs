use async_trait::async_trait;
use frontdesk_domain::Tenant;
use frontdesk_ports::{StoreError, TenantWrites};
use frontdesk_storage::rows;

use super::SqliteTransaction;
use crate::error::store_error;

#[async_trait]
impl TenantWrites for SqliteTransaction {
    async fn insert_tenant(&mut self, tenant: &Tenant) -> Result<bool, StoreError> {
        let name = rows::without_nul(&tenant.name);
        let insert =
            sqlx::query_file!("../storage/statements/tenants/insert.sql", tenant.id.0, name, tenant.created_at.0);
        let done = insert.execute(&mut *self.inner).await.map_err(store_error)?;
        Ok(done.rows_affected() > 0)
    }
}
