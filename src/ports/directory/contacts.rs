//! Contacts.

use async_trait::async_trait;
use frontdesk_domain::{Contact, ContactId, TenantId};

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
};

/// The contacts of tenants.
#[async_trait]
pub trait Contacts: Send + Sync {
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

    /// The contact who writes from `address` in the inbox of `newcomer`; if there is none yet, that is `newcomer` from
    /// now on, who may be there already. Of several who are met there at once, all are given the same one.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Taken`] when `address` begins with [`Contact::IDENTITY_PREFIX`] and `newcomer` has
    /// another such address.
    async fn contact_at(&self, address: &str, newcomer: &Contact) -> Result<Contact, StoreError>;

    /// A tenant's contacts, the newest first (`created_at`, then id, both descending); with `text`, only those whose
    /// name or address contains it, taken literally but for upper and lower case.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn contacts(
        &self,
        tenant: TenantId,
        text: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Contact>, StoreError>;
}
