//! Opening the file.

use std::{fs::OpenOptions, io, os::unix::fs::OpenOptionsExt as _, path::Path, sync::Arc, time::Duration};

use frontdesk_ports::StoreError;
use frontdesk_storage::OutboxSignal;
use sqlx::{
    Sqlite, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    error::{migrate_error, store_error},
    shrink::{Written, give_back},
};

/// Conversations and directory in one SQLite file.
///
/// One connection writes and all writers queue for it; any number reads beside it. Clones share the connections.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    pub(crate) written: Arc<Written>,
    pub(crate) outbox: OutboxSignal,
}

/// The schema, step by step. Never edited once released.
static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long to wait for a lock that another process holds, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Pages that the writer keeps in memory while much is written: 64 MiB (SQLite takes kibibytes as a negative number).
const CACHE_KIB: &str = "-65536";

/// How far the write-ahead log grows before its pages move into the database: 64 MiB. A batch touches hundreds of
/// pages, and the next one mostly the same, so seldom is cheaper.
const CHECKPOINT_PAGES: &str = "16384";

/// Takes the write lock at once.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// How long a call may queue for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

impl SqliteStore {
    /// Opens the file at `path`, makes it (readable by its owner only) if there is none, and brings its schema up to
    /// date. Up to `reader_connections` read at the same time. To be called on a runtime of tokio's.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the file is no database, or one of a newer version
    /// ([`NewerSchema`](crate::NewerSchema)); [`StoreError::Unavailable`] when it cannot be opened.
    pub async fn open(path: &Path, reader_connections: u32) -> Result<Self, StoreError> {
        create(path).map_err(|error| StoreError::Unavailable(error.into()))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .pragma("trusted_schema", "off");
        let pool = || {
            let options = SqlitePoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT);
            // A file does not go away as a server does.
            options.test_before_acquire(false).idle_timeout(None).max_lifetime(None)
        };
        let write = options
            .clone()
            .pragma("cache_size", CACHE_KIB)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .pragma("journal_size_limit", "67108864")
            // Batches undo in memory what a failed statement did; on disk that costs more than the batch itself.
            .pragma("temp_store", "memory");
        let writer = pool().max_connections(1).connect_with(write).await.map_err(store_error)?;
        let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
        MIGRATIONS.run(&writer).await.map_err(|error| migrate_error(error, known))?;
        let read = options.pragma("query_only", "on");
        let readers =
            pool().max_connections(reader_connections.max(1)).connect_with(read).await.map_err(store_error)?;
        let written = Arc::<Written>::default();
        tokio::spawn(give_back(writer.clone(), Arc::downgrade(&written)));
        Ok(Self { writer, readers, written, outbox: OutboxSignal::default() })
    }

    /// Waits for running statements, then closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// The connections that read.
    pub(crate) const fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// The connection that writes, for a single statement.
    pub(crate) const fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// A transaction that holds the write lock from the start: one that began by reading could never be sure of getting
    /// it.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        match self.writer.begin_with(BEGIN).await {
            // A full disk makes SQLite undo a transaction by itself. The connection still counts one, and would for
            // ever.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                let confused = self.writer.acquire().await.map_err(store_error)?;
                let _it_is_of_no_use_either_way = confused.close().await;
                self.writer.begin_with(BEGIN).await.map_err(store_error)
            }
            begun => begun.map_err(store_error),
        }
    }
}

/// Makes an empty file that only its owner may read; SQLite gives the files beside it the same mode.
fn create(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pragma(pool: &SqlitePool, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
    }

    #[tokio::test]
    async fn writing_goes_on_after_sqlite_undid_a_transaction_by_itself() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&directory.path().join("desk.db"), 1).await.unwrap();
        let mut transaction = store.write().await.unwrap();
        // What it does when the disk is full.
        sqlx::query("rollback").execute(&mut *transaction).await.unwrap();
        assert!(transaction.commit().await.is_err());

        let mut transaction = store.write().await.unwrap();
        sqlx::query("update meta set epoch = 'written'").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(pragma(store.readers(), "select epoch from meta").await, "written");
    }

    #[tokio::test]
    async fn commits_survive_a_power_cut_and_readers_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&directory.path().join("desk.db"), 2).await.unwrap();
        for pool in [store.writer(), store.readers()] {
            let durability = "select journal_mode || ' ' || synchronous || ' ' || foreign_keys || ' ' || timeout
                from pragma_journal_mode, pragma_synchronous, pragma_foreign_keys, pragma_busy_timeout";
            assert_eq!(pragma(pool, durability).await, "wal 2 1 5000");
        }
        let write = sqlx::query("update meta set epoch = ''").execute(store.readers()).await;
        assert!(write.is_err());
    }
}
