//! Which origins may show some widget, remembered for a while.

use std::{collections::HashSet, sync::Arc, time::Duration};

use frontdesk_domain::Origin;
use frontdesk_ports::{Clock, Directory, StoreError};

use super::TimedCache;

/// The origins of all inboxes, as read a while ago. Only what browsers show to pages depends on it, never what is done.
pub(crate) struct WidgetOrigins {
    directory: Arc<dyn Directory>,
    clock: Arc<dyn Clock>,
    known: TimedCache<(), Arc<HashSet<Origin>>>,
    reading: tokio::sync::Mutex<()>,
}

impl WidgetOrigins {
    pub(crate) fn new(directory: Arc<dyn Directory>, clock: Arc<dyn Clock>) -> Self {
        let known = TimedCache::new(Arc::clone(&clock), PRESENT, 1);
        Self { directory, clock, known, reading: tokio::sync::Mutex::default() }
    }

    /// Whether some inbox allows pages of `origin`.
    pub(crate) async fn contains(&self, origin: &Origin) -> bool {
        if let Some(answer) = self.answer(origin) {
            return answer;
        }
        let _one_reads_for_all = self.reading.lock().await;
        if let Some(answer) = self.answer(origin) {
            return answer;
        }
        let now = self.clock.monotonic();
        match self.read().await {
            Ok(origins) => {
                let present = origins.contains(origin);
                self.known.put((), now, Arc::new(origins));
                present
            }
            // What was true a while ago is the best guess.
            Err(_) => self.known.last_known(&()).is_some_and(|(_, origins)| origins.contains(origin)),
        }
    }

    fn answer(&self, origin: &Origin) -> Option<bool> {
        let (age, origins) = self.known.last_known(&())?;
        let present = origins.contains(origin);
        let believed = if present { PRESENT } else { ABSENT };
        (age < believed).then_some(present)
    }

    async fn read(&self) -> Result<HashSet<Origin>, StoreError> {
        let mut origins = HashSet::new();
        for tenant in self.directory.tenants().await? {
            for inbox in self.directory.inboxes(tenant.id).await? {
                origins.extend(inbox.allowed_origins());
            }
        }
        Ok(origins)
    }

    /// Reads again next time.
    pub(crate) fn forget(&self) {
        self.known.clear();
    }
}

/// An origin that was there is believed for this long.
const PRESENT: Duration = Duration::from_secs(60);

/// An origin that was not there is looked for again after this time.
const ABSENT: Duration = Duration::from_secs(5);
