//! What the caches of a process do with change notices.

use std::sync::Arc;

use frontdesk_ports::{LogStream, Notice, NoticeEvent};
use futures_util::StreamExt as _;

/// Something that holds copies of a tenant's objects. Both methods must return at once.
pub trait NoticeListener: Send + Sync {
    /// An object changed.
    fn changed(&self, notice: &Notice);

    /// Notices may have been missed: nothing that is held is known to be current.
    fn missed(&self);
}

/// Tells `listeners` of every notice of a subscription that has just begun, until it ends.
pub async fn deliver(mut subscription: LogStream<NoticeEvent>, listeners: &[Arc<dyn NoticeListener>]) {
    // What changed before the subscription began.
    listeners.iter().for_each(|listener| listener.missed());
    while let Some(event) = subscription.next().await {
        match &event {
            NoticeEvent::Changed(notice) => listeners.iter().for_each(|listener| listener.changed(notice)),
            NoticeEvent::Missed => listeners.iter().for_each(|listener| listener.missed()),
        }
    }
}
