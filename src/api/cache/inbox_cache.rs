//! Inboxes, remembered for a few seconds: every socket and every visitor begins with one, and must also when the
//! database is away.

use std::{sync::Arc, time::Duration};

use frontdesk_domain::{Inbox, InboxId};
use frontdesk_ports::{Clock, Inboxes, StoreError};

use crate::cache::TimedCache;

/// Remembers inboxes that exist.
pub(crate) struct InboxCache {
    inboxes: Arc<dyn Inboxes>,
    clock: Arc<dyn Clock>,
    known: TimedCache<InboxId, Inbox>,
}

impl InboxCache {
    pub(crate) fn new(inboxes: Arc<dyn Inboxes>, clock: Arc<dyn Clock>) -> Self {
        Self { inboxes, known: TimedCache::new(Arc::clone(&clock), BELIEVED, MOST), clock }
    }

    /// The inbox `id`. While the database is away: as it was known last.
    pub(crate) async fn get(&self, id: InboxId) -> Result<Option<Inbox>, StoreError> {
        if let Some(inbox) = self.known.get(&id) {
            return Ok(Some(inbox));
        }
        let now = self.clock.monotonic();
        match self.inboxes.inbox(id).await {
            Ok(Some(inbox)) => {
                self.known.put(id, now, inbox.clone());
                Ok(Some(inbox))
            }
            Ok(None) => {
                self.known.remove(&id);
                Ok(None)
            }
            Err(error) if error.is_transient() => match self.known.last_known(&id) {
                Some((_, inbox)) => Ok(Some(inbox)),
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Asks again next time.
    pub(crate) fn forget(&self, id: InboxId) {
        self.known.remove(&id);
    }
}

/// How long an answer is believed: a change takes effect within this time on the other nodes.
const BELIEVED: Duration = Duration::from_secs(3);

/// Most inboxes remembered at once.
const MOST: usize = 1_000;
