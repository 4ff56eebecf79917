//! The store ports on Postgres: the database of a desk on several machines.
//!
//! [`PostgresStore`] keeps conversations and the directory. It decides nothing: what a batch means and what becomes of
//! a token is decided in `ports`. Any number of nodes and workers may use one database at once. Only the binary depends
//! on it.
//!
//! All statements are checked against the schema when this crate is built, by what `prepare.sh` wrote to `.sqlx/`.

mod audit;
mod changes;
mod connect;
mod conversations;
mod definitions;
mod directory;
mod entries;
mod error;
mod inspector;
mod installation;
mod list;
mod outbox;
mod persist;
mod pooler;
mod receipts;
mod settings;
mod timers;
mod transaction;

pub use connect::PostgresStore;
pub use error::{NewerSchema, TransactionPooling, Unanswered};
