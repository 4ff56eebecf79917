//! Reading the audit trail.

use async_trait::async_trait;
use frontdesk_domain::{AuditEntry, TenantId, audit::ChainHead};
use frontdesk_ports::{AuditFilter, AuditTrail, Page, PageRequest, StoreError};
use frontdesk_storage::audit_row::{self, AuditRow};
use sqlx::SqlitePool;

use crate::{SqliteStore, error::store_error};

#[async_trait]
impl AuditTrail for SqliteStore {
    async fn audit_entries(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        entries(self.readers(), tenant, filter, page).await
    }

    async fn audit_chain(&self, tenant: TenantId, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        chain(self.readers(), tenant, after, limit).await
    }

    async fn audit_heads(&self) -> Result<Vec<(TenantId, ChainHead)>, StoreError> {
        heads(self.readers()).await
    }
}

async fn entries(
    pool: &SqlitePool,
    tenant: TenantId,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditEntry>, StoreError> {
    let below = audit_row::page_below(page)?;
    let limit = i64::try_from(page.rows() + 1).unwrap_or(i64::MAX);
    let (actor_kind, actor_id) = filter.actor.as_ref().map(|(kind, id)| (kind.as_str(), id.as_str())).unzip();
    let found = sqlx::query_file_as!(
        AuditRow,
        "../storage/statements/audit/page.sql",
        tenant.0,
        below,
        actor_kind,
        actor_id,
        filter.act.as_deref(),
        filter.object_kind.as_deref(),
        filter.object_id.as_deref(),
        filter.since.map(|at| at.0),
        filter.until.map(|at| at.0),
        limit
    );
    let found = found.fetch_all(pool).await.map_err(store_error)?;
    let entries = found.into_iter().map(AuditRow::into_entry).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(entries, page, |entry| entry.number))
}

async fn chain(pool: &SqlitePool, tenant: TenantId, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
    let found = sqlx::query_file_as!(
        AuditRow,
        "../storage/statements/audit/chain.sql",
        tenant.0,
        audit_row::number_column(after),
        i64::from(limit)
    );
    found.fetch_all(pool).await.map_err(store_error)?.into_iter().map(AuditRow::into_entry).collect()
}

async fn heads(pool: &SqlitePool) -> Result<Vec<(TenantId, ChainHead)>, StoreError> {
    let found = sqlx::query_file!("../storage/statements/audit/heads.sql");
    let found = found.fetch_all(pool).await.map_err(store_error)?;
    found.into_iter().map(|row| Ok((TenantId(row.tenant_id), audit_row::head(row.number, row.hash)?))).collect()
}
