//! What is particular to a database in a file.

use std::{error::Error as _, os::unix::fs::PermissionsExt as _, path::Path};

use frontdesk_domain::{Tenant, TenantId, Timestamp};
use frontdesk_ports::{Installation as _, StoreError, Tenants as _};
use frontdesk_sqlite::{NewerSchema, SqliteStore};
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};
use uuid::Uuid;

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("desk.db");
    let store = SqliteStore::open(&path, 1).await.unwrap();
    let tenant = Tenant { id: TenantId(Uuid::new_v4()), name: "Acme".into(), created_at: Timestamp(1) };
    store.put_tenant(&tenant).await.unwrap();
    let (epoch, desk) = (store.epoch().await.unwrap(), store.installation_id().await.unwrap());
    store.close().await;
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))), "closed is closed");
    let store = SqliteStore::open(&path, 1).await.unwrap();
    assert_eq!(store.tenants().await.unwrap(), [tenant]);
    assert_eq!((store.epoch().await.unwrap(), store.installation_id().await.unwrap()), (epoch, desk));
}

#[tokio::test]
async fn nobody_else_may_read_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("desk.db"), 1).await.unwrap();
    store.ping().await.unwrap();
    let files: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 3, "the database, its log and its index");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", file.path());
    }
}

#[tokio::test]
async fn two_databases_have_two_epochs_and_are_of_two_desks() {
    let directory = tempfile::tempdir().unwrap();
    let one = SqliteStore::open(&directory.path().join("one.db"), 1).await.unwrap();
    let other = SqliteStore::open(&directory.path().join("other.db"), 1).await.unwrap();
    assert_ne!(one.epoch().await.unwrap(), other.epoch().await.unwrap());
    assert_ne!(one.installation_id().await.unwrap(), other.installation_id().await.unwrap());
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_with_both_versions() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("desk.db");
    SqliteStore::open(&path, 1).await.unwrap().close().await;
    migrate_to(&path, 9001).await;
    let refused = SqliteStore::open(&path, 1).await.unwrap_err();
    let reason = refused.source().and_then(|source| source.downcast_ref::<NewerSchema>()).unwrap();
    assert!(reason.found == 9001 && reason.known < 9001 && !refused.is_transient());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("desk.db");
    let letter = "Dear Sir or Madam, ".repeat(100);
    std::fs::write(&path, &letter).unwrap();
    assert!(matches!(SqliteStore::open(&path, 1).await, Err(StoreError::Corrupt(_))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
}

#[tokio::test]
async fn a_place_that_is_not_there_is_unavailable() {
    let directory = tempfile::tempdir().unwrap();
    let nowhere = directory.path().join("missing").join("desk.db");
    assert!(SqliteStore::open(&nowhere, 1).await.unwrap_err().is_transient());
}

/// Pretends that a newer build applied its migration.
async fn migrate_to(path: &Path, version: i64) {
    let mut connection = SqliteConnectOptions::new().filename(path).connect().await.expect("the file is a database");
    let applied = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                   values (?, 'newer', true, x'00', 0)";
    sqlx::query(applied).bind(version).execute(&mut connection).await.expect("the file is a database");
    connection.close().await.expect("the file is a database");
}
