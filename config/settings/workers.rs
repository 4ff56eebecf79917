//! `[workers]`: background work between the log, the database and the sockets.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{roles::Role, values::comma_list};

/// What a worker process does, and in what portions.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WorkersSettings {
    /// The roles of this process. Default: all.
    #[serde(deserialize_with = "comma_list")]
    pub roles: Vec<Role>,
    /// Most entries written to the database in one transaction. Default 500.
    pub persist_batch: usize,
    /// How long an entry may stay taken and not persisted before it is handed out again. Default "5s".
    #[serde(with = "humantime_serde")]
    pub persist_ack_wait: Duration,
    /// Most entries taken at once to be pushed to agents. Default 256.
    pub push_batch: usize,
    /// Most receipts taken at once. Default 500.
    pub receipts_batch: usize,
    /// Messages that the bridges of one inbox bring in a second in the long run; more wait in the broker. Default 100.
    pub ingest_rate_per_inbox: u32,
    /// How often the log is trimmed behind what was persisted. Default "5s".
    #[serde(with = "humantime_serde")]
    pub trim_interval: Duration,
    /// How often the reconciler looks for entries that are logged and not persisted. Default "50ms".
    #[serde(with = "humantime_serde")]
    pub reconcile_interval: Duration,
    /// How long an entry may be logged without being persisted before the reconciler persists it itself. Three times
    /// the 99th percentile of the measured times, if that is longer. Default "250ms".
    #[serde(with = "humantime_serde")]
    pub reconcile_after: Duration,
    /// How long an event stays in the database after it was published. Default "24h".
    #[serde(with = "humantime_serde")]
    pub outbox_keep: Duration,
}
