//! Definitions of a tenant: teams, skills, calendars, and whatever else implements [`Definition`].

use async_trait::async_trait;
use frontdesk_domain::{Definition, TenantId};
use uuid::Uuid;

use crate::{error::StoreError, versioned::Versioned};

/// A definition as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionRow {
    /// See [`Definition::id`].
    pub id: Uuid,
    /// See [`Definition::name`].
    pub name: String,
    /// The definition as JSON.
    pub body: String,
    /// 1 when it was created, one more with each change.
    pub version: u64,
}

/// Definitions, for reading. Functions of this module give them their types.
#[async_trait]
pub trait Definitions: Send + Sync {
    /// A tenant's definitions of one kind, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn definitions(&self, tenant: TenantId, kind: &'static str) -> Result<Vec<DefinitionRow>, StoreError>;

    /// One definition of a tenant.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn definition(
        &self,
        tenant: TenantId,
        kind: &'static str,
        id: Uuid,
    ) -> Result<Option<DefinitionRow>, StoreError>;
}

impl DefinitionRow {
    /// The row of a new definition.
    #[must_use]
    pub fn of<D: Definition>(definition: &D) -> Self {
        let body = serde_json::to_string(definition).expect("our own types can be written as JSON");
        Self { id: definition.id(), name: definition.name().to_owned(), body, version: 1 }
    }

    /// The definition.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when its body cannot be read.
    pub fn read<D: Definition>(&self) -> Result<Versioned<D>, StoreError> {
        let value = serde_json::from_str(&self.body).map_err(|error| StoreError::Corrupt(error.into()))?;
        Ok(Versioned { value, version: self.version })
    }
}

/// A tenant's definitions of one kind, by name.
///
/// # Errors
/// [`StoreError`].
pub async fn all<D: Definition>(
    store: &(impl Definitions + ?Sized),
    tenant: TenantId,
) -> Result<Vec<Versioned<D>>, StoreError> {
    store.definitions(tenant, D::KIND).await?.iter().map(DefinitionRow::read).collect()
}

/// One definition of a tenant.
///
/// # Errors
/// [`StoreError`].
pub async fn one<D: Definition>(
    store: &(impl Definitions + ?Sized),
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<Versioned<D>>, StoreError> {
    store.definition(tenant, D::KIND, id).await?.as_ref().map(DefinitionRow::read).transpose()
}
