//! Reading the audit trail, and checking that it still is what was written.

use frontdesk_domain::{
    AuditEntry, Permission, TenantId,
    audit::{ChainCheck, ChainFault, ChainHead},
};
use frontdesk_ports::{AuditFilter, AuditTrail, Page, PageRequest, StoreError};

use crate::{ActError, Requester};

/// What the check of one tenant's chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Whose chain.
    pub tenant: TenantId,
    /// The last entry that was written. Kept elsewhere, it shows later whether the end was cut off together with the head.
    pub head: ChainHead,
    /// How many entries were read.
    pub entries: u64,
    /// What is wrong; empty when the chain is as it was written.
    pub faults: Vec<ChainFault>,
}

/// Entries of the requester's tenant, the newest first.
///
/// # Errors
/// [`ActError::Forbidden`], or [`ActError::Store`] with [`StoreError::BadCursor`].
pub async fn list(
    trail: &dyn AuditTrail,
    by: &Requester,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditEntry>, ActError> {
    by.require(Permission::ReadAudit)?;
    Ok(trail.audit_entries(by.tenant(), filter, page).await?)
}

/// Checks the chain of every tenant, from the first entry to the last. A tenant is known by the head of its chain or as one of
/// `tenants`, so that a chain whose head was deleted is noticed.
///
/// # Errors
/// [`StoreError`], [`StoreError::Corrupt`] when a row cannot be read as an entry at all.
pub async fn check(trail: &dyn AuditTrail, tenants: &[TenantId]) -> Result<Vec<ChainReport>, StoreError> {
    let mut chains = trail.audit_heads().await?;
    for tenant in tenants {
        if !chains.iter().any(|(known, _)| known == tenant) {
            chains.push((*tenant, ChainHead::default()));
        }
    }
    let mut reports = Vec::with_capacity(chains.len());
    for (tenant, head) in chains {
        reports.push(check_one(trail, tenant, head).await?);
    }
    Ok(reports)
}

async fn check_one(trail: &dyn AuditTrail, tenant: TenantId, head: ChainHead) -> Result<ChainReport, StoreError> {
    let mut report = ChainReport { tenant, head, entries: 0, faults: Vec::new() };
    let (mut check, mut after) = (ChainCheck::default(), 0);
    loop {
        let entries = trail.audit_chain(tenant, after, AT_ONCE).await?;
        let Some(last) = entries.last() else { break };
        after = last.number;
        for entry in &entries {
            // What was added after the head was read is checked next time.
            if entry.number > head.number && head.number > 0 {
                return Ok(finish(report, &check));
            }
            report.entries += 1;
            report.faults.extend(check.take(entry).err());
        }
    }
    Ok(finish(report, &check))
}

fn finish(mut report: ChainReport, check: &ChainCheck) -> ChainReport {
    report.faults.extend(check.finish(report.head).err());
    report
}

/// Entries that are read with one statement.
const AT_ONCE: u32 = 1_000;
