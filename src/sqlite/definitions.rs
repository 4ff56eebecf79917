//! Definitions of tenants.

use async_trait::async_trait;
use frontdesk_domain::TenantId;
use frontdesk_ports::{DefinitionRow, Definitions, StoreError};
use frontdesk_storage::rows;
use uuid::Uuid;

use crate::{SqliteStore, error::store_error};

/// The columns of a definition.
pub(crate) struct DefinitionColumns {
    pub(crate) definition_id: Uuid,
    pub(crate) name: String,
    pub(crate) body: String,
    pub(crate) version: i64,
}

impl DefinitionColumns {
    pub(crate) fn into_row(self) -> Result<DefinitionRow, StoreError> {
        let Self { definition_id: id, name, body, version } = self;
        Ok(DefinitionRow { id, name, body, version: rows::from_version(version)? })
    }
}

/// All definitions of a tenant (first argument) and kind (second argument), by name.
macro_rules! of_kind {
    ($tenant:expr, $kind:expr) => {
        sqlx::query_file_as!(
            crate::definitions::DefinitionColumns,
            "../storage/statements/definitions/of_kind.sql",
            $tenant.0,
            $kind
        )
    };
}

/// The definition of a tenant (first argument) and kind (second argument) with an id (third argument).
macro_rules! of_id {
    ($tenant:expr, $kind:expr, $id:expr) => {
        sqlx::query_file_as!(
            crate::definitions::DefinitionColumns,
            "../storage/statements/definitions/of_id.sql",
            $tenant.0,
            $kind,
            $id
        )
    };
}

pub(crate) use {of_id, of_kind};

#[async_trait]
impl Definitions for SqliteStore {
    async fn definitions(&self, tenant: TenantId, kind: &'static str) -> Result<Vec<DefinitionRow>, StoreError> {
        let found = of_kind!(tenant, kind).fetch_all(self.readers()).await.map_err(store_error)?;
        found.into_iter().map(DefinitionColumns::into_row).collect()
    }

    async fn definition(
        &self,
        tenant: TenantId,
        kind: &'static str,
        id: Uuid,
    ) -> Result<Option<DefinitionRow>, StoreError> {
        let found = of_id!(tenant, kind, id).fetch_optional(self.readers()).await.map_err(store_error)?;
        found.map(DefinitionColumns::into_row).transpose()
    }
}
