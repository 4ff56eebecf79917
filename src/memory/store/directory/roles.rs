//! Roles in memory.

use async_trait::async_trait;
use frontdesk_domain::{CustomRole, RoleId, TenantId};

use frontdesk_ports::{RoleDeletion, Roles, StoreError, Versioned};

use super::DirectoryState;
use crate::store::MemoryStore;

#[async_trait]
impl Roles for MemoryStore {
    async fn roles(&self, tenant: TenantId) -> Result<Vec<Versioned<CustomRole>>, StoreError> {
        self.directory(|directory| {
            let of_tenant = directory.roles.iter().filter(|((of, _), _)| *of == tenant);
            let mut roles: Vec<_> = of_tenant.map(|(_, role)| role.clone()).collect();
            roles.sort_by(|a, b| a.value.name.cmp(&b.value.name));
            Ok(roles)
        })
    }

    async fn create_role(&self, tenant: TenantId, role: &CustomRole) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| directory.create_role(tenant, role))
    }

    async fn change_role(&self, tenant: TenantId, role: &CustomRole) -> Result<bool, StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| directory.change_role(tenant, role))
    }

    async fn delete_role(&self, tenant: TenantId, id: RoleId) -> Result<RoleDeletion, StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| directory.delete_role(tenant, id))
    }
}

impl DirectoryState {
    pub(in crate::store) fn create_role(&mut self, tenant: TenantId, role: &CustomRole) -> Result<(), StoreError> {
        let taken = |((of, id), held): (&(TenantId, RoleId), &Versioned<CustomRole>)| {
            *of == tenant && (*id == role.id || held.value.name == role.name)
        };
        if self.roles.iter().any(taken) {
            return Err(StoreError::Taken("this name of a role"));
        }
        self.roles.insert((tenant, role.id), Versioned { value: role.clone(), version: 1 });
        Ok(())
    }

    pub(in crate::store) fn change_role(&mut self, tenant: TenantId, role: &CustomRole) -> Result<bool, StoreError> {
        let taken = |((of, id), held): (&(TenantId, RoleId), &Versioned<CustomRole>)| {
            *of == tenant && *id != role.id && held.value.name == role.name
        };
        let Some(version) = self.roles.get(&(tenant, role.id)).map(|held| held.version) else { return Ok(false) };
        if self.roles.iter().any(taken) {
            return Err(StoreError::Taken("this name of a role"));
        }
        self.roles.insert((tenant, role.id), Versioned { value: role.clone(), version: version + 1 });
        Ok(true)
    }

    pub(in crate::store) fn delete_role(&mut self, tenant: TenantId, id: RoleId) -> Result<RoleDeletion, StoreError> {
        if !self.roles.contains_key(&(tenant, id)) {
            return Ok(RoleDeletion::Unknown);
        }
        if self.has_role(tenant, id) {
            return Ok(RoleDeletion::InUse);
        }
        self.roles.remove(&(tenant, id));
        Ok(RoleDeletion::Deleted)
    }
}
