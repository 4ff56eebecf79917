//! Contacts: people who write to an inbox. They make themselves known, so none of it is audited; it writes one row,
//! outside of a transaction.

use frontdesk_domain::Contact;
use frontdesk_ports::{Contacts, StoreError};

/// Makes a contact who came by the widget.
///
/// # Errors
/// [`StoreError`].
pub async fn introduce(contacts: &dyn Contacts, contact: &Contact) -> Result<(), StoreError> {
    contacts.put_contact(contact).await
}

/// The contact who writes from `address` in the inbox of `newcomer`, made if there is none. Name and e-mail address are
/// filled in from `newcomer` when they were empty before.
///
/// # Errors
/// [`StoreError`].
pub async fn meet(contacts: &dyn Contacts, address: &str, newcomer: Contact) -> Result<Contact, StoreError> {
    let contact = contacts.contact_at(address, &newcomer).await?;
    complete(contacts, contact, newcomer.name, newcomer.email).await
}

/// Fills in the name and the e-mail address of a contact where they were empty before.
///
/// # Errors
/// [`StoreError`].
pub async fn complete(
    contacts: &dyn Contacts,
    contact: Contact,
    name: String,
    email: String,
) -> Result<Contact, StoreError> {
    fill(contacts, contact, [name, email], |held, _| held.is_empty()).await
}

/// The contact whom the site of an inbox proved to be `identity`, its id there, in the inbox of `newcomer`. A visitor
/// who was `anonymous` until now becomes that person, unless the person is another contact already, or `anonymous` is
/// another person.
///
/// # Errors
/// [`StoreError`].
pub async fn identify(
    contacts: &dyn Contacts,
    identity: &str,
    anonymous: Option<&Contact>,
    newcomer: &Contact,
) -> Result<Contact, StoreError> {
    let address = format!("{}{identity}", Contact::IDENTITY_PREFIX);
    if let Some(anonymous) = anonymous {
        match contacts.contact_at(&address, anonymous).await {
            Err(StoreError::Taken(_)) => {}
            met => return met,
        }
    }
    contacts.contact_at(&address, newcomer).await
}

/// Writes what a site proved of a contact over what was known; what is empty stays as it was.
///
/// # Errors
/// [`StoreError`].
pub async fn correct(
    contacts: &dyn Contacts,
    contact: Contact,
    name: String,
    email: String,
) -> Result<Contact, StoreError> {
    fill(contacts, contact, [name, email], |_, given| !given.is_empty()).await
}

/// Gives a contact the name and the address for which `replaces(held, given)`, and stores it if that changes anything.
async fn fill(
    contacts: &dyn Contacts,
    mut contact: Contact,
    [name, email]: [String; 2],
    replaces: fn(&str, &str) -> bool,
) -> Result<Contact, StoreError> {
    let was = contact.clone();
    for (held, given) in [(&mut contact.name, name), (&mut contact.email, email)] {
        if replaces(held, &given) {
            *held = given;
        }
    }
    if contact != was {
        contacts.put_contact(&contact).await?;
    }
    Ok(contact)
}
