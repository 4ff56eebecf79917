//! Whether a log-in still holds, asked of the database at most every few seconds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use frontdesk_domain::{Agent, LoginId};
use frontdesk_ports::{Clock, Logins};

/// How long an answer is believed: a log-out or a lost role takes effect within this time.
const BELIEVED: Duration = Duration::from_secs(3);

/// More than that are never remembered at once.
const MOST: usize = 10_000;

/// What is known of a log-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It holds; so stands its agent now.
    Live(Agent),
    /// It was ended, or its agent may not sign in any more.
    Ended,
    /// The database does not answer; the token's own word must do.
    Unknown,
}

/// Remembers for a few seconds which log-ins hold.
pub(crate) struct LiveLogins {
    logins: Arc<dyn Logins>,
    clock: Arc<dyn Clock>,
    asked: Mutex<HashMap<LoginId, (Duration, Standing)>>,
}

impl LiveLogins {
    pub(crate) fn new(logins: Arc<dyn Logins>, clock: Arc<dyn Clock>) -> Self {
        Self { logins, clock, asked: Mutex::default() }
    }

    pub(crate) async fn standing(&self, login: LoginId) -> Standing {
        let now = self.clock.monotonic();
        {
            let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((at, standing)) = asked.get(&login)
                && now.saturating_sub(*at) < BELIEVED
            {
                return standing.clone();
            }
        }
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
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= MOST {
            asked.retain(|_, (at, _)| now.saturating_sub(*at) < BELIEVED);
        }
        if asked.len() < MOST {
            asked.insert(login, (now, standing.clone()));
        }
        standing
    }

    /// Asks again next time.
    pub(crate) fn forget(&self, login: LoginId) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).remove(&login);
    }

    /// Asks again next time, about everyone.
    pub(crate) fn forget_all(&self) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
