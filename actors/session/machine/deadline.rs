//! What time brings: heartbeat, presence, and the end of a contact's token.

use std::time::Duration;

use frontdesk_domain::Principal;
use frontdesk_protocol::socket::{CloseCode, ServerFrame};

use super::{Act, Env, SessionMachine};
use crate::session::{closing::Shut, heartbeat::Due, phase::Phase};

impl SessionMachine {
    /// The peer sent something. Whether the next deadline is another one now.
    pub(in crate::session) fn handle_heard(&mut self, env: Env<'_>) -> bool {
        self.heartbeat.on_heard(env.monotonic)
    }

    /// The next thing that is due; called until there is nothing left.
    pub(in crate::session) fn poll_deadline(&mut self, env: Env<'_>) -> Option<Act> {
        if !matches!(self.phase, Phase::Known(_)) {
            return None;
        }
        if self.token_left(env).is_some_and(|left| left.is_zero()) {
            return Some(Act::Close(Shut::new(CloseCode::Unauthorised, "expired")));
        }
        let intervals = self.intervals(env.settings);
        if self.heartbeat.is_presence_due(env.monotonic, intervals) {
            return Some(self.say_present(env));
        }
        match self.heartbeat.poll(env.monotonic, intervals) {
            Due::Lost => Some(Act::Close(Shut::new(CloseCode::HeartbeatTimeout, "heartbeat"))),
            Due::Ping { with_presence } => {
                self.tell(&ServerFrame::Ping {}, env);
                with_presence.then(|| self.say_present(env))
            }
            Due::Nothing => None,
        }
    }

    /// How long until [`Self::poll_deadline`] is to be called, if nothing arrives before. Zero means at the next scan
    /// of the deadline list: receipts that are held back are tried then, and a session that is not welcomed is looked
    /// at again.
    pub(in crate::session) fn poll_timeout(&self, env: Env<'_>) -> Duration {
        if self.holds_receipts() || !matches!(self.phase, Phase::Known(_)) {
            return Duration::ZERO;
        }
        let left = self.heartbeat.next(self.intervals(env.settings)).saturating_sub(env.monotonic);
        left.min(self.token_left(env).unwrap_or(LONGEST_SLEEP)).min(LONGEST_SLEEP)
    }

    /// Presence is written now, for a little longer than two heartbeats.
    pub(super) fn say_present(&mut self, env: Env<'_>) -> Act {
        self.heartbeat.on_present(env.monotonic);
        Act::SayPresent(Vec::new())
    }

    /// How long until the token of a contact ends; the roster checks those of agents.
    fn token_left(&self, env: Env<'_>) -> Option<Duration> {
        let identity = self.identity().filter(|identity| matches!(identity.principal, Principal::Contact(_)))?;
        let until = identity.expires_at.0.saturating_sub(env.wall.0);
        Some(Duration::from_millis(u64::try_from(until).unwrap_or_default()))
    }
}

/// Longest time between two wake-ups.
const LONGEST_SLEEP: Duration = Duration::from_secs(3_600);
