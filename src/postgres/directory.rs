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

use crate::{PostgresStore, connect::answered};

#[async_trait]
impl Directory for PostgresStore {
    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        answered(tenants::put(self.pool(), tenant)).await
    }

    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        answered(tenants::all(self.pool())).await
    }

    async fn put_inbox(&self, inbox: &Inbox) -> Result<(), StoreError> {
        answered(inboxes::put(self.pool(), inbox)).await
    }

    async fn inbox(&self, id: InboxId) -> Result<Option<Inbox>, StoreError> {
        answered(inboxes::one(self.pool(), id)).await
    }

    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError> {
        answered(inboxes::of(self.pool(), tenant)).await
    }

    async fn put_agent(&self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError> {
        answered(agents::put(self.pool(), agent, password)).await
    }

    async fn agent(&self, tenant: TenantId, id: AgentId) -> Result<Option<Agent>, StoreError> {
        answered(agents::one(self.pool(), tenant, id)).await
    }

    async fn agent_by_email(&self, email: &str) -> Result<Option<(Agent, PasswordHash)>, StoreError> {
        answered(agents::by_email(self.pool(), email)).await
    }

    async fn agents(&self, tenant: TenantId) -> Result<Vec<Agent>, StoreError> {
        answered(agents::of(self.pool(), tenant)).await
    }

    async fn put_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        answered(contacts::put(self.pool(), contact)).await
    }

    async fn contact(&self, tenant: TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        answered(contacts::one(self.pool(), tenant, id)).await
    }

    async fn contact_at(&self, address: &str, newcomer: &Contact) -> Result<Contact, StoreError> {
        answered(contacts::at(self, address, newcomer)).await
    }

    async fn contacts(
        &self,
        tenant: TenantId,
        text: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Contact>, StoreError> {
        answered(contacts::page(self.pool(), tenant, text, page)).await
    }

    async fn begin_login(&self, login: &Login) -> Result<(), StoreError> {
        answered(logins::begin(self.pool(), login)).await
    }

    async fn rotate_login(
        &self,
        id: LoginId,
        presented: [u8; 32],
        next: [u8; 32],
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError> {
        answered(logins::rotate(self, id, |record| record.rotate(presented, next, now, expires_at))).await
    }

    async fn revoke_login(&self, tenant: TenantId, id: LoginId) -> Result<(), StoreError> {
        answered(logins::revoke(self.pool(), tenant, id)).await
    }

    async fn live_logins(&self, ids: &[LoginId], now: Timestamp) -> Result<Vec<(LoginId, Agent)>, StoreError> {
        answered(logins::live(self.pool(), ids, now)).await
    }
}
