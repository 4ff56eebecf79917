use async_trait::async_trait;
use frontdesk_domain::Tenant;
use frontdesk_ports::{StoreError, TenantWrites};
use frontdesk_storage::rows;

use super::PostgresTransaction;
use crate::{connect::answered, error::store_error};

#[async_trait]
impl TenantWrites for PostgresTransaction {
    async fn insert_tenant(&mut self, tenant: &Tenant) -> Result<bool, StoreError> {
        let name = rows::without_nul(&tenant.name);
        let insert =
            sqlx::query_file!("../storage/statements/tenants/insert.sql", tenant.id.0, name, tenant.created_at.0);
        let done = answered(async { insert.execute(&mut *self.inner).await.map_err(store_error) }).await?;
        Ok(done.rows_affected() > 0)
    }
}
