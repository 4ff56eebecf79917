use frontdesk_domain::{Contact, ContactId, InboxId};
use futures_util::future::join_all;
use uuid::Uuid;

use super::{contact, some_tenant};
use crate::{directory::Directory, error::StoreError, page::PageRequest};

/// Whatever a later newcomer is called; changes of the contact show.
pub async fn who_writes_from_an_address_is_met_once(directory: &dyn Directory) {
    let kim = contact(some_tenant(), "Kim '김'", 5);
    let (address, later) = ("+44 20 '7946' 김", another(&kim, "another person"));
    assert_eq!(directory.contact_at(address, &kim).await.unwrap(), kim);
    assert_eq!(directory.contact_at(address, &later).await.unwrap(), kim);
    let renamed = Contact { name: "Kim Lee".to_owned(), ..kim.clone() };
    directory.put_contact(&renamed).await.unwrap();
    assert_eq!(directory.contact_at(address, &later).await.unwrap(), renamed);
    let all = directory.contacts(kim.tenant, None, &PageRequest::first(10)).await.unwrap();
    assert_eq!(all.items, [renamed], "no second contact was made");
}

/// A contact who was there before becomes the person of an identity, and of one only.
pub async fn a_contact_has_one_identity_at_most(directory: &dyn Directory) {
    let kim = contact(some_tenant(), "Kim", 5);
    directory.put_contact(&kim).await.unwrap();
    assert_eq!(directory.contact_at("identity:42", &kim).await.unwrap(), kim);
    assert_eq!(directory.contact_at("identity:42", &kim).await.unwrap(), kim);
    let second = directory.contact_at("identity:43", &kim).await;
    assert!(matches!(second, Err(StoreError::Taken(_))), "{second:?}");
    let lee = another(&kim, "Lee");
    assert_eq!(directory.contact_at("identity:43", &lee).await.unwrap(), lee);
    assert_eq!(directory.contact_at("identity:43", &kim).await.unwrap(), lee, "the identity of another contact");
    // Addresses of other kinds are as many as they are.
    assert_eq!(directory.contact_at("kim@x.example", &kim).await.unwrap(), kim);
    assert_eq!(directory.contact_at("+44 20 7946", &kim).await.unwrap(), kim);
}

/// The same text elsewhere is another person, and so is one that differs in upper and lower case.
pub async fn an_address_means_somebody_in_one_inbox_of_one_tenant_only(directory: &dyn Directory) {
    let kim = contact(some_tenant(), "Kim", 5);
    let elsewhere = [
        another(&kim, "in another inbox"),
        Contact { tenant: some_tenant(), inbox: kim.inbox, ..another(&kim, "of another tenant") },
    ];
    let elsewhere = elsewhere.map(|contact| match contact.tenant == kim.tenant {
        true => Contact { inbox: InboxId(Uuid::new_v4()), ..contact },
        false => contact,
    });
    directory.contact_at("kim", &kim).await.unwrap();
    for contact in &elsewhere {
        assert_eq!(directory.contact_at("kim", contact).await.unwrap(), *contact);
    }
    let capital = another(&kim, "capital");
    assert_eq!(directory.contact_at("KIM", &capital).await.unwrap(), capital);
    assert_eq!(directory.contact_at("kim", &capital).await.unwrap(), kim);
}

/// Two nodes may take messages of one person at once.
pub async fn of_many_who_meet_somebody_at_once_all_meet_the_same(directory: &dyn Directory) {
    let kim = contact(some_tenant(), "Kim", 5);
    let newcomers: Vec<_> = (0..8).map(|number| another(&kim, &number.to_string())).collect();
    let met = join_all(newcomers.iter().map(|newcomer| directory.contact_at("kim", newcomer))).await;
    let met: Vec<_> = met.into_iter().map(Result::unwrap).collect();
    assert!(met.iter().all(|contact| *contact == met[0]), "{met:?}");
    assert_eq!(directory.contact(kim.tenant, met[0].id).await.unwrap().as_ref(), Some(&met[0]));
    let all = directory.contacts(kim.tenant, None, &PageRequest::first(10)).await.unwrap();
    assert_eq!(all.items, met[..1]);
}

/// Another contact of the same inbox.
fn another(contact: &Contact, name: &str) -> Contact {
    Contact { id: ContactId(Uuid::new_v4()), name: name.to_owned(), ..contact.clone() }
}
