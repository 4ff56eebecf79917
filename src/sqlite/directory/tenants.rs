use frontdesk_domain::{Tenant, TenantId, Timestamp};
use frontdesk_ports::StoreError;
use frontdesk_storage::rows;
use sqlx::SqlitePool;

use crate::{SqliteStore, error::store_error};

pub(super) async fn put(store: &SqliteStore, tenant: &Tenant) -> Result<(), StoreError> {
    let name = rows::without_nul(&tenant.name);
    let put = sqlx::query!(
        "insert into tenants (tenant_id, name, created_at_ms) values (?, ?, ?) on conflict (tenant_id) do nothing",
        tenant.id.0,
        name,
        tenant.created_at.0
    );
    put.execute(store.writer()).await.map_err(store_error)?;
    Ok(())
}

pub(super) async fn all(pool: &SqlitePool) -> Result<Vec<Tenant>, StoreError> {
    let all = sqlx::query!(
        r#"select tenant_id as "tenant_id: uuid::Uuid", name, created_at_ms from tenants
           order by created_at_ms, tenant_id"#
    );
    let all = all.fetch_all(pool).await.map_err(store_error)?.into_iter();
    let tenant =
        all.map(|row| Tenant { id: TenantId(row.tenant_id), name: row.name, created_at: Timestamp(row.created_at_ms) });
    Ok(tenant.collect())
}
