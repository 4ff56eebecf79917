//! What hosting conversations takes.

use std::{sync::Arc, time::Duration};

use frontdesk_config::ConversationSettings;
use frontdesk_ports::{Clock, ConversationStore, InboxRulesSource, Log, LogInspector, Presence};

/// The ports and settings that hosting conversations takes.
#[derive(Clone)]
pub struct HostPorts {
    /// The message log at the broker.
    pub log: Arc<dyn Log>,
    /// Positions of the log's streams and of the persist queue, for the read barrier.
    pub inspector: Arc<dyn LogInspector>,
    /// Persisted conversations and their entries.
    pub conversations: Arc<dyn ConversationStore>,
    /// Who is connected, to tell subscribers of a conversation.
    pub presence: Arc<dyn Presence>,
    /// What the settings of inboxes allow in their conversations.
    pub inbox_rules: Arc<dyn InboxRulesSource>,
    /// Wall clock and monotonic clock.
    pub clock: Arc<dyn Clock>,
    /// Limits and intervals of conversations.
    pub settings: ConversationSettings,
    /// Epoch of the history, as clients send it back on `resume`.
    pub epoch: String,
}

impl HostPorts {
    /// Seconds since `since`, a moment of the monotonic clock.
    pub(crate) fn seconds_since(&self, since: Duration) -> f64 {
        self.clock.monotonic().saturating_sub(since).as_secs_f64()
    }
}
