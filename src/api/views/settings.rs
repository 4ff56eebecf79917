//! Documents of settings, their versions, and the values that hold.

use std::collections::BTreeMap;

use frontdesk_application::NewerVersion;
use frontdesk_domain::{
    SettingsScope, TenantId,
    audit::Actor,
    settings::{Effective, Source},
};
use frontdesk_ports::SettingsVersion;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::audit::SubjectView;

/// A version of what was set.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsVersionView {
    /// `tenant`, `inbox` or `team`.
    #[schema(example = "inbox")]
    scope: &'static str,
    /// The id of the tenant, inbox or team.
    id: Uuid,
    /// 1 for the first one, one more with each change; 0 when nothing was ever set.
    #[schema(example = 3)]
    version: u64,
    /// When it was written (UTC milliseconds); null when nothing was ever set.
    at: Option<i64>,
    /// Who wrote it; null when nothing was ever set.
    by: Option<SubjectView>,
    /// Sections with the fields that are set.
    #[schema(value_type = Object)]
    document: Value,
    /// The version whose content it repeats, when it was written to go back to that one.
    restored_from: Option<u64>,
}

/// The values that hold, and where each comes from.
#[derive(Serialize, ToSchema)]
pub(crate) struct EffectiveSettingsView {
    /// Every section with every field.
    #[schema(value_type = Object)]
    values: Value,
    /// By section and field: `default`, `tenant`, `inbox` or `team`.
    #[schema(value_type = Object, example = json!({ "widget": { "title": "tenant", "colour": "inbox" } }))]
    sources: BTreeMap<&'static str, BTreeMap<&'static str, Source>>,
}

/// What was written meanwhile.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NewerVersionView {
    /// The present version; 0 when nothing was ever set.
    version: u64,
    /// When it was written (UTC milliseconds).
    at: Option<i64>,
    /// Who wrote it.
    by: Option<SubjectView>,
}

impl SettingsVersionView {
    /// A version of a document of `tenant`.
    pub(crate) fn of(version: SettingsVersion, tenant: TenantId) -> Self {
        Self {
            scope: version.scope.kind().as_str(),
            id: version.scope.id(tenant),
            version: version.version,
            at: Some(version.at.0),
            by: Some(subject(version.actor)),
            document: version.document,
            restored_from: version.restored_from,
        }
    }

    /// What stands in place of a version when nothing was ever set.
    pub(crate) fn nothing_set(scope: SettingsScope, tenant: TenantId) -> Self {
        let (kind, id) = (scope.kind().as_str(), scope.id(tenant));
        let document = Value::Object(serde_json::Map::new());
        Self { scope: kind, id, version: 0, at: None, by: None, document, restored_from: None }
    }
}

impl EffectiveSettingsView {
    /// The view of these values.
    pub(crate) fn of(effective: &Effective) -> Self {
        let values = serde_json::to_value(&effective.settings).unwrap_or_default();
        Self { values, sources: effective.sources() }
    }
}

impl From<NewerVersion> for NewerVersionView {
    fn from(newer: NewerVersion) -> Self {
        Self { version: newer.version, at: newer.at.map(|at| at.0), by: newer.actor.map(subject) }
    }
}

fn subject(actor: Actor) -> SubjectView {
    SubjectView { kind: actor.kind.into_owned(), id: actor.id }
}
