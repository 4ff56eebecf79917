//! What SQLite's errors mean to callers.

use frontdesk_ports::StoreError;
use sqlx::{error::DatabaseError, migrate::MigrateError};

/// The file belongs to a newer version of this program.
#[derive(Debug, thiserror::Error)]
#[error("the database has schema version {found}, this build knows up to {known}")]
pub struct NewerSchema {
    /// The newest migration that was applied to it.
    pub found: i64,
    /// The newest one that this build brings.
    pub known: i64,
}

/// Primary result codes that say something of the machine or of the moment, not of what was asked.
const TRANSIENT: [i32; 10] = [5, 6, 7, 8, 9, 10, 13, 14, 15, 22];

/// Tells what may pass (busy, locked, out of memory, read-only, interrupted, input and output, full, cannot open,
/// locking protocol, no large files) from what will not.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    let lasting = match &error {
        sqlx::Error::Database(database) => !TRANSIENT.contains(&primary_code(database.as_ref())),
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

/// The lowest byte of an extended result code.
fn primary_code(error: &dyn DatabaseError) -> i32 {
    error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or_default() & 0xff
}
