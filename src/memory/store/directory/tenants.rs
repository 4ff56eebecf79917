use async_trait::async_trait;
use frontdesk_domain::Tenant;
use frontdesk_ports::{StoreError, Tenants};

use crate::store::MemoryStore;

#[async_trait]
impl Tenants for MemoryStore {
    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| {
            directory.tenants.entry(tenant.id).or_insert_with(|| tenant.clone());
            Ok(())
        })
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.directory(|directory| {
            let mut tenants: Vec<_> = directory.tenants.values().cloned().collect();
            tenants.sort_by_key(|tenant| (tenant.created_at, tenant.id));
            Ok(tenants)
        })
    }
}
