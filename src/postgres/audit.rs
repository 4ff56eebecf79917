//! Reading the audit trail.

use async_trait::async_trait;
use frontdesk_domain::{AuditEntry, TenantId, audit::ChainHead};
use frontdesk_ports::{AuditFilter, AuditTrail, Page, PageRequest, StoreError};
use frontdesk_storage::audit_row::{self, AuditRow};
use sqlx::PgPool;

use crate::{PostgresStore, connect::answered, error::store_error};

#[async_trait]
impl AuditTrail for PostgresStore {
    async fn audit_entries(
        &self,
        tenant: TenantId,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        answered(entries(self.pool(), tenant, filter, page)).await
    }

    async fn audit_chain(&self, tenant: TenantId, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        answered(chain(self.pool(), tenant, after, limit)).await
    }

    async fn audit_heads(&self) -> Result<Vec<(TenantId, ChainHead)>, StoreError> {
        answered(heads(self.pool())).await
    }
}

async fn entries(
    pool: &PgPool,
    tenant: TenantId,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditEntry>, StoreError> {
    let below = audit_row::page_below(page)?;
    let limit = i64::try_from(page.rows() + 1).unwrap_or(i64::MAX);
    let (actor_kind, actor_id) = filter.actor.as_ref().map(|(kind, id)| (kind.as_str(), id.as_str())).unzip();
    let found = sqlx::query_as!(
        AuditRow,
        "select tenant_id, number, at_ms, actor_kind, actor_id, act, object_kind, object_id, changes, previous, hash
         from audit
         where tenant_id = $1 and number < $2
             and ($3::text is null or actor_kind = $3) and ($4::text is null or actor_id = $4)
             and ($5::text is null or act = $5) and ($6::text is null or object_kind = $6)
             and ($7::text is null or object_id = $7)
             and ($8::bigint is null or at_ms >= $8) and ($9::bigint is null or at_ms < $9)
         order by number desc limit $10",
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

async fn chain(pool: &PgPool, tenant: TenantId, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
    let found = sqlx::query_as!(
        AuditRow,
        "select tenant_id, number, at_ms, actor_kind, actor_id, act, object_kind, object_id, changes, previous, hash
         from audit where tenant_id = $1 and number > $2 order by number limit $3",
        tenant.0,
        audit_row::number_column(after),
        i64::from(limit)
    );
    found.fetch_all(pool).await.map_err(store_error)?.into_iter().map(AuditRow::into_entry).collect()
}

async fn heads(pool: &PgPool) -> Result<Vec<(TenantId, ChainHead)>, StoreError> {
    let found = sqlx::query!("select tenant_id, number, hash from audit_heads order by tenant_id");
    let found = found.fetch_all(pool).await.map_err(store_error)?;
    found.into_iter().map(|row| Ok((TenantId(row.tenant_id), audit_row::head(row.number, row.hash)?))).collect()
}
