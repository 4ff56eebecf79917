use async_trait::async_trait;
use frontdesk_domain::{AuditDraft, AuditEntry, audit::CHAIN_START};
use frontdesk_ports::{AuditWrites, StoreError};
use frontdesk_storage::audit_row::{self, AuditRow};
use sqlx::PgConnection;

use super::PostgresTransaction;
use crate::{connect::answered, error::store_error};

#[async_trait]
impl AuditWrites for PostgresTransaction {
    async fn audit(&mut self, draft: AuditDraft) -> Result<AuditEntry, StoreError> {
        answered(append(&mut self.inner, draft)).await
    }
}

async fn append(connection: &mut PgConnection, draft: AuditDraft) -> Result<AuditEntry, StoreError> {
    // The row of the head is locked until the transaction ends, so that no other transaction takes the same number.
    let head = sqlx::query_file!("../storage/statements/audit/head.sql", draft.tenant.0, &CHAIN_START[..]);
    let head = head.fetch_one(&mut *connection).await.map_err(store_error)?;
    let entry = audit_row::head(head.number, head.hash)?.append(draft);
    let row = AuditRow::of(&entry);
    let insert = sqlx::query_file!(
        "../storage/statements/audit/insert.sql",
        row.tenant_id,
        row.number,
        row.at_ms,
        row.actor_kind,
        row.actor_id,
        row.act,
        row.object_kind,
        row.object_id,
        row.changes,
        row.previous,
        row.hash
    );
    insert.execute(&mut *connection).await.map_err(store_error)?;
    let advance =
        sqlx::query_file!("../storage/statements/audit/advance_head.sql", row.tenant_id, row.number, row.hash);
    advance.execute(&mut *connection).await.map_err(store_error)?;
    Ok(entry)
}
