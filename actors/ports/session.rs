//! What sessions and the roster of a gateway take.

use std::{sync::Arc, time::Duration};

use frontdesk_config::SessionSettings;
use frontdesk_ports::{Authenticator, AwayChoice, Clock, ConversationStore, Directory, Feed, Log, Presence, Sessions};

/// The ports and settings of sessions and agents. Those of conversations are in `HostPorts`.
pub struct SessionPorts {
    /// The message log at the broker.
    pub log: Arc<dyn Log>,
    /// The feed of changed conversations to agents.
    pub feed: Arc<dyn Feed>,
    /// Persisted conversations and their entries.
    pub conversations: Arc<dyn ConversationStore>,
    /// Agents and inboxes of the tenants.
    pub directory: Arc<dyn Directory>,
    /// Presence of agents and contacts.
    pub presence: Arc<dyn Presence>,
    /// Keeps what agents choose to be.
    pub away: Arc<dyn AwayChoice>,
    /// Connected sockets of all nodes.
    pub sessions: Arc<dyn Sessions>,
    /// Who a token speaks for.
    pub authenticator: Arc<dyn Authenticator>,
    /// Wall clock and monotonic time.
    pub clock: Arc<dyn Clock>,
    /// Limits and intervals of sessions.
    pub session: SessionSettings,
    /// Epoch of the history, as clients send it back on `resume`.
    pub epoch: String,
    /// Name of this node, for operators.
    pub node: Arc<str>,
}

impl SessionPorts {
    /// Seconds since `since`, a moment of the monotonic clock.
    pub(crate) fn seconds_since(&self, since: Duration) -> f64 {
        self.clock.monotonic().saturating_sub(since).as_secs_f64()
    }
}
