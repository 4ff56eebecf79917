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
    /// The tenant whose chain was read.
    pub tenant: TenantId,
    /// The last entry that was written. Kept elsewhere, it shows later whether the end was cut off together with the
    /// head.
    pub head: ChainHead,
    /// How many entries were read.
    pub entries: u64,
    /// The last entry before the first fault; without a fault, the last entry. 0 when not even the first one holds.
    pub verified_up_to: u64,
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

/// Checks the chain of the requester's tenant, from the first entry to the last. Reads the whole trail, so callers
/// bound how many checks run at a time.
///
/// # Errors
/// [`ActError::Forbidden`], or [`ActError::Store`].
pub async fn chain(trail: &dyn AuditTrail, by: &Requester) -> Result<ChainReport, ActError> {
    by.require(Permission::ReadAudit)?;
    let head = head_of(trail, by.tenant()).await?;
    Ok(check_one(trail, by.tenant(), head).await?)
}

/// Checks the chain of every tenant, from the first entry to the last. A tenant is known by the head of its chain or as
/// one of `tenants`, so that a chain whose head was deleted is noticed.
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

/// Entries that are added while the chain is read lie beyond the head that was read before. So when the end does not
/// fit, the head is read again: it was written together with the last entry, and cannot lie before one that was read
/// already.
async fn check_one(trail: &dyn AuditTrail, tenant: TenantId, head: ChainHead) -> Result<ChainReport, StoreError> {
    let mut report = ChainReport { tenant, head, entries: 0, verified_up_to: 0, faults: Vec::new() };
    let (mut check, mut last) = (ChainCheck::default(), 0);
    read(trail, &mut report, &mut check, &mut last, u64::MAX).await?;
    if check.finish(report.head).is_err() {
        report.head = head_of(trail, tenant).await?;
        let until = report.head.number;
        read(trail, &mut report, &mut check, &mut last, until).await?;
    }
    report.faults.extend(check.finish(report.head).err());
    report.verified_up_to = report.faults.first().map_or(last, |fault| fault.number().saturating_sub(1));
    Ok(report)
}

async fn head_of(trail: &dyn AuditTrail, tenant: TenantId) -> Result<ChainHead, StoreError> {
    let mut heads = trail.audit_heads().await?.into_iter();
    Ok(heads.find(|(other, _)| *other == tenant).map_or_else(ChainHead::default, |(_, head)| head))
}

/// Reads on from the entry after number `last` to number `until`, or to the end.
async fn read(
    trail: &dyn AuditTrail,
    report: &mut ChainReport,
    check: &mut ChainCheck,
    last: &mut u64,
    until: u64,
) -> Result<(), StoreError> {
    loop {
        let entries = trail.audit_chain(report.tenant, *last, AT_ONCE).await?;
        let mut wanted = entries.iter().take_while(|entry| entry.number <= until).peekable();
        if wanted.peek().is_none() {
            return Ok(());
        }
        for entry in wanted {
            *last = entry.number;
            report.entries += 1;
            report.faults.extend(check.take(entry).err());
        }
    }
}

/// Entries that are read with one statement.
const AT_ONCE: u32 = 1_000;
