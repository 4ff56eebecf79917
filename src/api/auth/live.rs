//! Whether a log-in still holds, asked of the database at most every few seconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use frontdesk_domain::{Agent, LoginId, TenantId};
use frontdesk_ports::{Clock, Logins};

use crate::cache::TimedCache;

/// What is known of a log-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It holds; so stands its agent now.
    Live(Agent),
    /// It was ended, or its agent may not sign in any more.
    Ended,
    /// The database does not answer; what the token says must do.
    Unknown,
}

/// Remembers for a few seconds which log-ins hold.
pub(crate) struct LiveLogins {
    logins: Arc<dyn Logins>,
    clock: Arc<dyn Clock>,
    known: TimedCache<LoginId, Standing>,
    /// Counts what was forgotten: what was being read then may be older than the change.
    outdated: AtomicU64,
}

impl LiveLogins {
    pub(crate) fn new(logins: Arc<dyn Logins>, clock: Arc<dyn Clock>) -> Self {
        Self { logins, known: TimedCache::new(Arc::clone(&clock), BELIEVED, MOST), clock, outdated: AtomicU64::new(0) }
    }

    pub(crate) async fn standing(&self, login: LoginId) -> Standing {
        if let Some(standing) = self.known.get(&login) {
            return standing;
        }
        let (now, outdated) = (self.clock.monotonic(), self.outdated.load(Ordering::Acquire));
        let standing = match self.logins.live_logins(&[login], self.clock.now()).await {
            Ok(live) => live
                .into_iter()
                .find(|live| live.login == login)
                .map_or(Standing::Ended, |live| Standing::Live(live.agent)),
            Err(error) => {
                if !error.is_transient() {
                    tracing::error!(error = &error as &dyn std::error::Error, "a log-in could not be looked up");
                }
                return Standing::Unknown;
            }
        };
        if self.outdated.load(Ordering::Acquire) == outdated {
            self.known.put(login, now, standing.clone());
        }
        standing
    }

    /// Asks again next time.
    pub(crate) fn forget(&self, login: LoginId) {
        self.outdated.fetch_add(1, Ordering::AcqRel);
        self.known.remove(&login);
    }

    /// Asks again next time, about every agent of a tenant.
    pub(crate) fn forget_tenant(&self, tenant: TenantId) {
        self.outdated.fetch_add(1, Ordering::AcqRel);
        self.known.retain(|standing| matches!(standing, Standing::Live(agent) if agent.tenant != tenant));
    }

    /// Asks again next time, about everyone.
    pub(crate) fn forget_all(&self) {
        self.outdated.fetch_add(1, Ordering::AcqRel);
        self.known.clear();
    }
}

/// How long an answer is believed: a log-out or a lost role takes effect within this time.
const BELIEVED: Duration = Duration::from_secs(3);

/// Most log-ins remembered at once.
const MOST: usize = 10_000;
