//! Commands on their way through the machine.

use std::time::Duration;

use frontdesk_domain::{ClientId, Participant, Request};

/// A request's name: its sender and the sender's own id for it.
pub(super) type RequestName = (Participant, ClientId);

/// A command that is not answered yet.
#[derive(Debug, Clone)]
pub struct Pending<T> {
    /// The command with its principal and `client_id`.
    pub request: Request,
    /// When it came in (monotonic clock).
    pub since: Duration,
    /// What its owner needs to answer it.
    pub ticket: T,
}

impl<T> Pending<T> {
    /// Its sender, and the sender's own id for it.
    pub(super) const fn name(&self) -> RequestName {
        (self.request.principal.participant(), self.request.client_id)
    }

    pub(super) const fn waited(&self, now: Duration) -> Duration {
        now.saturating_sub(self.since)
    }
}
