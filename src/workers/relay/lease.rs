//! Which relay publishes: the one that has the lease.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_ports::{Clock, Outbox, RelayId, RelayLease};
use uuid::Uuid;

use super::PATIENCE;
use crate::kit::WorkerError;

/// This relay's hold on the lease, and what it has seen of the holder. Written only while events wait, so that an idle
/// relay costs no write; so a holder that does not renew is dead only if events wait all the time.
pub(super) struct Lease {
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
    relay: RelayId,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// When this relay renewed it last; `None` when it does not have it.
    renewed: Option<Duration>,
    /// The lease of another relay, and since when it is as it is.
    other: Option<(RelayLease, Duration)>,
}

impl Lease {
    pub(super) fn new(outbox: Arc<dyn Outbox>, clock: Arc<dyn Clock>) -> Self {
        Self { outbox, clock, relay: RelayId(Uuid::new_v4()), seen: Mutex::default() }
    }

    /// Whether another relay had it at the last look.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.seen().other.is_some()
    }

    /// Nothing waits, so the holder has no reason to renew.
    pub(super) fn nothing_waits(&self) {
        if let (Some((_, since)), now) = (&mut self.seen().other, self.clock.monotonic()) {
            *since = now;
        }
    }

    /// Events wait: takes the lease, renews it, or watches its holder. Whether this relay has it.
    ///
    /// # Errors
    /// [`WorkerError::Store`].
    pub(super) async fn hold(&self) -> Result<bool, WorkerError> {
        let now = self.clock.monotonic();
        if self.seen().renewed.is_some_and(|renewed| now < renewed + RENEW_EVERY) {
            return Ok(true);
        }
        let lease = self.outbox.renew_lease(self.relay).await?;
        if lease.holder == Some(self.relay) {
            *self.seen() = Seen { renewed: Some(now), other: None };
            return Ok(true);
        }
        let since = {
            let mut seen = self.seen();
            seen.renewed = None;
            match seen.other {
                Some((other, since)) if other == lease => since,
                _ => seen.other.insert((lease, now)).1,
            }
        };
        if now < since + PATIENCE || !self.outbox.take_over_lease(self.relay, lease).await? {
            return Ok(false);
        }
        tracing::info!("another relay has stopped renewing its lease; this one publishes events now");
        *self.seen() = Seen { renewed: Some(now), other: None };
        Ok(true)
    }

    /// Gives it back, so that another relay need not wait.
    ///
    /// # Errors
    /// [`WorkerError::Store`]: another relay takes it over after a while.
    pub(super) async fn release(&self) -> Result<(), WorkerError> {
        if self.seen().renewed.take().is_some() {
            self.outbox.release_lease(self.relay).await?;
        }
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Between two renewals while events are published.
const RENEW_EVERY: Duration = Duration::from_secs(1);
