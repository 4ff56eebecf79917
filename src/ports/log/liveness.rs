//! Whether subscriptions still deliver.

use async_trait::async_trait;
use frontdesk_domain::Partition;

use crate::error::LogError;

/// The subscriptions that a node has for a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveChannel {
    /// Entries, after they were stored.
    Live,
    /// The acknowledgements of a partition.
    Acks,
    /// Typing and presence.
    Signals,
}

impl LiveChannel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Live, Self::Acks, Self::Signals];

    /// The name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Acks => "acks",
            Self::Signals => "signals",
        }
    }
}

/// Heartbeats through subscriptions, which detect one that delivers nothing although its connection is up.
#[async_trait]
pub trait Liveness: Send + Sync {
    /// Counts the times that live records, acknowledgements or signals may have been missed, such as a lost connection:
    /// when it grows, what shows live conversations catches up. The default never grows.
    fn reconnects(&self) -> tokio::sync::watch::Receiver<u64> {
        tokio::sync::watch::channel(0).1
    }

    /// Sends a heartbeat through each channel of `partition` that delivered nothing for a while. Subscribers receive
    /// it, and pass it on to no client.
    ///
    /// # Errors
    /// [`LogError`]: the log did not take it, so nothing follows from not receiving it. The default does nothing.
    async fn check(&self, _partition: Partition) -> Result<(), LogError> {
        Ok(())
    }

    /// A subscribed channel of `partition` that delivered nothing although the log took two heartbeats. The default
    /// never finds one.
    fn stale_channel(&self, _partition: Partition) -> Option<LiveChannel> {
        None
    }
}
