use async_trait::async_trait;
use frontdesk_domain::{Tenant, TenantId, Timestamp};
use frontdesk_ports::{StoreError, Tenants};
use frontdesk_storage::rows;

use crate::{SqliteStore, error::store_error};

#[async_trait]
impl Tenants for SqliteStore {
    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let name = rows::without_nul(&tenant.name);
        let put = sqlx::query_file!("../storage/statements/tenants/insert.sql", tenant.id.0, name, tenant.created_at.0);
        put.execute(self.writer()).await.map_err(store_error)?;
        Ok(())
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let all = sqlx::query_file!("../storage/statements/tenants/all.sql");
        let all = all.fetch_all(self.readers()).await.map_err(store_error)?.into_iter();
        let tenant = all.map(|row| Tenant {
            id: TenantId(row.tenant_id),
            name: row.name,
            created_at: Timestamp(row.created_at_ms),
        });
        Ok(tenant.collect())
    }
}
