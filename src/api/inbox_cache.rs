//! Inboxes, remembered for a few seconds: every socket and every visitor begins with one, and must also when the database is
//! away.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use frontdesk_domain::{Inbox, InboxId};
use frontdesk_ports::{Clock, Inboxes, StoreError};

/// How long an answer is believed: a change takes effect within this time on the other nodes.
const BELIEVED: Duration = Duration::from_secs(3);

/// More than that are never remembered at once.
const MOST: usize = 1_000;

/// Remembers inboxes that exist.
#[derive(Default)]
pub(crate) struct InboxCache {
    known: Mutex<HashMap<InboxId, (Duration, Inbox)>>,
}

impl InboxCache {
    /// The inbox `id`. While the database is away: as it was known last.
    pub(crate) async fn get(
        &self,
        inboxes: &dyn Inboxes,
        clock: &dyn Clock,
        id: InboxId,
    ) -> Result<Option<Inbox>, StoreError> {
        let now = clock.monotonic();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some((at, inbox)) = &known
            && now.saturating_sub(*at) < BELIEVED
        {
            return Ok(Some(inbox.clone()));
        }
        match (inboxes.inbox(id).await, known) {
            (Ok(found), _) => {
                self.remember(id, now, found.as_ref());
                Ok(found)
            }
            (Err(error), Some((_, inbox))) if error.is_transient() => Ok(Some(inbox)),
            (Err(error), _) => Err(error),
        }
    }

    /// Asks again next time.
    pub(crate) fn forget(&self, id: InboxId) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    fn remember(&self, id: InboxId, now: Duration, found: Option<&Inbox>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            None => drop(known.remove(&id)),
            Some(inbox) => {
                if known.len() >= MOST && !known.contains_key(&id) {
                    known.clear();
                }
                known.insert(id, (now, inbox.clone()));
            }
        }
    }
}
