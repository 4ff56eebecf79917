//! The store ports on SQLite: the database of a desk on one machine.
//!
//! [`SqliteStore`] keeps conversations and the directory in one file, written ahead (WAL) and synced at each commit. It
//! decides nothing: what a batch means and what becomes of a token is decided in `ports`. Only the binary depends on
//! it.
//!
//! All statements but the two that carry a batch's rows are checked against the schema when this crate is built, by
//! what `prepare.sh` wrote to `.sqlx/`.

mod audit;
mod changes;
mod conversations;
mod definitions;
mod directory;
mod entries;
mod error;
mod inspector;
mod installation;
mod list;
mod open;
mod outbox;
mod persist;
mod receipts;
mod settings;
mod shrink;
mod timers;
mod transaction;

pub use error::NewerSchema;
pub use open::SqliteStore;
