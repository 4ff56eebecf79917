//! What workers need of the outside.

use std::sync::Arc;

use frontdesk_ports::{
    Clock, Commands, ConversationStore, DeadLetters, Directory, Feed, GivenUpRecords, Log, LogLedger, ParkedLetters,
    StoreLedger, Trim, WorkSource,
};

/// What workers need of the outside. Cloning it clones handles.
#[derive(Clone)]
pub struct WorkerDeps {
    /// The log, to fill holes and to acknowledge.
    pub log: Arc<dyn Log>,
    /// The database.
    pub store: Arc<dyn ConversationStore>,
    /// The log's streams, to see what was left behind.
    pub log_ledger: Arc<dyn LogLedger>,
    /// The database, to see what of it is there.
    pub store_ledger: Arc<dyn StoreLedger>,
    /// Where agents hear of changes.
    pub feed: Arc<dyn Feed>,
    /// Where records go that cannot be processed.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// What lies there.
    pub parked: Arc<dyn ParkedLetters>,
    /// Records that the broker hands out no more.
    pub given_up: Arc<dyn GivenUpRecords>,
    /// Removing records from the log.
    pub trim: Arc<dyn Trim>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Every entry, for the database.
    pub persist_work: Arc<dyn WorkSource>,
    /// Every entry, for agents.
    pub push_work: Arc<dyn WorkSource>,
    /// Delivered and read receipts.
    pub receipts_work: Arc<dyn WorkSource>,
}

/// What the worker needs that files what bridges bring. Cloning it clones handles.
#[derive(Clone)]
pub struct IngestDeps {
    /// Inboxes and contacts.
    pub directory: Arc<dyn Directory>,
    /// The conversations, for requests that come after everybody else's.
    pub commands: Arc<dyn Commands>,
    /// Where messages go that cannot be filed.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What bridges bring in.
    pub work: Arc<dyn WorkSource>,
}
