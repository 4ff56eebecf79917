//! What is particular to a database on a server.

use std::{error::Error as _, time::Duration};

use frontdesk_domain::{Tenant, TenantId, Timestamp};
use frontdesk_ports::{Installation as _, StoreError, Tenants as _};
use frontdesk_postgres::{NewerSchema, PostgresStore};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use crate::{
    proxy::Proxy,
    support::{Server, fresh},
};

#[tokio::test]
async fn nodes_that_start_at_once_share_one_database() {
    let url = Server::of_this_binary().create_database().into();
    let connect = || PostgresStore::connect(&url, 2);
    let (one, other, third) = tokio::join!(connect(), connect(), connect());
    let (one, other, third) = (one.unwrap(), other.unwrap(), third.unwrap());
    let tenant = Tenant { id: TenantId(Uuid::new_v4()), name: "Acme".into(), created_at: Timestamp(1) };
    one.put_tenant(&tenant).await.unwrap();
    assert_eq!(other.tenants().await.unwrap(), [tenant]);
    assert_eq!(one.epoch().await.unwrap(), third.epoch().await.unwrap());
    assert_eq!(one.installation_id().await.unwrap(), third.installation_id().await.unwrap());
}

#[tokio::test]
async fn two_databases_have_two_epochs_and_are_of_two_desks() {
    let (one, other) = (fresh().await, fresh().await);
    assert_ne!(one.epoch().await.unwrap(), other.epoch().await.unwrap());
    assert_ne!(one.installation_id().await.unwrap(), other.installation_id().await.unwrap());
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_with_both_versions() {
    let store = fresh().await;
    let mut connection = PgConnection::connect(&store.url).await.unwrap();
    let applied = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                   values (9001, 'newer', true, '', 0)";
    sqlx::query(applied).execute(&mut connection).await.unwrap();
    let refused = PostgresStore::connect(&store.url.clone().into(), 1).await.unwrap_err();
    let reason = refused.source().and_then(|source| source.downcast_ref::<NewerSchema>()).unwrap();
    assert!(reason.found == 9001 && reason.known < 9001 && !refused.is_transient());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let nowhere = "postgres://postgres@127.0.0.1:1/desk".to_owned().into();
    assert!(PostgresStore::connect(&nowhere, 1).await.unwrap_err().is_transient());
    let missing = format!("{}_missing", Server::of_this_binary().create_database()).into();
    assert!(PostgresStore::connect(&missing, 1).await.unwrap_err().is_transient());
}

#[tokio::test]
async fn what_goes_wrong_says_nothing_of_the_password() {
    let url = "postgres://desk:hunter2@127.0.0.1:1/desk?connect=sideways".to_owned().into();
    let mut said = String::new();
    let mut reason: Option<&dyn std::error::Error> = Some(&PostgresStore::connect(&url, 1).await.unwrap_err());
    while let Some(error) = reason {
        said += &format!("{error} {error:?}");
        reason = error.source();
    }
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn a_store_survives_its_server() {
    let server = Server::start();
    let store = PostgresStore::connect(&server.create_database().into(), 2).await.unwrap();
    store.ping().await.unwrap();
    drop(server);
    let gone = async {
        while store.ping().await.is_ok() {
            tokio::task::yield_now().await;
        }
        store.ping().await
    };
    let gone = tokio::time::timeout(Duration::from_secs(20), gone).await.expect("it ends soon");
    assert!(matches!(gone, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn connections_are_there_before_anybody_waits_for_one() {
    let url = Server::of_this_binary().create_database();
    let _store = PostgresStore::connect(&url.clone().into(), 5).await.unwrap();
    let mut beside = PgConnection::connect(&url).await.unwrap();
    let open = "select count(*) from pg_stat_activity
        where application_name = 'frontdesk' and datname = current_database()";
    assert_eq!(sqlx::query_scalar::<_, i64>(open).fetch_one(&mut beside).await.unwrap(), 5);
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let store = fresh().await;
    store.close().await;
    assert!(store.ping().await.unwrap_err().is_transient());
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up_and_found_again() {
    let server = Server::of_this_binary();
    let (proxy, url) = (Proxy::to(server.port).await, server.create_database());
    let proxied = url.replace(&server.port.to_string(), &proxy.port.to_string());
    let store = PostgresStore::connect(&proxied.into(), 1).await.unwrap();
    let mut beside = PgConnection::connect(&url).await.unwrap();
    let mut lock = beside.begin().await.unwrap();
    sqlx::query("lock table meta").execute(&mut *lock).await.unwrap();
    let call = tokio::spawn({
        let store = store.clone();
        async move { store.ping().await }
    });
    let waiting =
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut *lock).await.unwrap() == 0 {}

    proxy.silence();
    tokio::time::pause(); // from here on, waiting takes no time
    assert!(call.await.unwrap().unwrap_err().is_transient(), "a call that was being answered");
    assert!(store.ping().await.unwrap_err().is_transient(), "a call that came after it");
    tokio::time::advance(Duration::from_secs(5)).await;
    tokio::time::resume();

    proxy.heal();
    lock.rollback().await.unwrap();
    store.ping().await.expect("the silent connection was replaced");
}
