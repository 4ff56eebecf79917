//! What teams, skills and calendars have in common: they are created, changed and deleted under one lock of their
//! tenant, with an audit entry.

use frontdesk_domain::{
    AuditDraft, Definition, EventDraft, TenantId,
    audit::{FieldChange, Object},
};
use frontdesk_ports::{DefinitionRow, TenantLock, Transaction, Versioned};
use uuid::Uuid;

use crate::{ActError, Application, Requester};

/// A transaction that holds the lock on the definitions of a tenant.
pub(crate) struct DefinitionChange {
    pub(crate) transaction: Box<dyn Transaction>,
    tenant: TenantId,
}

impl DefinitionChange {
    /// Begins a change for the tenant of `by`.
    pub(crate) async fn begin(app: &Application, by: &Requester) -> Result<Self, ActError> {
        let mut transaction = app.transactions.begin().await?;
        transaction.lock(TenantLock::definitions(by.tenant())).await?;
        Ok(Self { transaction, tenant: by.tenant() })
    }

    /// All of a kind, by name.
    pub(crate) async fn all<D: Definition>(&mut self) -> Result<Vec<Versioned<D>>, ActError> {
        let rows = self.transaction.definitions(self.tenant, D::KIND).await?;
        Ok(rows.iter().map(DefinitionRow::read).collect::<Result<_, _>>()?)
    }

    /// One of a kind.
    pub(crate) async fn find<D: Definition>(&mut self, id: Uuid) -> Result<Option<Versioned<D>>, ActError> {
        let row = self.transaction.definition(self.tenant, D::KIND, id).await?;
        Ok(row.as_ref().map(DefinitionRow::read).transpose()?)
    }

    /// One of a kind that must be there, with the version that the requester expects, if it named one.
    pub(crate) async fn get<D: Definition>(
        &mut self,
        id: Uuid,
        expected: Option<u64>,
    ) -> Result<Versioned<D>, ActError> {
        let found = self.find::<D>(id).await?.ok_or(ActError::NotFound(D::KIND))?;
        match expected {
            Some(expected) if expected != found.version => Err(ActError::Conflict),
            _ => Ok(found),
        }
    }

    /// Writes a new one.
    pub(crate) async fn insert<D: Definition>(&mut self, new: &D) -> Result<(), ActError> {
        if self.transaction.definitions(self.tenant, D::KIND).await?.len() >= D::MAX_PER_TENANT {
            return Err(ActError::TooMany(D::KIND, D::MAX_PER_TENANT as u64));
        }
        Ok(self.transaction.insert_definition(self.tenant, D::KIND, &DefinitionRow::of(new)).await?)
    }

    /// Writes one that was `version`.
    pub(crate) async fn update<D: Definition>(&mut self, value: D, version: u64) -> Result<Versioned<D>, ActError> {
        let row = DefinitionRow { version, ..DefinitionRow::of(&value) };
        let version = self.transaction.update_definition(self.tenant, D::KIND, &row).await?;
        Ok(Versioned { value, version })
    }

    /// Deletes one, and says whether it was there.
    pub(crate) async fn delete<D: Definition>(&mut self, id: Uuid) -> Result<bool, ActError> {
        Ok(self.transaction.delete_definition(self.tenant, D::KIND, id).await?)
    }

    /// Adds the event of the act and its audit entry, which has the event's kind, and makes everything permanent.
    pub(crate) async fn finish(
        mut self,
        app: &Application,
        by: &Requester,
        event: EventDraft,
        changes: Vec<FieldChange>,
    ) -> Result<(), ActError> {
        let object = Object { kind: event.aggregate.kind.clone(), id: event.aggregate.id.to_string() };
        let entry = AuditDraft { act: event.kind.clone(), ..app.entry(by, "", object, changes) };
        self.transaction.add_event(event).await?;
        self.transaction.audit(entry).await?;
        Ok(self.transaction.commit().await?)
    }
}

/// A list or an object, as the audit trail shows it.
pub(crate) fn as_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// An id that may be missing, as the audit trail shows it.
pub(crate) fn id_or_none(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}
