//! Whether a log-in still holds, asked of the database at most every few seconds.

use std::{sync::Arc, time::Duration};

use frontdesk_domain::{Agent, LoginId};
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
}

impl LiveLogins {
    pub(crate) fn new(logins: Arc<dyn Logins>, clock: Arc<dyn Clock>) -> Self {
        Self { logins, known: TimedCache::new(Arc::clone(&clock), BELIEVED, MOST), clock }
    }

    pub(crate) async fn standing(&self, login: LoginId) -> Standing {
        if let Some(standing) = self.known.get(&login) {
            return standing;
        }
        let now = self.clock.monotonic();
        let standing = match self.logins.live_logins(&[login], self.clock.now()).await {
            Ok(live) => live
                .into_iter()
                .find(|(id, _)| *id == login)
                .map_or(Standing::Ended, |(_, agent)| Standing::Live(agent)),
            Err(error) => {
                if !error.is_transient() {
                    tracing::error!(error = &error as &dyn std::error::Error, "a log-in could not be looked up");
                }
                return Standing::Unknown;
            }
        };
        self.known.put(login, now, standing.clone());
        standing
    }

    /// Asks again next time.
    pub(crate) fn forget(&self, login: LoginId) {
        self.known.remove(&login);
    }

    /// Asks again next time, about everyone.
    pub(crate) fn forget_all(&self) {
        self.known.clear();
    }
}

/// How long an answer is believed: a log-out or a lost role takes effect within this time.
const BELIEVED: Duration = Duration::from_secs(3);

/// Most log-ins remembered at once.
const MOST: usize = 10_000;
