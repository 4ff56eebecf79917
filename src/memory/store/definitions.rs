//! Definitions in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use frontdesk_domain::TenantId;
use uuid::Uuid;

use frontdesk_ports::{
    definitions::{DefinitionRow, Definitions},
    error::StoreError,
};

use super::MemoryStore;

/// The definitions of all tenants.
#[derive(Debug, Default, Clone)]
pub(super) struct DefinitionsState(BTreeMap<(TenantId, &'static str, Uuid), DefinitionRow>);

impl DefinitionsState {
    pub(super) fn of_kind(&self, tenant: TenantId, kind: &'static str) -> Vec<DefinitionRow> {
        let of_kind = self.0.iter().filter(|((of, has, _), _)| (*of, *has) == (tenant, kind));
        let mut rows: Vec<_> = of_kind.map(|(_, row)| row.clone()).collect();
        rows.sort_by(|a, b| a.name.cmp(&b.name));
        rows
    }

    pub(super) fn one(&self, tenant: TenantId, kind: &'static str, id: Uuid) -> Option<DefinitionRow> {
        self.0.get(&(tenant, kind, id)).cloned()
    }

    pub(super) fn insert(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        row: &DefinitionRow,
    ) -> Result<(), StoreError> {
        if self.of_kind(tenant, kind).iter().any(|held| held.id == row.id || held.name == row.name) {
            return Err(StoreError::Taken("this name"));
        }
        self.0.insert((tenant, kind, row.id), DefinitionRow { version: 1, ..row.clone() });
        Ok(())
    }

    pub(super) fn update(
        &mut self,
        tenant: TenantId,
        kind: &'static str,
        row: &DefinitionRow,
    ) -> Result<u64, StoreError> {
        let has_name = |held: &DefinitionRow| held.id != row.id && held.name == row.name;
        let is_taken = self.of_kind(tenant, kind).iter().any(has_name);
        let held = self.0.get_mut(&(tenant, kind, row.id)).filter(|held| held.version == row.version);
        let held = held.ok_or(StoreError::Conflict)?;
        if is_taken {
            return Err(StoreError::Taken("this name"));
        }
        *held = DefinitionRow { version: row.version + 1, ..row.clone() };
        Ok(held.version)
    }

    pub(super) fn delete(&mut self, tenant: TenantId, kind: &'static str, id: Uuid) -> bool {
        self.0.remove(&(tenant, kind, id)).is_some()
    }
}

#[async_trait]
impl Definitions for MemoryStore {
    async fn definitions(&self, tenant: TenantId, kind: &'static str) -> Result<Vec<DefinitionRow>, StoreError> {
        Ok(self.state()?.definitions.of_kind(tenant, kind))
    }

    async fn definition(
        &self,
        tenant: TenantId,
        kind: &'static str,
        id: Uuid,
    ) -> Result<Option<DefinitionRow>, StoreError> {
        Ok(self.state()?.definitions.one(tenant, kind, id))
    }
}
