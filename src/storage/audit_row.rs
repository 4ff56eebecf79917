//! An audit entry as a flat row: the same columns in every database.

use frontdesk_domain::{
    AuditDraft, AuditEntry, TenantId, Timestamp,
    audit::{Actor, AuditHash, ChainHead, FieldChange, Object},
};
use uuid::Uuid;

use frontdesk_ports::{PageRequest, StoreError};

use crate::rows;

/// The columns of an audit entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// [`AuditDraft::tenant`].
    pub tenant_id: Uuid,
    /// [`AuditEntry::number`].
    pub number: i64,
    /// [`AuditDraft::at`].
    pub at_ms: i64,
    /// [`Actor::kind`].
    pub actor_kind: String,
    /// [`Actor::id`].
    pub actor_id: String,
    /// [`AuditDraft::act`].
    pub act: String,
    /// [`Object::kind`].
    pub object_kind: String,
    /// [`Object::id`].
    pub object_id: String,
    /// [`AuditDraft::changes`] as JSON.
    pub changes: String,
    /// [`AuditEntry::previous`].
    pub previous: Vec<u8>,
    /// [`AuditEntry::hash`].
    pub hash: Vec<u8>,
}

impl AuditRow {
    /// The row of `entry`.
    #[must_use]
    pub fn of(entry: &AuditEntry) -> Self {
        let draft = &entry.draft;
        Self {
            tenant_id: draft.tenant.0,
            number: number_column(entry.number),
            at_ms: draft.at.0,
            actor_kind: draft.actor.kind.to_string(),
            actor_id: draft.actor.id.clone(),
            act: draft.act.to_string(),
            object_kind: draft.object.kind.to_string(),
            object_id: draft.object.id.clone(),
            changes: rows::to_json(&draft.changes),
            previous: entry.previous.to_vec(),
            hash: entry.hash.to_vec(),
        }
    }

    /// The entry of this row. Says nothing of whether it still is what was written:
    /// [`ChainCheck`](frontdesk_domain::audit::ChainCheck) does.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a column is not of its form.
    pub fn into_entry(self) -> Result<AuditEntry, StoreError> {
        let draft = AuditDraft {
            tenant: TenantId(self.tenant_id),
            at: Timestamp(self.at_ms),
            actor: Actor { kind: self.actor_kind.into(), id: self.actor_id },
            act: self.act.into(),
            object: Object { kind: self.object_kind.into(), id: self.object_id },
            changes: rows::from_json::<Vec<FieldChange>>(&self.changes)?,
        };
        let number = u64::try_from(self.number).map_err(rows::corrupt)?;
        Ok(AuditEntry { number, draft, previous: hash(self.previous)?, hash: hash(self.hash)? })
    }
}

/// The head of a chain from its columns.
///
/// # Errors
/// [`StoreError::Corrupt`] when a column is not of its form.
pub fn head(number: i64, bytes: Vec<u8>) -> Result<ChainHead, StoreError> {
    Ok(ChainHead { number: u64::try_from(number).map_err(rows::corrupt)?, hash: hash(bytes)? })
}

/// A number of an entry as a column.
#[must_use]
pub fn number_column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Below which number a page of the newest entries begins. A cursor is the number of the last entry of the page before.
///
/// # Errors
/// [`StoreError::BadCursor`] for a text that is no such number, or spelt in another way.
pub fn page_below(page: &PageRequest) -> Result<i64, StoreError> {
    let Some(cursor) = page.cursor.as_deref() else { return Ok(i64::MAX) };
    let number: i64 = cursor.parse().map_err(|_| StoreError::BadCursor)?;
    if number > 0 && number.to_string() == cursor { Ok(number) } else { Err(StoreError::BadCursor) }
}

fn hash(bytes: Vec<u8>) -> Result<AuditHash, StoreError> {
    bytes.try_into().map_err(|_| rows::corrupt("the hash of an audit entry has 32 bytes"))
}
