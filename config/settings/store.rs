//! `[store]`: the database that history is read from.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::values::{choice, empty_is_none, hidden};

/// Which database, where, and how many connections to it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSettings {
    /// The kind of database. Default "sqlite".
    #[serde(deserialize_with = "choice")]
    pub kind: StoreKind,
    /// Connection string for Postgres. Default: not set.
    #[serde(deserialize_with = "empty_is_none", serialize_with = "hidden")]
    pub url: Option<SecretString>,
    /// Most connections one process opens. Default 8.
    pub max_connections: u32,
}

/// The databases we speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// A file in the data folder.
    Sqlite,
    /// A server, shared by several nodes.
    Postgres,
}
