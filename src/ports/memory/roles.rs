//! Roles in memory.

use async_trait::async_trait;
use frontdesk_domain::{CustomRole, RoleId, TenantId};

use super::store::MemoryStore;
use crate::{
    error::StoreError,
    roles::{RoleDeletion, Roles},
};

#[async_trait]
impl Roles for MemoryStore {
    async fn roles(&self, tenant: TenantId) -> Result<Vec<CustomRole>, StoreError> {
        self.directory(|directory| {
            let of_tenant = directory.roles.iter().filter(|((of, _), _)| *of == tenant);
            let mut roles: Vec<_> = of_tenant.map(|(_, role)| role.clone()).collect();
            roles.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(roles)
        })
    }

    async fn create_role(&self, tenant: TenantId, role: &CustomRole) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| {
            let taken = |((of, id), held): (&(TenantId, RoleId), &CustomRole)| {
                *of == tenant && (*id == role.id || held.name == role.name)
            };
            if directory.roles.iter().any(taken) {
                return Err(StoreError::Taken("this name of a role"));
            }
            directory.roles.insert((tenant, role.id), role.clone());
            Ok(())
        })
    }

    async fn change_role(&self, tenant: TenantId, role: &CustomRole) -> Result<bool, StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| {
            let taken = |((of, id), held): (&(TenantId, RoleId), &CustomRole)| {
                *of == tenant && *id != role.id && held.name == role.name
            };
            if !directory.roles.contains_key(&(tenant, role.id)) {
                return Ok(false);
            }
            if directory.roles.iter().any(taken) {
                return Err(StoreError::Taken("this name of a role"));
            }
            directory.roles.insert((tenant, role.id), role.clone());
            Ok(true)
        })
    }

    async fn delete_role(&self, tenant: TenantId, id: RoleId) -> Result<RoleDeletion, StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| {
            if !directory.roles.contains_key(&(tenant, id)) {
                return Ok(RoleDeletion::Unknown);
            }
            if directory.has_role(tenant, id) {
                return Ok(RoleDeletion::InUse);
            }
            directory.roles.remove(&(tenant, id));
            Ok(RoleDeletion::Deleted)
        })
    }
}
