//! Connection poolers between this process and Postgres, such as PgBouncer.
//!
//! In session mode a pooler lends one server connection for as long as ours lasts; that is as good as no pooler. In
//! transaction or statement mode it lends one for each transaction: what is set for a connection (the time limits among
//! it) and what is prepared on it would be lost, or would be found by others. Such a pooler is refused at the start.

use frontdesk_ports::StoreError;
use sqlx::{Connection as _, PgConnection, raw_sql};

use crate::error::{TransactionPooling, store_error};

/// Refuses a pooler that gives two connections the same server in turn. No other pooler can make two open connections
/// of ours share a server, or move one to another server.
///
/// # Errors
/// [`TransactionPooling`], or what the database says.
pub(crate) async fn check(first: &mut PgConnection, second: &mut PgConnection) -> Result<(), StoreError> {
    for _ in 0..ROUNDS {
        let before = server_of(first).await?;
        let mut transaction = second.begin().await.map_err(refused_or)?;
        let held = server_of(&mut transaction).await?;
        // While the transaction keeps the server that the first one had, that one is given another.
        let after = server_of(first).await?;
        transaction.rollback().await.map_err(store_error)?;
        if held == before || held == after || after != before {
            return Err(StoreError::Unavailable(TransactionPooling.into()));
        }
    }
    Ok(())
}

/// The process of the server that works for a connection at the moment. Nothing is prepared for it.
async fn server_of(connection: &mut PgConnection) -> Result<i32, StoreError> {
    use sqlx::Row as _;
    let row = raw_sql("select pg_backend_pid()::text").fetch_one(connection).await.map_err(store_error)?;
    let text: String = row.try_get(0).map_err(store_error)?;
    text.parse().map_err(|_| StoreError::Unavailable(TransactionPooling.into()))
}

/// In statement mode a pooler refuses transactions, as a violation of the protocol.
fn refused_or(error: sqlx::Error) -> StoreError {
    let state = error.as_database_error().and_then(|database| database.code());
    if state.as_deref() == Some("08P01") {
        StoreError::Unavailable(TransactionPooling.into())
    } else {
        store_error(error)
    }
}

/// A pooler that is busy with others may by chance give the same servers again; not this often.
const ROUNDS: usize = 8;
