//! The database as one bundle of ports.

use std::sync::Arc;

use crate::{
    audit::AuditTrail, directory::Directory, installation::Installation, outbox::Outbox, settings::SettingsDocuments,
    store::ConversationStore, store_inspector::StoreInspector, timers::Timers, transaction::Transactions,
};

/// All ports of one database. Made once where the database is opened and passed on whole, so that a further port of the
/// database is added here and in the adapters only. Cloning it clones handles.
#[derive(Clone)]
pub struct Database {
    /// Facts of the database as a whole.
    pub installation: Arc<dyn Installation>,
    /// Conversations and their entries, as they were persisted.
    pub conversations: Arc<dyn ConversationStore>,
    /// Tenants, inboxes, agents, roles, contacts and log-ins.
    pub directory: Arc<dyn Directory>,
    /// Changes of several rows as a whole.
    pub transactions: Arc<dyn Transactions>,
    /// The audit trail, for reading.
    pub audit: Arc<dyn AuditTrail>,
    /// Reads the database for reconciliation.
    pub inspector: Arc<dyn StoreInspector>,
    /// Timers, which fire at or after their due time.
    pub timers: Arc<dyn Timers>,
    /// Events that wait to be published.
    pub outbox: Arc<dyn Outbox>,
    /// The documents of settings, for reading versions.
    pub settings: Arc<dyn SettingsDocuments>,
}

impl Database {
    /// All ports on the same `store`.
    #[must_use]
    pub fn of<S>(store: Arc<S>) -> Self
    where
        S: Installation
            + ConversationStore
            + Directory
            + Transactions
            + AuditTrail
            + StoreInspector
            + Timers
            + Outbox
            + SettingsDocuments
            + 'static,
    {
        Self {
            installation: Arc::clone(&store) as _,
            conversations: Arc::clone(&store) as _,
            directory: Arc::clone(&store) as _,
            transactions: Arc::clone(&store) as _,
            audit: Arc::clone(&store) as _,
            inspector: Arc::clone(&store) as _,
            timers: Arc::clone(&store) as _,
            outbox: Arc::clone(&store) as _,
            settings: store,
        }
    }
}
