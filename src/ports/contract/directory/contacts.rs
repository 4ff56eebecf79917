use frontdesk_domain::{Contact, ContactId, InboxId, TenantId};
use uuid::Uuid;

use super::{contact, some_tenant};
use crate::{directory::Directory, error::StoreError, page::PageRequest};

/// Made, then changed.
pub async fn contacts_come_back_as_they_were_put(directory: &dyn Directory) {
    let mut kim = contact(some_tenant(), "", 5);
    assert_eq!(directory.contact(kim.tenant, kim.id).await.unwrap(), None);
    for (name, email) in [("", ""), ("Kim 'O\"Neil' 김", "Kim@Example.test")] {
        kim.name = name.to_owned();
        kim.email = email.to_owned();
        directory.put_contact(&kim).await.unwrap();
        assert_eq!(directory.contact(kim.tenant, kim.id).await.unwrap(), Some(kim.clone()));
    }
}

/// Not even one with the same id.
pub async fn contacts_of_another_tenant_are_not_there(directory: &dyn Directory) {
    let mine = contact(some_tenant(), "mine", 5);
    directory.put_contact(&mine).await.unwrap();
    let theirs = Contact { tenant: some_tenant(), name: "theirs".to_owned(), ..mine.clone() };
    assert_eq!(directory.contact(theirs.tenant, theirs.id).await.unwrap(), None);
    directory.put_contact(&theirs).await.unwrap();
    assert_eq!(directory.contact(mine.tenant, mine.id).await.unwrap(), Some(mine.clone()));
    assert_eq!(found(directory, mine.tenant, None).await, [mine.id]);
}

/// Each on one page, also where many share a moment.
pub async fn contacts_are_listed_from_the_newest_page_by_page(directory: &dyn Directory) {
    let (tenant, contacts) = crowd(directory, |_| String::new()).await;
    for limit in [1, 3, 7, 11, 12, 100] {
        assert_eq!(all_pages(directory, tenant, None, limit).await, newest_first(&contacts), "by {limit}");
    }
}

/// `%`, `_`, quotes and backslashes stand for themselves; only upper and lower case are the same.
pub async fn contacts_are_searched_literally_in_name_and_address(directory: &dyn Directory) {
    let tenant = some_tenant();
    let names =
        ["100% Sure", "100 Sure", "under_score", "underscore", "O'Brien \"Bob\"", "back\\slash", "ÉMILE 李雷", ""];
    let contacts: Vec<_> = (1..).zip(names).map(|(at, name)| contact(tenant, name, at)).collect();
    for contact in &contacts {
        let email = if contact.name.is_empty() { "Visitor%1@Example.test" } else { "" };
        directory.put_contact(&Contact { email: email.to_owned(), ..contact.clone() }).await.unwrap();
    }
    let cases: [(&str, &[usize]); 16] = [
        ("100%", &[0]),
        ("100", &[1, 0]),
        ("%", &[7, 0]),
        ("_", &[2]),
        ("R_S", &[2]),
        ("'", &[4]),
        ("\"bob\"", &[4]),
        ("\\", &[5]),
        ("émile", &[6]),
        ("李", &[6]),
        ("visitor%", &[7]),
        ("@example.TEST", &[7]),
        ("sure ", &[]),
        ("absent", &[]),
        ("a\0b", &[]),
        ("", &[7, 6, 5, 4, 3, 2, 1, 0]),
    ];
    for (text, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|at| contacts[*at].id).collect();
        assert_eq!(found(directory, tenant, Some(text)).await, expected, "{text:?}");
    }
}

/// A search narrows a tenant's list and never widens it.
pub async fn a_search_finds_no_contact_of_another_tenant(directory: &dyn Directory) {
    let mine = contact(some_tenant(), "Kim", 1);
    directory.put_contact(&mine).await.unwrap();
    assert_eq!(found(directory, some_tenant(), Some("kim")).await, []);
    assert_eq!(found(directory, mine.tenant, Some("kim")).await, [mine.id]);
}

/// Rows that do not match take no place on a page.
pub async fn a_search_is_paged_like_the_list(directory: &dyn Directory) {
    let (tenant, mut contacts) = crowd(directory, |number| format!("group {}.", number % 3)).await;
    contacts.retain(|contact| contact.name == "group 1.");
    for limit in [1, 2, 3, 4, 100] {
        assert_eq!(all_pages(directory, tenant, Some("group 1"), limit).await, newest_first(&contacts), "by {limit}");
    }
}

/// Whatever did not come from the list is refused before it reaches the database.
pub async fn a_foreign_cursor_of_contacts_is_refused(directory: &dyn Directory) {
    for cursor in ["", "x", "1_2", "' or 1=1"] {
        let page = PageRequest { cursor: Some(cursor.to_owned()), limit: 10 };
        let refused = directory.contacts(some_tenant(), None, &page).await;
        assert!(matches!(refused, Err(StoreError::BadCursor)), "{cursor:?}");
    }
}

/// A dozen contacts, four of each moment.
async fn crowd(directory: &dyn Directory, name: impl Fn(i64) -> String) -> (TenantId, Vec<Contact>) {
    let tenant = some_tenant();
    let contacts: Vec<_> = (0..12).map(|number| contact(tenant, &name(number), number / 4)).collect();
    for contact in &contacts {
        directory.put_contact(contact).await.unwrap();
    }
    let stranger = Contact { inbox: InboxId(Uuid::new_v4()), ..contact(some_tenant(), "stranger", 1) };
    directory.put_contact(&stranger).await.unwrap();
    (tenant, contacts)
}

fn newest_first(contacts: &[Contact]) -> Vec<ContactId> {
    let mut rows: Vec<_> = contacts.iter().map(|contact| (contact.created_at, contact.id)).collect();
    rows.sort();
    rows.into_iter().rev().map(|(_, id)| id).collect()
}

async fn found(directory: &dyn Directory, tenant: TenantId, text: Option<&str>) -> Vec<ContactId> {
    all_pages(directory, tenant, text, 100).await
}

async fn all_pages(directory: &dyn Directory, tenant: TenantId, text: Option<&str>, limit: u16) -> Vec<ContactId> {
    let (mut seen, mut page) = (Vec::new(), PageRequest::first(limit));
    loop {
        let got = directory.contacts(tenant, text, &page).await.unwrap();
        assert!(got.items.len() <= usize::from(limit));
        seen.extend(got.items.into_iter().map(|contact| contact.id));
        let Some(cursor) = got.next_cursor else { return seen };
        page.cursor = Some(cursor);
    }
}
