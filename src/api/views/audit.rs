//! Entries of the audit trail, as owners see them.

use frontdesk_domain::{AuditEntry, audit::FieldChange};
use serde::Serialize;
use utoipa::ToSchema;

/// One entry of the audit trail.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntryView {
    /// Its place in the tenant's trail: 1, 2, 3 ... without a gap.
    number: u64,
    /// When it happened (UTC milliseconds).
    at: i64,
    /// Who did it.
    actor: SubjectView,
    /// What was done.
    #[schema(example = "agent.changed")]
    act: String,
    /// What it was done to.
    object: SubjectView,
    /// The fields that changed. Secrets are named without their values.
    changes: Vec<FieldChangeView>,
    /// SHA-256 of this entry and the hash before it, in hexadecimal digits.
    hash: String,
}

/// A kind, and which one of that kind. Newer versions add kinds.
#[derive(Serialize, ToSchema)]
pub(crate) struct SubjectView {
    /// Such as `agent`, `operator`, `inbox` or `login`.
    #[schema(example = "agent")]
    kind: String,
    /// Its id or name; may be empty.
    id: String,
}

/// One field that changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldChangeView {
    /// Its name.
    #[schema(example = "role")]
    field: String,
    /// Its value before; null when there was none or it is secret.
    #[schema(example = "owner")]
    before: Option<String>,
    /// Its value now; null when there is none or it is secret.
    #[schema(example = "agent")]
    after: Option<String>,
}

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        let draft = entry.draft;
        let field = |FieldChange { field, before, after }| FieldChangeView { field: field.into_owned(), before, after };
        Self {
            number: entry.number,
            at: draft.at.0,
            actor: SubjectView { kind: draft.actor.kind.into_owned(), id: draft.actor.id },
            act: draft.act.into_owned(),
            object: SubjectView { kind: draft.object.kind.into_owned(), id: draft.object.id },
            changes: draft.changes.into_iter().map(field).collect(),
            hash: entry.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}
