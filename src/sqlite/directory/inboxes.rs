use async_trait::async_trait;
use frontdesk_domain::{Inbox, InboxId, InboxKind, TenantId, Timestamp};
use frontdesk_ports::{Inboxes, StoreError};
use frontdesk_storage::rows;
use sqlx::SqlitePool;
use uuid::Uuid;

use crate::{SqliteStore, error::store_error};

pub(crate) struct InboxRow {
    pub(crate) inbox_id: Uuid,
    pub(crate) tenant_id: Uuid,
    pub(crate) kind: String,
    pub(crate) active: bool,
    pub(crate) name: String,
    pub(crate) greeting: String,
    pub(crate) origins: String,
    pub(crate) created_at_ms: i64,
}

impl InboxRow {
    pub(crate) fn into_inbox(self) -> Result<Inbox, StoreError> {
        Ok(Inbox {
            id: InboxId(self.inbox_id),
            tenant: TenantId(self.tenant_id),
            kind: InboxKind::new(&self.kind).map_err(rows::corrupt)?,
            active: self.active,
            name: self.name,
            greeting: self.greeting,
            origins: rows::from_json(&self.origins)?,
            created_at: Timestamp(self.created_at_ms),
        })
    }
}

async fn put(store: &SqliteStore, inbox: &Inbox) -> Result<(), StoreError> {
    let (name, greeting) = (rows::without_nul(&inbox.name), rows::without_nul(&inbox.greeting));
    let (kind, origins) = (inbox.kind.as_str(), rows::to_json(&inbox.origins));
    let put = sqlx::query_file!(
        "../storage/statements/inboxes/put.sql",
        inbox.id.0,
        inbox.tenant.0,
        kind,
        inbox.active,
        name,
        greeting,
        origins,
        inbox.created_at.0
    );
    let put = put.execute(store.writer()).await.map_err(store_error)?;
    // Nothing was written: the row that is there is another tenant's.
    if put.rows_affected() == 0 { Err(StoreError::Taken("this inbox id")) } else { Ok(()) }
}

async fn one(pool: &SqlitePool, id: InboxId) -> Result<Option<Inbox>, StoreError> {
    let found = sqlx::query_file_as!(InboxRow, "../storage/statements/inboxes/by_id.sql", id.0)
        .fetch_optional(pool)
        .await
        .map_err(store_error)?;
    found.map(InboxRow::into_inbox).transpose()
}

async fn of(pool: &SqlitePool, tenant: TenantId) -> Result<Vec<Inbox>, StoreError> {
    let found =
        sqlx::query_file_as!(InboxRow, "../storage/statements/inboxes/of_tenant.sql", tenant.0).fetch_all(pool).await;
    found.map_err(store_error)?.into_iter().map(InboxRow::into_inbox).collect()
}

#[async_trait]
impl Inboxes for SqliteStore {
    async fn put_inbox(&self, inbox: &Inbox) -> Result<(), StoreError> {
        put(self, inbox).await
    }

    async fn inbox(&self, id: InboxId) -> Result<Option<Inbox>, StoreError> {
        one(self.readers(), id).await
    }

    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError> {
        of(self.readers(), tenant).await
    }
}
