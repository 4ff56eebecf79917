//! A version of a settings document as a flat row: the same columns in every database.

use frontdesk_domain::{SettingsScope, Timestamp, audit::Actor};
use frontdesk_ports::{SettingsVersion, StoreError};

use crate::rows;

/// The columns of a version, but for tenant and scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsRow {
    /// [`SettingsVersion::version`].
    pub version: i64,
    /// [`SettingsVersion::at`].
    pub at_ms: i64,
    /// [`Actor::kind`].
    pub actor_kind: String,
    /// [`Actor::id`].
    pub actor_id: String,
    /// [`SettingsVersion::document`] as JSON.
    pub document: String,
    /// [`SettingsVersion::restored_from`].
    pub restored_from: Option<i64>,
}

impl SettingsRow {
    /// The row of `version`.
    #[must_use]
    pub fn of(version: &SettingsVersion) -> Self {
        Self {
            version: rows::column(version.version),
            at_ms: version.at.0,
            actor_kind: version.actor.kind.to_string(),
            actor_id: version.actor.id.clone(),
            document: rows::to_json(&version.document),
            restored_from: version.restored_from.map(rows::column),
        }
    }

    /// The version of this row.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a column is not of its form.
    pub fn into_version(self, scope: SettingsScope) -> Result<SettingsVersion, StoreError> {
        Ok(SettingsVersion {
            scope,
            version: rows::number(self.version)?,
            at: Timestamp(self.at_ms),
            actor: Actor { kind: self.actor_kind.into(), id: self.actor_id },
            document: rows::from_json(&self.document)?,
            restored_from: self.restored_from.map(rows::number).transpose()?,
        })
    }
}
