//! What is kept of each tenant's ledger.

use frontdesk_domain::{TenantId, Timestamp};
use frontdesk_ports::{IntegrityRecord, StoreError};
use frontdesk_storage::rows;
use sqlx::PgPool;

use crate::error::store_error;

/// See [`StoreInspector::integrity_record`](frontdesk_ports::StoreInspector::integrity_record).
pub(super) async fn of(pool: &PgPool, tenant: TenantId) -> Result<IntegrityRecord, StoreError> {
    let found = sqlx::query_file!("../storage/statements/ledgers/by_tenant.sql", tenant.0);
    let Some(row) = found.fetch_optional(pool).await.map_err(store_error)? else {
        return Ok(IntegrityRecord::default());
    };
    Ok(IntegrityRecord {
        repaired_entries: rows::number(row.repaired_entries)?,
        repaired_acknowledgements: rows::number(row.repaired_acknowledgements)?,
        repaired_at: row.repaired_at_ms.map(Timestamp),
        last_check: row.last_check,
    })
}

/// See [`StoreInspector::add_repairs`](frontdesk_ports::StoreInspector::add_repairs).
pub(super) async fn add_repairs(
    pool: &PgPool,
    tenant: TenantId,
    entries: u64,
    acknowledgements: u64,
    at: Timestamp,
) -> Result<(), StoreError> {
    let add = sqlx::query_file!(
        "../storage/statements/ledgers/add_repairs.sql",
        tenant.0,
        rows::column(entries),
        rows::column(acknowledgements),
        at.0
    );
    add.execute(pool).await.map_err(store_error)?;
    Ok(())
}

/// See [`StoreInspector::put_check`](frontdesk_ports::StoreInspector::put_check).
pub(super) async fn put_check(pool: &PgPool, tenant: TenantId, found: &str) -> Result<(), StoreError> {
    let put = sqlx::query_file!("../storage/statements/ledgers/put_check.sql", tenant.0, found);
    put.execute(pool).await.map_err(store_error)?;
    Ok(())
}
