//! What every implementation of [`SettingsDocuments`] and [`SettingsWrites`](crate::SettingsWrites) promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use frontdesk_domain::{InboxId, SettingsScope, TenantId, Timestamp, audit::Actor};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    error::StoreError,
    settings::{SettingsDocuments, SettingsVersion},
    transaction::Transactions,
};

/// Makes one test of each promise; `$fresh` is an async function without arguments that gives what dereferences to an
/// empty implementation: a box, or a guard of the database behind it.
#[macro_export]
macro_rules! settings_contract {
    ($fresh:path) => {
        $crate::settings_contract! { @each $fresh:
            a_document_is_read_back_as_it_was_written
            versions_are_listed_from_the_newest_and_each_can_be_read
            a_version_is_written_once
            documents_of_other_tenants_and_scopes_stay_apart
            a_version_of_a_dropped_transaction_is_not_there
        }
    };
    (@each $fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test]
            async fn $promise() {
                let made = $fresh().await;
                $crate::contract::settings::$promise(&*made).await;
            }
        )*
    };
}

fn version(scope: SettingsScope, version: u64, document: Value) -> SettingsVersion {
    let actor = Actor { kind: "agent".into(), id: "ada".to_owned() };
    let at = Timestamp(1_700_000_000_000 + i64::try_from(version).unwrap());
    SettingsVersion { scope, version, at, actor, document, restored_from: None }
}

fn titled(text: &str) -> Value {
    json!({"widget": {"title": text}})
}

async fn write(store: &(impl Transactions + ?Sized), tenant: TenantId, versions: &[SettingsVersion]) {
    let mut transaction = store.begin().await.unwrap();
    for version in versions {
        transaction.insert_settings(tenant, version).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// For each kind of scope, with what databases find difficult; also a content of a version that this program does not
/// know.
pub async fn a_document_is_read_back_as_it_was_written(store: &(impl Transactions + SettingsDocuments)) {
    let tenant = TenantId(Uuid::new_v4());
    let scopes =
        [SettingsScope::Tenant, SettingsScope::Inbox(InboxId(Uuid::new_v4())), SettingsScope::Team(Uuid::new_v4())];
    for scope in scopes {
        assert_eq!(store.settings(tenant, scope).await.unwrap(), None);
        let document = json!({"widget": {"title": "a \"quoted\" 名 '%"}, "of_later": {"n": [1, 2.5, null, true]}});
        let written = SettingsVersion { restored_from: Some(7), ..version(scope, 1, document) };
        write(store, tenant, std::slice::from_ref(&written)).await;
        assert_eq!(store.settings(tenant, scope).await.unwrap(), Some(written.clone()));
        let mut transaction = store.begin().await.unwrap();
        assert_eq!(transaction.settings(tenant, scope).await.unwrap(), Some(written));
    }
}

/// In pages.
pub async fn versions_are_listed_from_the_newest_and_each_can_be_read(store: &(impl Transactions + SettingsDocuments)) {
    let (tenant, scope) = (TenantId(Uuid::new_v4()), SettingsScope::Tenant);
    let written: Vec<_> = (1..=4).map(|number| version(scope, number, titled(&number.to_string()))).collect();
    write(store, tenant, &written).await;
    let newest = store.settings_history(tenant, scope, u64::MAX, 3).await.unwrap();
    assert_eq!(newest, [written[3].clone(), written[2].clone(), written[1].clone()]);
    assert_eq!(store.settings_history(tenant, scope, 2, 3).await.unwrap(), [written[0].clone()]);
    assert_eq!(store.settings_version(tenant, scope, 2).await.unwrap(), Some(written[1].clone()));
    for absent in [0, 5, u64::MAX] {
        assert_eq!(store.settings_version(tenant, scope, absent).await.unwrap(), None, "{absent}");
    }
}

/// The one that is there stays.
pub async fn a_version_is_written_once(store: &(impl Transactions + SettingsDocuments)) {
    let (tenant, scope) = (TenantId(Uuid::new_v4()), SettingsScope::Inbox(InboxId(Uuid::new_v4())));
    let first = version(scope, 1, titled("first"));
    write(store, tenant, std::slice::from_ref(&first)).await;
    let mut transaction = store.begin().await.unwrap();
    let refused = transaction.insert_settings(tenant, &version(scope, 1, titled("second"))).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    drop(transaction);
    assert_eq!(store.settings(tenant, scope).await.unwrap(), Some(first));
}

/// Also a tenant's and an inbox's document under the same id.
pub async fn documents_of_other_tenants_and_scopes_stay_apart(store: &(impl Transactions + SettingsDocuments)) {
    let (mine, theirs) = (TenantId(Uuid::new_v4()), TenantId(Uuid::new_v4()));
    let same_id = SettingsScope::Inbox(InboxId(mine.0));
    let of_tenant = version(SettingsScope::Tenant, 1, titled("tenant"));
    let of_inbox = version(same_id, 1, titled("inbox"));
    let of_team = version(SettingsScope::Team(mine.0), 1, titled("team"));
    write(store, mine, &[of_tenant.clone(), of_inbox.clone(), of_team.clone()]).await;
    for written in [of_tenant, of_inbox, of_team] {
        assert_eq!(store.settings(theirs, written.scope).await.unwrap(), None);
        assert_eq!(store.settings(mine, written.scope).await.unwrap(), Some(written));
    }
}

/// So its number is free again.
pub async fn a_version_of_a_dropped_transaction_is_not_there(store: &(impl Transactions + SettingsDocuments)) {
    let (tenant, scope) = (TenantId(Uuid::new_v4()), SettingsScope::Tenant);
    let mut transaction = store.begin().await.unwrap();
    transaction.insert_settings(tenant, &version(scope, 1, titled("dropped"))).await.unwrap();
    drop(transaction);
    let kept = version(scope, 1, titled("kept"));
    write(store, tenant, std::slice::from_ref(&kept)).await;
    assert_eq!(store.settings_history(tenant, scope, u64::MAX, 9).await.unwrap(), [kept]);
}
