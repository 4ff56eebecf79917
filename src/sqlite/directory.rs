//! The directory port; one file for each of its nouns.

mod agents;
mod contacts;
mod inboxes;
mod logins;
mod tenants;

use async_trait::async_trait;
use frontdesk_domain::{Agent, AgentId, Contact, ContactId, Inbox, InboxId, LoginId, Tenant, TenantId, Timestamp};
use frontdesk_ports::{Directory, Login, Page, PageRequest, PasswordHash, Rotation, StoreError};

pub(crate) use agents::AgentRow;
pub(crate) use inboxes::InboxRow;

use crate::SqliteStore;

#[async_trait]
impl Directory for SqliteStore {
    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        tenants::put(self, tenant).await
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        tenants::all(self.readers()).await
    }

    async fn put_inbox(&self, inbox: &Inbox) -> Result<(), StoreError> {
        inboxes::put(self, inbox).await
    }

    async fn inbox(&self, id: InboxId) -> Result<Option<Inbox>, StoreError> {
        inboxes::one(self.readers(), id).await
    }

    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError> {
        inboxes::of(self.readers(), tenant).await
    }

    async fn put_agent(&self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError> {
        agents::put(self, agent, password).await
    }

    async fn agent(&self, tenant: TenantId, id: AgentId) -> Result<Option<Agent>, StoreError> {
        agents::one(self.readers(), tenant, id).await
    }

    async fn agent_by_email(&self, email: &str) -> Result<Option<(Agent, PasswordHash)>, StoreError> {
        agents::by_email(self.readers(), email).await
    }

    async fn agents(&self, tenant: TenantId) -> Result<Vec<Agent>, StoreError> {
        agents::of(self.readers(), tenant).await
    }

    async fn put_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        contacts::put(self, contact).await
    }

    async fn contact(&self, tenant: TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        contacts::one(self.readers(), tenant, id).await
    }

    async fn contact_at(&self, address: &str, newcomer: &Contact) -> Result<Contact, StoreError> {
        contacts::at(self, address, newcomer).await
    }

    async fn contacts(
        &self,
        tenant: TenantId,
        text: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Contact>, StoreError> {
        contacts::page(self.readers(), tenant, text, page).await
    }

    async fn begin_login(&self, login: &Login) -> Result<(), StoreError> {
        logins::begin(self, login).await
    }

    async fn rotate_login(
        &self,
        id: LoginId,
        presented: [u8; 32],
        next: [u8; 32],
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        logins::rotate(self, id, |record| record.rotate(presented, next, now, expires_at)).await
    }

    async fn revoke_login(&self, tenant: TenantId, id: LoginId) -> Result<(), StoreError> {
        logins::revoke(self, tenant, id).await
    }

    async fn live_logins(&self, ids: &[LoginId], now: Timestamp) -> Result<Vec<(LoginId, Agent)>, StoreError> {
        logins::live(self.readers(), ids, now).await
    }
}
