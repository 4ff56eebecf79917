//! Tells the relay of the same process that a transaction has added events, so that it need not look often.

use std::sync::Arc;

use tokio::sync::Notify;

/// A signal between the transactions of one process and its relay. Clones are the same signal.
#[derive(Debug, Clone, Default)]
pub struct OutboxSignal(Arc<Notify>);

impl OutboxSignal {
    /// A transaction that added events has ended. Kept for the next [`wait`](Self::wait) when no relay waits now.
    pub fn events_added(&self) {
        self.0.notify_one();
    }

    /// Returns after the next [`events_added`](Self::events_added), or at once if there was one since the last wait.
    pub async fn wait(&self) {
        self.0.notified().await;
    }
}
