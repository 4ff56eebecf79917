use frontdesk_domain::{
    Timestamp,
    audit::{Actor, ChainCheck, Object},
};
use futures_util::future::join_all;

use super::{draft, some_tenant};
use crate::{
    audit::{AuditFilter, AuditTrail},
    error::StoreError,
    page::PageRequest,
    transaction::Transactions,
};

/// What was written comes back as it was, number by number, and the heads name the ends.
pub async fn audit_entries_form_a_chain_for_each_tenant(store: &(impl Transactions + AuditTrail)) {
    let tenants = [some_tenant(), some_tenant()];
    let mut written = [Vec::new(), Vec::new()];
    for at in 0..6 {
        let index = usize::from(at >= 4);
        let mut transaction = store.begin().await.unwrap();
        written[index].push(transaction.audit(draft(tenants[index], at, "thing.changed")).await.unwrap());
        transaction.commit().await.unwrap();
    }
    let mut heads: Vec<_> = tenants.into_iter().zip(written.iter().map(|chain| chain.last().unwrap().head())).collect();
    heads.sort_by_key(|(tenant, _)| *tenant);
    assert_eq!(store.audit_heads().await.unwrap(), heads);
    for (tenant, written) in tenants.into_iter().zip(&written) {
        let mut check = ChainCheck::default();
        let kept = store.audit_chain(tenant, 0, 100).await.unwrap();
        assert_eq!(kept, *written);
        assert!(kept.iter().all(|entry| check.take(entry).is_ok()));
        check.finish(kept.last().unwrap().head()).unwrap();
    }
    let rest = store.audit_chain(tenants[0], 1, 2).await.unwrap();
    assert_eq!(rest.iter().map(|entry| entry.number).collect::<Vec<_>>(), [2, 3]);
}

/// A later transaction waits for the earlier one.
pub async fn entries_added_at_once_are_numbered_without_a_gap(store: &(impl Transactions + AuditTrail)) {
    let tenant = some_tenant();
    let many = (0..20).map(|at| async move {
        let mut transaction = store.begin().await.unwrap();
        transaction.audit(draft(tenant, at, "thing.changed")).await.unwrap();
        if at % 4 == 3 { drop(transaction) } else { transaction.commit().await.unwrap() }
    });
    join_all(many).await;
    let kept = store.audit_chain(tenant, 0, 100).await.unwrap();
    assert_eq!(kept.iter().map(|entry| entry.number).collect::<Vec<_>>(), (1..=15).collect::<Vec<_>>());
    let mut check = ChainCheck::default();
    assert!(kept.iter().all(|entry| check.take(entry).is_ok()));
    assert_eq!(store.audit_heads().await.unwrap(), [(tenant, kept[14].head())]);
}

/// So a roll-back leaves no gap.
pub async fn a_number_of_a_dropped_transaction_is_given_again(store: &(impl Transactions + AuditTrail)) {
    let tenant = some_tenant();
    let mut dropped = store.begin().await.unwrap();
    assert_eq!(dropped.audit(draft(tenant, 1, "thing.changed")).await.unwrap().number, 1);
    drop(dropped);
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.audit(draft(tenant, 2, "thing.changed")).await.unwrap().number, 1);
    assert_eq!(transaction.audit(draft(tenant, 3, "thing.changed")).await.unwrap().number, 2);
    transaction.commit().await.unwrap();
}

/// Each condition alone, and pages that neither skip nor repeat.
pub async fn entries_are_filtered_and_listed_from_the_newest_page_by_page(store: &(impl Transactions + AuditTrail)) {
    let (tenant, other) = (some_tenant(), some_tenant());
    let mut transaction = store.begin().await.unwrap();
    for at in 1..=6 {
        let mut draft = draft(tenant, at, if at % 2 == 0 { "thing.changed" } else { "thing.created" });
        if at == 3 {
            draft.actor = Actor { kind: "agent".into(), id: "ada".to_owned() };
            draft.object = Object::new("inbox", "shop");
        }
        transaction.audit(draft).await.unwrap();
    }
    transaction.audit(draft(other, 9, "thing.changed")).await.unwrap();
    transaction.commit().await.unwrap();
    let numbers = |filter: AuditFilter| async move {
        let page = store.audit_entries(tenant, &filter, &PageRequest::first(100)).await.unwrap();
        assert_eq!(page.next_cursor, None);
        page.items.iter().map(|entry| entry.number).collect::<Vec<_>>()
    };
    let all = AuditFilter::default;
    assert_eq!(numbers(all()).await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(numbers(AuditFilter { act: Some("thing.changed".to_owned()), ..all() }).await, [6, 4, 2]);
    assert_eq!(numbers(AuditFilter { actor: Some(("agent".to_owned(), "ada".to_owned())), ..all() }).await, [3]);
    assert_eq!(numbers(AuditFilter { actor: Some(("agent".to_owned(), "bob".to_owned())), ..all() }).await, [0; 0]);
    assert_eq!(numbers(AuditFilter { object_kind: Some("inbox".to_owned()), ..all() }).await, [3]);
    assert_eq!(numbers(AuditFilter { object_id: Some("4".to_owned()), ..all() }).await, [4]);
    let window = AuditFilter { since: Some(Timestamp(2)), until: Some(Timestamp(5)), ..all() };
    assert_eq!(numbers(window).await, [4, 3, 2]);
    let mut page = PageRequest::first(2);
    let changed = AuditFilter { act: Some("thing.changed".to_owned()), ..all() };
    let first = store.audit_entries(tenant, &changed, &page).await.unwrap();
    assert_eq!(first.items.iter().map(|entry| entry.number).collect::<Vec<_>>(), [6, 4]);
    page.cursor = first.next_cursor;
    let second = store.audit_entries(tenant, &changed, &page).await.unwrap();
    assert_eq!(second.items.iter().map(|entry| entry.number).collect::<Vec<_>>(), [2]);
    assert_eq!(second.next_cursor, None);
}

/// Whatever else stands in the place of a cursor.
pub async fn a_foreign_cursor_of_the_audit_trail_is_refused(store: &(impl Transactions + AuditTrail)) {
    for cursor in ["", "x", "-1", "0", "+1", "01", "99999999999999999999"] {
        let page = PageRequest { cursor: Some(cursor.to_owned()), limit: 10 };
        let refused = store.audit_entries(some_tenant(), &AuditFilter::default(), &page).await;
        assert!(matches!(refused, Err(StoreError::BadCursor)), "{cursor:?}");
    }
}
