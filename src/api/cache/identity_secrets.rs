//! The secrets of inboxes, remembered for a few seconds: sites prove their visitors also while the database is away.

use std::{sync::Arc, time::Duration};

use frontdesk_domain::{IdentitySecret, InboxId, TenantId};
use frontdesk_ports::{Clock, Definitions, StoreError, definitions};

use crate::cache::TimedCache;

/// Remembers the secrets of each inbox that was asked for.
pub(crate) struct IdentitySecrets {
    definitions: Arc<dyn Definitions>,
    clock: Arc<dyn Clock>,
    known: TimedCache<InboxId, Arc<[IdentitySecret]>>,
}

impl IdentitySecrets {
    pub(crate) fn new(definitions: Arc<dyn Definitions>, clock: Arc<dyn Clock>) -> Self {
        Self { definitions, known: TimedCache::new(Arc::clone(&clock), BELIEVED, MOST), clock }
    }

    /// The secrets of an inbox. While the database is away: as they were known last.
    pub(crate) async fn of(&self, tenant: TenantId, inbox: InboxId) -> Result<Arc<[IdentitySecret]>, StoreError> {
        if let Some(secrets) = self.known.get(&inbox) {
            return Ok(secrets);
        }
        let now = self.clock.monotonic();
        match definitions::all::<IdentitySecret>(&*self.definitions, tenant).await {
            Ok(found) => {
                let of_inbox = found.into_iter().map(|found| found.value).filter(|secret| secret.inbox == inbox);
                let secrets: Arc<[_]> = of_inbox.collect();
                self.known.put(inbox, now, Arc::clone(&secrets));
                Ok(secrets)
            }
            Err(error) if error.is_transient() => match self.known.last_known(&inbox) {
                Some((_, secrets)) => Ok(secrets),
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Asks again next time.
    pub(crate) fn forget(&self, inbox: InboxId) {
        self.known.remove(&inbox);
    }

    /// Asks again next time, for each inbox.
    pub(crate) fn forget_all(&self) {
        self.known.clear();
    }
}

/// How long an answer is believed: a secret that was removed proves nothing after this time on the other nodes.
const BELIEVED: Duration = Duration::from_secs(3);

/// Most inboxes whose secrets are remembered at once.
const MOST: usize = 1_000;
