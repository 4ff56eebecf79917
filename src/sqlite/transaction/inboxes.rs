use async_trait::async_trait;
use frontdesk_domain::{Inbox, InboxId, TenantId};
use frontdesk_ports::{InboxWrites, StoreError, Versioned};
use frontdesk_storage::rows;

use super::SqliteTransaction;
use crate::{
    directory::InboxRow,
    error::{store_error, taken_or},
};

#[async_trait]
impl InboxWrites for SqliteTransaction {
    async fn inbox(&mut self, tenant: TenantId, id: InboxId) -> Result<Option<Versioned<Inbox>>, StoreError> {
        let find = sqlx::query!(
            r#"select inbox_id as "inbox_id: uuid::Uuid", tenant_id as "tenant_id: uuid::Uuid", kind,
                 active as "active: bool", name, greeting, origins, created_at_ms, version
             from inboxes where tenant_id = $1 and inbox_id = $2"#,
            tenant.0,
            id.0
        );
        let found = find.fetch_optional(&mut *self.inner).await.map_err(store_error)?;
        let inbox = found.map(|row| {
            let inbox = InboxRow {
                inbox_id: row.inbox_id,
                tenant_id: row.tenant_id,
                kind: row.kind,
                active: row.active,
                name: row.name,
                greeting: row.greeting,
                origins: row.origins,
                created_at_ms: row.created_at_ms,
            };
            Ok(Versioned { value: inbox.into_inbox()?, version: rows::from_version(row.version)? })
        });
        inbox.transpose()
    }

    async fn inbox_count(&mut self, tenant: TenantId) -> Result<u64, StoreError> {
        let count = sqlx::query_file_scalar!("../storage/statements/inboxes/count.sql", tenant.0);
        rows::number(count.fetch_one(&mut *self.inner).await.map_err(store_error)?)
    }

    async fn insert_inbox(&mut self, inbox: &Inbox) -> Result<(), StoreError> {
        let (name, greeting) = (rows::without_nul(&inbox.name), rows::without_nul(&inbox.greeting));
        let (kind, origins) = (inbox.kind.as_str(), rows::to_json(&inbox.origins));
        let insert = sqlx::query_file!(
            "../storage/statements/inboxes/insert.sql",
            inbox.id.0,
            inbox.tenant.0,
            kind,
            inbox.active,
            name,
            greeting,
            origins,
            inbox.created_at.0
        );
        let taken = taken_or("this inbox id");
        insert.execute(&mut *self.inner).await.map_err(taken)?;
        Ok(())
    }

    async fn update_inbox(&mut self, inbox: &Inbox, expected: u64) -> Result<u64, StoreError> {
        let (name, greeting) = (rows::without_nul(&inbox.name), rows::without_nul(&inbox.greeting));
        let (origins, expected) = (rows::to_json(&inbox.origins), rows::to_version(expected));
        let update = sqlx::query_file!(
            "../storage/statements/inboxes/update.sql",
            inbox.tenant.0,
            inbox.id.0,
            inbox.active,
            name,
            greeting,
            origins,
            expected
        );
        let updated = update.fetch_optional(&mut *self.inner).await.map_err(store_error)?;
        rows::from_version(updated.ok_or(StoreError::Conflict)?.version)
    }
}
