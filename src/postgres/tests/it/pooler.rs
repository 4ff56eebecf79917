//! PgBouncer, as Debian packages it, between the store and Postgres.

use std::error::Error as _;

use frontdesk_domain::{Tenant, TenantId, Timestamp};
use frontdesk_ports::{Installation as _, Tenants as _};
use frontdesk_postgres::{PostgresStore, TransactionPooling};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use crate::support::{Pooler, Server};

fn tenant() -> Tenant {
    Tenant { id: TenantId(Uuid::new_v4()), name: "Acme".into(), created_at: Timestamp(1) }
}

#[tokio::test]
async fn a_pooler_in_session_mode_is_as_good_as_none() {
    let server = Server::of_this_binary();
    let (pooler, url) = (Pooler::start(server, "session").await, server.create_database());
    let through = pooler.url_of(&url).into();
    let (one, other) = tokio::join!(PostgresStore::connect(&through, 2), PostgresStore::connect(&through, 2));
    let (one, other) = (one.unwrap(), other.unwrap());
    for store in [&one, &other] {
        let tenant = tenant();
        store.put_tenant(&tenant).await.unwrap();
        assert!(one.tenants().await.unwrap().contains(&tenant));
    }
}

#[tokio::test]
async fn the_time_limit_of_a_statement_holds_behind_a_pooler() {
    let server = Server::of_this_binary();
    let (pooler, url) = (Pooler::start(server, "session").await, server.create_database());
    let store = PostgresStore::connect(&pooler.url_of(&url).into(), 1).await.unwrap();
    let mut beside = PgConnection::connect(&url).await.unwrap();
    let mut lock = beside.begin().await.unwrap();
    sqlx::query("lock table meta").execute(&mut *lock).await.unwrap();
    let refused = store.ping().await.unwrap_err();
    let reason = refused.source().and_then(|source| source.downcast_ref::<sqlx::Error>());
    let state = reason.and_then(|error| error.as_database_error()?.code().map(|code| code.into_owned()));
    assert_eq!(state.as_deref(), Some("57014"), "the server cancels the statement by its own clock: {refused:?}");
    lock.rollback().await.unwrap();
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_pooler_that_lends_servers_by_transaction_or_statement_is_refused_by_name() {
    let server = Server::of_this_binary();
    for mode in ["transaction", "statement"] {
        let (pooler, url) = (Pooler::start(server, mode).await, server.create_database());
        let refused = PostgresStore::connect(&pooler.url_of(&url).into(), 2).await.unwrap_err();
        let reason = refused.source().and_then(|source| source.downcast_ref::<TransactionPooling>());
        assert!(reason.is_some_and(|reason| reason.to_string().contains("pool_mode = session")), "{mode}: {refused:?}");
        let mut beside = PgConnection::connect(&url).await.unwrap();
        let made = "select count(*) from pg_tables where schemaname = 'public'";
        let made = sqlx::query_scalar::<_, i64>(made).fetch_one(&mut beside).await.unwrap();
        assert_eq!(made, 0, "{mode}: nothing was created");
    }
}

#[tokio::test]
async fn a_pooler_in_transaction_mode_is_found_out_while_others_use_it() {
    let server = Server::of_this_binary();
    let (pooler, url) = (Pooler::start(server, "transaction").await, server.create_database());
    let through = pooler.url_of(&url);
    let busy: Vec<_> = (0..4)
        .map(|_| {
            let through = through.clone();
            tokio::spawn(async move {
                let mut connection = PgConnection::connect(&through).await.unwrap();
                loop {
                    sqlx::raw_sql("select 1").execute(&mut connection).await.unwrap();
                }
            })
        })
        .collect();
    for _ in 0..5 {
        let refused = PostgresStore::connect(&through.clone().into(), 2).await.unwrap_err();
        assert!(refused.source().is_some_and(|source| source.is::<TransactionPooling>()), "{refused:?}");
    }
    busy.iter().for_each(tokio::task::JoinHandle::abort);
}
