//! `[conversation]`: conversations that are active in memory.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Bounds and deadlines of an active conversation.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConversationSettings {
    /// Messages waiting in a conversation's mailbox. Default 64.
    pub mailbox_capacity: usize,
    /// Commands waiting for their turn at the log. Default 64.
    pub queue_capacity: usize,
    /// Commands in hand at a time on one node, of all conversations. Default 2048.
    pub max_in_hand: usize,
    /// Unused this long, a conversation leaves memory. Default "15m".
    #[serde(with = "humantime_serde")]
    pub idle_after: Duration,
    /// Latest entries kept in memory per conversation. Default 64.
    pub recent_entries: usize,
    /// How long one command may take, retries included. Default "10s".
    #[serde(with = "humantime_serde")]
    pub command_timeout: Duration,
}
