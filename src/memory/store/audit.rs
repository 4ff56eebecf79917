//! The audit trail of the database in memory.

use async_trait::async_trait;
use frontdesk_domain::{AuditEntry, TenantId, audit::ChainHead};

use frontdesk_ports::{
    audit::{AuditFilter, AuditTrail},
    error::StoreError,
    page::{Page, PageRequest},
};
use frontdesk_storage::audit_row;

use super::MemoryStore;

#[async_trait]
impl AuditTrail for MemoryStore {
    async fn audit_entries(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let below = audit_row::page_below(page)?;
        let state = self.state()?;
        let newest = state.audit.get(&tenant).into_iter().flatten().rev();
        let older = newest.filter(|entry| audit_row::number_column(entry.number) < below);
        let wanted = older.filter(|entry| wants(filter, entry)).take(page.rows() + 1);
        Ok(Page::cut(wanted.cloned().collect(), page, |entry| entry.number))
    }

    async fn audit_chain(&self, tenant: TenantId, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let state = self.state()?;
        let chain = state.audit.get(&tenant).into_iter().flatten().filter(|entry| entry.number > after);
        Ok(chain.take(limit as usize).cloned().collect())
    }

    async fn audit_heads(&self) -> Result<Vec<(TenantId, ChainHead)>, StoreError> {
        let state = self.state()?;
        let heads = state.audit.iter().filter_map(|(tenant, chain)| Some((*tenant, chain.last()?.head())));
        Ok(heads.collect())
    }
}

fn wants(filter: &AuditFilter, entry: &AuditEntry) -> bool {
    let draft = &entry.draft;
    let AuditFilter { actor, act, object_kind, object_id, since, until } = filter;
    actor.as_ref().is_none_or(|(kind, id)| *kind == draft.actor.kind && *id == draft.actor.id)
        && act.as_ref().is_none_or(|act| *act == draft.act)
        && object_kind.as_ref().is_none_or(|kind| *kind == draft.object.kind)
        && object_id.as_ref().is_none_or(|id| *id == draft.object.id)
        && since.is_none_or(|since| draft.at >= since)
        && until.is_none_or(|until| draft.at < until)
}
