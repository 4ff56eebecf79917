//! What Postgres's errors mean to callers.

use frontdesk_ports::StoreError;
use sqlx::migrate::MigrateError;

/// The database belongs to a newer version of this program.
#[derive(Debug, thiserror::Error)]
#[error("the database has schema version {found}, this build knows up to {known}")]
pub struct NewerSchema {
    /// The newest migration that was applied to it.
    pub found: i64,
    /// The newest one that this build brings.
    pub known: i64,
}

/// The database accepted a call and did not answer it in time, as one does that hangs or whose network is cut.
#[derive(Debug, thiserror::Error)]
#[error("the database did not answer in time")]
pub struct Unanswered;

/// Between this process and Postgres there is a pooler that lends a server for one transaction at a time.
#[derive(Debug, thiserror::Error)]
#[error(
    "the pooler in front of Postgres works in transaction or statement mode, which cannot hold the settings of a connection: set \
     pool_mode = session for this database, or name Postgres itself in store.url"
)]
pub struct TransactionPooling;

/// Beginnings of the states (SQLSTATE) that say something of the server or of the moment, not of what was asked:
/// connection, read-only standby, log-in, missing database, rollback (deadlock), resources, locks, operator (timeout,
/// shutdown), system.
const TRANSIENT: [&str; 9] = ["08", "25006", "28", "3D", "40", "53", "55", "57", "58"];

/// Tells what may pass from what will not.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    let lasting = match &error {
        sqlx::Error::Database(database) => {
            let state = database.code().unwrap_or_default();
            !TRANSIENT.iter().any(|transient| state.starts_with(transient))
        }
        sqlx::Error::Decode(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::TypeNotFound { .. } => true,
        _ => false,
    };
    if lasting { StoreError::Corrupt(error.into()) } else { StoreError::Unavailable(error.into()) }
}

/// A unique violation means that `name` is taken.
pub(crate) fn taken_or(name: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => StoreError::Taken(name),
        _ => store_error(error),
    }
}

/// What kept the schema from being brought up to date.
pub(crate) fn migrate_error(error: MigrateError, known: i64) -> StoreError {
    match error {
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => store_error(source),
        MigrateError::VersionMissing(found) => StoreError::Corrupt(NewerSchema { found, known }.into()),
        other => StoreError::Corrupt(other.into()),
    }
}
