use async_trait::async_trait;
use frontdesk_domain::{Contact, ContactId, TenantId};
use frontdesk_ports::{Contacts, Page, PageRequest, StoreError};
use frontdesk_storage::{ListCursor, rows};

use crate::store::{MemoryStore, page_of};

#[async_trait]
impl Contacts for MemoryStore {
    async fn put_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        self.directory(|directory| {
            directory.contacts.insert((contact.tenant, contact.id), contact.clone());
            Ok(())
        })
    }

    async fn contact(&self, tenant: TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.directory(|directory| Ok(directory.contacts.get(&(tenant, id)).cloned()))
    }

    async fn contact_at(&self, address: &str, newcomer: &Contact) -> Result<Contact, StoreError> {
        let _turn = self.turn().await;
        let Contact { tenant, inbox, id, .. } = *newcomer;
        self.directory(|directory| {
            let is_identity = |address: &str| address.starts_with(Contact::IDENTITY_PREFIX);
            let has_another = directory.addresses.iter().any(|((of, _, known), contact)| {
                *of == tenant && *contact == id && is_identity(known) && known != address
            });
            if is_identity(address)
                && has_another
                && !directory.addresses.contains_key(&(tenant, inbox, address.to_owned()))
            {
                return Err(StoreError::Taken("the identity of this contact"));
            }
            let id = *directory.addresses.entry((tenant, inbox, address.to_owned())).or_insert(id);
            let contact = directory.contacts.entry((tenant, id)).or_insert_with(|| Contact { id, ..newcomer.clone() });
            Ok(contact.clone())
        })
    }

    async fn contacts(
        &self,
        tenant: TenantId,
        text: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<Contact>, StoreError> {
        let wanted = rows::searchable(text.unwrap_or_default());
        self.directory(|directory| {
            let theirs = directory.contacts.values().filter(|contact| contact.tenant == tenant);
            let found = theirs.filter(|contact| rows::contact_search(contact).contains(&wanted));
            page_of(found.cloned().collect(), page, |contact| ListCursor { at: contact.created_at, id: contact.id.0 })
        })
    }
}
