//! Entries of the audit trail, as owners see them.

use frontdesk_application::audit::ChainReport;
use frontdesk_domain::{
    AuditEntry,
    audit::{ChainFault, FieldChange},
};
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
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SubjectView {
    /// Such as `agent`, `operator`, `inbox` or `login`.
    #[schema(example = "agent")]
    pub(super) kind: String,
    /// Its id or name; may be empty.
    pub(super) id: String,
}

/// One field that changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldChangeView {
    /// Name of the field.
    #[schema(example = "role")]
    field: String,
    /// Its value before; null when there was none or it is secret.
    #[schema(example = "owner")]
    before: Option<String>,
    /// Its value now; null when there is none or it is secret.
    #[schema(example = "agent")]
    after: Option<String>,
}

/// Whether the audit trail still is what was written.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChainView {
    /// The number of the last entry that was written; 0 when there is none.
    head: u64,
    /// Its hash, in hexadecimal digits. Kept elsewhere, it shows later whether the end of the trail was cut off.
    hash: String,
    /// How many entries there are.
    entries: u64,
    /// Every entry up to this number is what was written.
    verified_up_to: u64,
    /// How many faults were found.
    faults: usize,
    /// The first of them; null when there is none.
    first_fault: Option<ChainFaultView>,
}

/// Why an audit trail is not what was written.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChainFaultView {
    /// `altered`, `missing`, `detached`, `cut` or `wrong_head`; newer versions add kinds.
    #[schema(example = "altered")]
    kind: &'static str,
    /// The first entry that it concerns.
    number: u64,
    /// What was found, in English.
    detail: String,
}

impl From<ChainReport> for ChainView {
    fn from(report: ChainReport) -> Self {
        Self {
            head: report.head.number,
            hash: hex(&report.head.hash),
            entries: report.entries,
            verified_up_to: report.verified_up_to,
            faults: report.faults.len(),
            first_fault: report.faults.first().map(ChainFaultView::of),
        }
    }
}

impl ChainFaultView {
    fn of(fault: &ChainFault) -> Self {
        Self { kind: fault.kind(), number: fault.number(), detail: fault.to_string() }
    }
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
            hash: hex(&entry.hash),
        }
    }
}

fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use frontdesk_domain::{TenantId, audit::ChainHead};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_first_fault_of_a_chain_is_shown_with_its_place() {
        let report = ChainReport {
            tenant: TenantId(Uuid::nil()),
            head: ChainHead { number: 9, hash: [0xab; 32] },
            entries: 7,
            verified_up_to: 3,
            faults: vec![ChainFault::Missing { from: 4, to: 5 }, ChainFault::Altered { number: 8 }],
        };
        let shown = serde_json::to_value(ChainView::from(report)).unwrap();
        let expected = json!({
            "head": 9, "hash": "ab".repeat(32), "entries": 7, "verified_up_to": 3, "faults": 2,
            "first_fault": { "kind": "missing", "number": 4, "detail": "audit entries 4 to 5 are missing" },
        });
        assert_eq!(shown, expected);
    }
}
