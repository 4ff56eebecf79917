//! Following change notices: one task of a process that tells its caches.

use std::{sync::Arc, time::Duration};

use frontdesk_ports::{Notice, NoticeEvent, Notices};
use futures_util::StreamExt as _;

/// Something that holds copies of a tenant's objects. Both methods must return at once.
pub trait NoticeListener: Send + Sync {
    /// An object changed.
    fn changed(&self, notice: &Notice);

    /// Notices may have been missed: nothing that is held is known to be current.
    fn missed(&self);
}

/// Tells `listeners` of every notice, for ever; drop the future to end it. Subscribes again when the subscription ends.
pub async fn follow(notices: Arc<dyn Notices>, listeners: Vec<Arc<dyn NoticeListener>>) {
    loop {
        match notices.subscribe().await {
            Ok(mut stream) => {
                // What changed before the subscription began.
                listeners.iter().for_each(|listener| listener.missed());
                while let Some(event) = stream.next().await {
                    match &event {
                        NoticeEvent::Changed(notice) => listeners.iter().for_each(|listener| listener.changed(notice)),
                        NoticeEvent::Missed => listeners.iter().for_each(|listener| listener.missed()),
                    }
                }
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "cannot receive change notices; changes made on other nodes take effect later");
            }
        }
        tokio::time::sleep(RETRY_AFTER).await;
    }
}

/// Wait before subscribing again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
