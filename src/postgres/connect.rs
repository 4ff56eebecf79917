//! Connecting.

use std::time::Duration;

use frontdesk_ports::StoreError;
use frontdesk_storage::OutboxSignal;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};

use crate::{
    error::{Unanswered, migrate_error, store_error},
    pooler,
};

/// Conversations and directory in one Postgres database. Clones share the connections.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pool: PgPool,
    outbox: OutboxSignal,
}

/// The schema, step by step. Never edited once released.
static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a call may wait for a connection, made anew or handed back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// What holds for each connection. The server works on one statement for five seconds, the wait for locks included,
/// before it gives up.
///
/// Rows are read and locked by key; compiling such a statement (jit) takes longer than running it. Plans are made once
/// for each connection, most of them while the tables are next to empty, when reading all of a table looks cheapest.
/// Kept, such a plan reads all of it for each batch until the table is analysed; hence no scans, hash or merge joins
/// where there is another way.
const SESSION_SETTINGS: &str = "
    set statement_timeout = '5s';
    set idle_in_transaction_session_timeout = '15s';
    set jit = off;
    set enable_seqscan = off;
    set enable_hashjoin = off;
    set enable_mergejoin = off";

/// How long a call may take in all. Longer than the two above, which say more of what went wrong: this one is for a
/// server that does not even count the time any more.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

impl PostgresStore {
    /// Connects to the database at `url` (`postgres://user:password@host:port/database`) and brings its schema up to
    /// date, one node after the other if several begin at once. `max_connections` are opened, and kept. There may be a
    /// pooler in between, in session mode.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the schema is of a newer version ([`NewerSchema`](crate::NewerSchema));
    /// [`StoreError::Unavailable`] when it cannot be reached or does not let us in.
    pub async fn connect(url: &SecretString, max_connections: u32) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.expose_secret().parse().map_err(store_error)?;
        // Poolers refuse parameters of the start-up that they do not know; what is to hold for a connection is set
        // after connecting.
        let options = options.application_name("frontdesk").extra_float_digits(None);
        migrate(&options).await?;
        let pool = PgPoolOptions::new()
            .max_connections(max_connections.max(1))
            // All from the start, and kept: a connection that is made while a call waits for it is given up together
            // with the call. On busy processors every call then asks the server for a process, and none lives to see
            // it.
            .min_connections(max_connections.max(1))
            .idle_timeout(None)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(|connection, _| Box::pin(set_up(connection)))
            .after_release(|connection, _| Box::pin(is_alive(connection)));
        let pool = pool.connect_with(options).await.map_err(store_error)?;
        Ok(Self { pool, outbox: OutboxSignal::default() })
    }

    /// Waits for running calls, then closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(crate) const fn outbox(&self) -> &OutboxSignal {
        &self.outbox
    }

    pub(crate) async fn begin_transaction(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.pool.begin().await.map_err(store_error)
    }
}

/// Gives up on a `call` that is not answered. Its connection is given up with it, and what it began is undone.
pub(crate) async fn answered<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let late = |_| Err(StoreError::Unavailable(Unanswered.into()));
    tokio::time::timeout(CALL_TIMEOUT, call).await.unwrap_or_else(late)
}

/// Whether a connection that is handed back may be used again. Without the limit, one that an unanswered call has left
/// would stay neither free nor closed for as long as the network keeps silent.
async fn is_alive(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let late = |_| Err(sqlx::Error::PoolTimedOut);
    tokio::time::timeout(ACQUIRE_TIMEOUT, connection.ping()).await.unwrap_or_else(late).map(|()| true)
}

/// Sets what holds for each statement on a new connection.
async fn set_up(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(SESSION_SETTINGS).execute(connection).await.map(|_| ())
}

/// Connects outside of the pool, without [`SESSION_SETTINGS`].
async fn connect_alone(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let connecting = async { options.connect().await.map_err(store_error) };
    let late = |_| Err(StoreError::Unavailable(Unanswered.into()));
    tokio::time::timeout(ACQUIRE_TIMEOUT, connecting).await.unwrap_or_else(late)
}

/// On a connection of its own, because a migration may take longer than any statement should.
async fn migrate(options: &PgConnectOptions) -> Result<(), StoreError> {
    let mut connection = connect_alone(options).await?;
    let mut beside = connect_alone(options).await?;
    answered(pooler::check(&mut connection, &mut beside)).await?;
    beside.close().await.map_err(store_error)?;
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    MIGRATIONS.run(&mut connection).await.map_err(|error| migrate_error(error, known))?;
    connection.close().await.map_err(store_error)
}
