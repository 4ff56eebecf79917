use async_trait::async_trait;
use frontdesk_domain::{Contact, ContactId, InboxId, TenantId, Timestamp};
use frontdesk_ports::{Contacts, Page, PageRequest, StoreError};
use frontdesk_storage::{ListCursor, rows};
use sqlx::SqlitePool;
use uuid::Uuid;

use crate::{
    SqliteStore,
    error::{store_error, taken_or},
};

struct ContactRow {
    tenant_id: Uuid,
    contact_id: Uuid,
    inbox_id: Uuid,
    name: String,
    email: String,
    created_at_ms: i64,
}

impl From<ContactRow> for Contact {
    fn from(row: ContactRow) -> Self {
        Self {
            id: ContactId(row.contact_id),
            tenant: TenantId(row.tenant_id),
            inbox: InboxId(row.inbox_id),
            name: row.name,
            email: row.email,
            created_at: Timestamp(row.created_at_ms),
        }
    }
}

#[async_trait]
impl Contacts for SqliteStore {
    async fn put_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        let (name, email) = (rows::without_nul(&contact.name), rows::without_nul(&contact.email));
        let search = rows::contact_search(contact);
        let put = sqlx::query_file!(
            "../storage/statements/contacts/put.sql",
            contact.tenant.0,
            contact.id.0,
            contact.inbox.0,
            name,
            email,
            search,
            contact.created_at.0
        );
        put.execute(self.writer()).await.map_err(store_error)?;
        Ok(())
    }

    async fn contact(&self, tenant: TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        let found = sqlx::query_file_as!(ContactRow, "../storage/statements/contacts/by_id.sql", tenant.0, id.0)
            .fetch_optional(self.readers())
            .await;
        Ok(found.map_err(store_error)?.map(Contact::from))
    }

    /// Reads first: nearly always the contact exists. When several writers meet a new address at once, the row of the
    /// address decides.
    async fn contact_at(&self, address: &str, newcomer: &Contact) -> Result<Contact, StoreError> {
        let pool = self.readers();
        if let Some(known) = writing_from(pool, address, newcomer).await? {
            return Ok(known);
        }
        let (name, email) = (rows::without_nul(&newcomer.name), rows::without_nul(&newcomer.email));
        let search = rows::contact_search(newcomer);
        let mut transaction = self.write().await?;
        let keep = sqlx::query_file!(
            "../storage/statements/contacts/keep_address.sql",
            newcomer.tenant.0,
            newcomer.inbox.0,
            address,
            newcomer.id.0
        );
        keep.execute(&mut *transaction).await.map_err(taken_or("the identity of this contact"))?;
        let put = sqlx::query_file!(
            "../storage/statements/contacts/insert_at_address.sql",
            newcomer.tenant.0,
            newcomer.inbox.0,
            address,
            name,
            email,
            search,
            newcomer.created_at.0
        );
        put.execute(&mut *transaction).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        let met = writing_from(pool, address, newcomer).await?;
        met.ok_or_else(|| StoreError::Unavailable("a contact was removed as soon as it was made".into()))
    }

    async fn contacts(
        &self,
        tenant: TenantId,
        text: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Contact>, StoreError> {
        let start = ListCursor::resume(page.cursor.as_deref())?;
        let text = rows::searchable(text.unwrap_or_default());
        let limit = i64::try_from(page.rows() + 1).unwrap_or(i64::MAX);
        // `instr` knows no patterns.
        let found = sqlx::query_as!(
            ContactRow,
            r#"select tenant_id as "tenant_id: uuid::Uuid", contact_id as "contact_id: uuid::Uuid",
                   inbox_id as "inbox_id: uuid::Uuid", name, email, created_at_ms
               from contacts
               where tenant_id = ? and (created_at_ms, contact_id) < (?, ?) and instr(search, ?) > 0
               order by created_at_ms desc, contact_id desc limit ?"#,
            tenant.0,
            start.at.0,
            start.id,
            text,
            limit
        );
        let found = found.fetch_all(self.readers()).await.map_err(store_error)?.into_iter().map(Contact::from);
        Ok(Page::cut(found.collect(), page, |contact| ListCursor { at: contact.created_at, id: contact.id.0 }))
    }
}

/// Who writes from `address` in the inbox of `newcomer`.
async fn writing_from(pool: &SqlitePool, address: &str, newcomer: &Contact) -> Result<Option<Contact>, StoreError> {
    let found = sqlx::query_file_as!(
        ContactRow,
        "../storage/statements/contacts/at_address.sql",
        newcomer.tenant.0,
        newcomer.inbox.0,
        address
    );
    Ok(found.fetch_optional(pool).await.map_err(store_error)?.map(Contact::from))
}
