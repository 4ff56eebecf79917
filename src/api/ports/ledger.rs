//! The report for supervisors of what was accepted, persisted and repaired, as the server keeps it.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use frontdesk_domain::TenantId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Keeps account of what was accepted. Every answer is about one tenant.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// How things stand, a few seconds old at most.
    ///
    /// # Errors
    /// [`LedgerAway`].
    async fn figures(&self, tenant: TenantId) -> Result<LedgerFigures, LedgerAway>;

    /// Begins to compare everything that there is of a tenant; [`Self::figures`] says how it goes. One that goes on
    /// already is left to go on.
    ///
    /// # Errors
    /// [`CheckRefused`].
    async fn begin_check(&self, tenant: TenantId) -> Result<(), CheckRefused>;
}

/// The log or the database did not answer.
#[derive(Debug, thiserror::Error)]
#[error("the log or the database does not answer")]
pub struct LedgerAway(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// No check was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no check can begin now")]
pub struct CheckRefused {
    /// When to ask again.
    pub retry_after: Duration,
}

/// How a tenant's ledger stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Ledger)]
pub struct LedgerFigures {
    /// Entries that were accepted: messages, notes and everything else in conversations.
    #[schema(example = 1042)]
    pub accepted: u64,
    /// Of these, those that the database holds.
    #[schema(example = 1042)]
    pub persisted: u64,
    /// Of these, those that are logged and on their way to the database; at most 5,000 are counted.
    #[schema(example = 0)]
    pub unpersisted: u64,
    /// How long ago the oldest of them was accepted; null when there is none.
    pub oldest_unpersisted_ms: Option<u64>,
    /// Conversations that the database holds.
    pub conversations: u64,
    /// What was left behind on its way, and seen to, since the beginning.
    pub repairs: LedgerRepairs,
    /// The last check, or the one that goes on; null when there was none.
    pub check: Option<LedgerCheck>,
}

/// What was left behind and seen to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LedgerRepairs {
    /// Entries written to the database in place of a worker that was gone.
    pub entries: u64,
    /// Conversations whose senders were told in its place that their entries are in the database.
    pub acknowledgements: u64,
    /// When the last of them was (UTC milliseconds).
    pub last_at: Option<i64>,
}

/// A comparison of everything that log, database and delivery states hold of the tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerCheck {
    /// How far it is.
    pub state: CheckState,
    /// When it began (UTC milliseconds).
    pub began_at: i64,
    /// When it ended (UTC milliseconds).
    pub ended_at: Option<i64>,
    /// How much was looked at so far.
    pub looked_at: LookedAt,
    /// How many there are of each anomaly, by name: `missing`, `duplicated`, `misordered` and others. Empty until it is
    /// done.
    pub found: BTreeMap<String, u64>,
    /// The first of them.
    pub findings: Vec<LedgerFinding>,
}

/// How far a check is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// It goes on.
    #[default]
    Running,
    /// It came to its end; what it found is in `found`.
    Done,
    /// It did not: the log or the database was away, or it took too long. Nothing can be said.
    Failed,
}

/// How much a check looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LookedAt {
    /// Records of the log.
    pub logged: u64,
    /// Conversations of the database.
    pub conversations: u64,
    /// How many entries these conversations have.
    pub entries: u64,
    /// Acknowledgements and receipts.
    pub states: u64,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerFinding {
    /// Of which kind.
    #[schema(example = "missing")]
    pub anomaly: String,
    /// In which conversation.
    pub conversation: Option<Uuid>,
    /// Number of the entry; 0 when it has none.
    pub seq: u64,
    /// Why it was named, in a few words.
    pub why: String,
}
