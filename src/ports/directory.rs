//! Who and what there is: tenants, inboxes, agents, contacts, log-ins.

use async_trait::async_trait;
use frontdesk_domain::{Agent, AgentId, Contact, ContactId, Inbox, InboxId, LoginId, Tenant, TenantId, Timestamp};

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
    roles::Roles,
};

/// An argon2id hash in PHC form.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// One log-in of an agent, from password to log-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Its id; stands in every token of it.
    pub id: LoginId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Whose.
    pub agent: AgentId,
    /// SHA-256 of the refresh token that is good now.
    pub token_hash: [u8; 32],
    /// When it ends unless refreshed.
    pub expires_at: Timestamp,
    /// Whether it was ended.
    pub revoked: bool,
}

/// What became of a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It was good; the new one is good now.
    Rotated(Login),
    /// It was good once, and somebody used it again: the log-in was ended.
    Reused,
    /// Never good, ended or expired.
    Unknown,
}

/// Tenants, inboxes, agents, contacts, log-ins. Every look-up names the tenant, except those that begin with a public id.
#[async_trait]
pub trait Directory: Roles {
    /// Makes a tenant; one that is there already stays as it is.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn put_tenant(&self, tenant: &Tenant) -> Result<(), StoreError>;
    /// All tenants, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn tenants(&self) -> Result<Vec<Tenant>, StoreError>;

    /// Makes or changes an inbox; the tenant of one that is there never changes.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another tenant has an inbox with this id.
    async fn put_inbox(&self, inbox: &Inbox) -> Result<(), StoreError>;
    /// The inbox with this public id, of whatever tenant.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn inbox(&self, id: InboxId) -> Result<Option<Inbox>, StoreError>;
    /// A tenant's inboxes, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn inboxes(&self, tenant: TenantId) -> Result<Vec<Inbox>, StoreError>;

    /// Makes or changes an agent.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another agent has the e-mail address.
    async fn put_agent(&self, agent: &Agent, password: &PasswordHash) -> Result<(), StoreError>;
    /// One agent of a tenant.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn agent(&self, tenant: TenantId, id: AgentId) -> Result<Option<Agent>, StoreError>;
    /// The agent that logs in with this address (lower case), and its password's hash.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn agent_by_email(&self, email: &str) -> Result<Option<(Agent, PasswordHash)>, StoreError>;
    /// A tenant's agents, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn agents(&self, tenant: TenantId) -> Result<Vec<Agent>, StoreError>;

    /// Makes or changes a contact.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn put_contact(&self, contact: &Contact) -> Result<(), StoreError>;
    /// One contact of a tenant.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn contact(&self, tenant: TenantId, id: ContactId) -> Result<Option<Contact>, StoreError>;
    /// The contact who writes from `address` in the inbox of `newcomer`; when nobody did so before, that is `newcomer` from now
    /// on. Of several who are met there at once, all are given the same one.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn contact_at(&self, address: &str, newcomer: &Contact) -> Result<Contact, StoreError>;
    /// A tenant's contacts, the newest first (`created_at`, then id, both descending); with `text`, only those whose name or
    /// address contains it, taken literally but for upper and lower case.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn contacts(
        &self,
        tenant: TenantId,
        text: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Contact>, StoreError>;

    /// Begins a log-in.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when there is one with this id.
    async fn begin_login(&self, login: &Login) -> Result<(), StoreError>;
    /// Takes a refresh token (by its hash) in exchange for the next one. Of two at once, one wins. The hash before the
    /// current one is remembered, so that its second use is seen as [`Rotation::Reused`].
    ///
    /// # Errors
    /// [`StoreError`].
    async fn rotate_login(
        &self,
        id: LoginId,
        presented: [u8; 32],
        next: [u8; 32],
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Rotation, StoreError>;
    /// Ends a log-in.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn revoke_login(&self, tenant: TenantId, id: LoginId) -> Result<(), StoreError>;
    /// Of these log-ins, those that are neither ended nor expired at `now`, with an active agent: as (log-in, agent).
    ///
    /// # Errors
    /// [`StoreError`].
    async fn live_logins(&self, ids: &[LoginId], now: Timestamp) -> Result<Vec<(LoginId, Agent)>, StoreError>;
}
