use async_trait::async_trait;
use frontdesk_domain::{Tenant, TenantId, Timestamp};
use frontdesk_ports::{StoreError, Tenants};
use frontdesk_storage::rows;

use crate::{PostgresStore, connect::answered, error::store_error};

#[async_trait]
impl Tenants for PostgresStore {
    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        answered(async {
            let name = rows::without_nul(&tenant.name);
            let put =
                sqlx::query_file!("../storage/statements/tenants/insert.sql", tenant.id.0, name, tenant.created_at.0);
            put.execute(self.pool()).await.map_err(store_error)?;
            Ok(())
        })
        .await
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        answered(async {
            let all = sqlx::query_file!("../storage/statements/tenants/all.sql");
            let all = all.fetch_all(self.pool()).await.map_err(store_error)?.into_iter();
            let tenant = all.map(|row| Tenant {
                id: TenantId(row.tenant_id),
                name: row.name,
                created_at: Timestamp(row.created_at_ms),
            });
            Ok(tenant.collect())
        })
        .await
    }
}
