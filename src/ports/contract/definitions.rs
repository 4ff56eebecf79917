//! What every [`Definitions`] promises, together with the [`Transactions`] that write them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use frontdesk_domain::TenantId;
use futures_util::future::join_all;
use uuid::Uuid;

use crate::{
    definitions::{DefinitionRow, Definitions},
    error::StoreError,
    transaction::{TenantLock, Transactions},
};

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// empty implementation: a box, or a guard of the database behind it.
#[macro_export]
macro_rules! definitions_contract {
    ($fresh:path) => {
        $crate::definitions_contract! { @each $fresh:
            definitions_come_back_by_name_and_only_to_their_tenant_and_kind
            the_name_of_a_definition_is_taken_once_in_a_tenant_and_kind
            a_definition_changes_from_the_version_that_was_read
            of_several_changes_of_a_definition_at_once_one_wins
            a_definition_is_deleted_once_and_only_by_its_tenant
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::definitions::$promise(&*made).await;
            }
        )*
    };
}

const TEAM: &str = "team";
const SKILL: &str = "skill";

fn some_tenant() -> TenantId {
    TenantId(Uuid::new_v4())
}

fn row(name: &str) -> DefinitionRow {
    let body = format!("{{\"name\": \"{name}\",  \"kept\": [\"as it was\"]}}");
    DefinitionRow { id: Uuid::new_v4(), name: name.to_owned(), body, version: 1 }
}

async fn insert(store: &impl Transactions, tenant: TenantId, kind: &'static str, row: &DefinitionRow) {
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_definition(tenant, kind, row).await.unwrap();
    transaction.commit().await.unwrap();
}

/// By the bytes of the name, inside and outside of a transaction.
pub async fn definitions_come_back_by_name_and_only_to_their_tenant_and_kind(
    store: &(impl Transactions + Definitions),
) {
    let (tenant, other) = (some_tenant(), some_tenant());
    let rows = ["Zebra", "alpha", "名"].map(row);
    for row in [&rows[2], &rows[0], &rows[1]] {
        insert(store, tenant, TEAM, row).await;
    }
    let (skill, foreign) = (row("alpha"), row("alpha"));
    insert(store, tenant, SKILL, &skill).await;
    insert(store, other, TEAM, &foreign).await;
    assert_eq!(store.definitions(tenant, TEAM).await.unwrap(), rows);
    assert_eq!(store.definitions(tenant, SKILL).await.unwrap(), std::slice::from_ref(&skill));
    assert_eq!(store.definition(tenant, TEAM, rows[0].id).await.unwrap(), Some(rows[0].clone()));
    assert_eq!(store.definition(tenant, SKILL, rows[0].id).await.unwrap(), None);
    assert_eq!(store.definition(other, TEAM, rows[0].id).await.unwrap(), None);
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.definitions(tenant, TEAM).await.unwrap(), rows);
    assert_eq!(transaction.definition(tenant, TEAM, rows[1].id).await.unwrap(), Some(rows[1].clone()));
    assert_eq!(transaction.definition(other, TEAM, rows[1].id).await.unwrap(), None);
}

/// Also by a change of name.
pub async fn the_name_of_a_definition_is_taken_once_in_a_tenant_and_kind(store: &(impl Transactions + Definitions)) {
    let tenant = some_tenant();
    let (first, second) = (row("Billing"), row("Sales"));
    insert(store, tenant, TEAM, &first).await;
    insert(store, tenant, TEAM, &second).await;
    let mut transaction = store.begin().await.unwrap();
    let refused = transaction.insert_definition(tenant, TEAM, &row("Billing")).await;
    assert!(matches!(refused, Err(StoreError::Taken(_))), "{refused:?}");
    drop(transaction);
    let mut transaction = store.begin().await.unwrap();
    let same_id = DefinitionRow { id: first.id, ..row("Other") };
    let refused = transaction.insert_definition(tenant, TEAM, &same_id).await;
    assert!(matches!(refused, Err(StoreError::Taken(_))), "{refused:?}");
    drop(transaction);
    let mut transaction = store.begin().await.unwrap();
    let renamed = DefinitionRow { name: "Billing".to_owned(), ..second.clone() };
    let refused = transaction.update_definition(tenant, TEAM, &renamed).await;
    assert!(matches!(refused, Err(StoreError::Taken(_))), "{refused:?}");
    drop(transaction);
    assert_eq!(store.definitions(tenant, TEAM).await.unwrap(), [first, second]);
}

/// Of its own tenant and kind only.
pub async fn a_definition_changes_from_the_version_that_was_read(store: &(impl Transactions + Definitions)) {
    let tenant = some_tenant();
    let first = row("Billing");
    insert(store, tenant, TEAM, &first).await;
    let changed = DefinitionRow { name: "Accounts".to_owned(), body: "{}".to_owned(), ..first.clone() };
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.update_definition(tenant, TEAM, &changed).await.unwrap(), 2);
    transaction.commit().await.unwrap();
    for (of, kind, row) in [
        (tenant, TEAM, first.clone()),
        (some_tenant(), TEAM, DefinitionRow { version: 2, ..first.clone() }),
        (tenant, SKILL, DefinitionRow { version: 2, ..first.clone() }),
    ] {
        let mut transaction = store.begin().await.unwrap();
        let refused = transaction.update_definition(of, kind, &row).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    let expected = DefinitionRow { version: 2, ..changed };
    assert_eq!(store.definition(tenant, TEAM, first.id).await.unwrap(), Some(expected));
}

/// The others are told of a conflict.
pub async fn of_several_changes_of_a_definition_at_once_one_wins(store: &(impl Transactions + Definitions)) {
    let tenant = some_tenant();
    let first = row("Billing");
    insert(store, tenant, TEAM, &first).await;
    let changes = join_all((0..4).map(|number| {
        let changed = DefinitionRow { body: number.to_string(), ..first.clone() };
        async move {
            let mut transaction = store.begin().await.unwrap();
            transaction.lock(TenantLock::definitions(tenant)).await.unwrap();
            let done = transaction.update_definition(tenant, TEAM, &changed).await;
            if done.is_ok() {
                transaction.commit().await.unwrap();
            }
            done
        }
    }));
    let (won, lost): (Vec<_>, Vec<_>) = changes.await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 3));
    assert!(lost.iter().all(|lost| matches!(lost, Err(StoreError::Conflict))), "{lost:?}");
}

/// The second time says that it was not there.
pub async fn a_definition_is_deleted_once_and_only_by_its_tenant(store: &(impl Transactions + Definitions)) {
    let tenant = some_tenant();
    let first = row("Billing");
    insert(store, tenant, TEAM, &first).await;
    let mut transaction = store.begin().await.unwrap();
    assert!(!transaction.delete_definition(some_tenant(), TEAM, first.id).await.unwrap());
    assert!(!transaction.delete_definition(tenant, SKILL, first.id).await.unwrap());
    assert!(transaction.delete_definition(tenant, TEAM, first.id).await.unwrap());
    assert!(!transaction.delete_definition(tenant, TEAM, first.id).await.unwrap());
    transaction.commit().await.unwrap();
    assert_eq!(store.definitions(tenant, TEAM).await.unwrap(), []);
}
