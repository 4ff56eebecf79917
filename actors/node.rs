//! What the sessions of a gateway share: the host of conversations, the roster of agents, and the ports of sessions.

use std::sync::Arc;

use actix::Addr;
use actix_rt::ArbiterHandle;
use frontdesk_domain::ConversationKey;

use crate::{
    admission::Admission, agent::Roster, conversation::Call, desk::Desk, host::Host, runtime::start_with_capacity,
};

/// The actors of a gateway that sessions talk to.
pub struct Node {
    host: Arc<Host>,
    desk: Arc<Desk>,
    roster: Addr<Roster>,
}

impl Node {
    /// Starts the roster on `arbiter`, beside a `host` of conversations that runs already.
    #[must_use]
    pub fn start(host: Arc<Host>, desk: Arc<Desk>, arbiter: &ArbiterHandle) -> Arc<Self> {
        let of_roster = Arc::clone(&desk);
        let roster = start_with_capacity(arbiter, Roster::MAILBOX, move || Roster::new(of_roster));
        Arc::new(Self { host, desk, roster })
    }

    /// The conversations of this process.
    #[must_use]
    pub const fn host(&self) -> &Arc<Host> {
        &self.host
    }

    /// The ports and settings that sessions share.
    #[must_use]
    pub const fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Hands `call` to the conversation of `key`; see [`Host::route`].
    pub fn route(&self, key: ConversationKey, call: Call) {
        self.host.route(key, call);
    }

    pub(crate) fn admission(&self) -> &Arc<Admission> {
        self.host.admission()
    }

    pub(crate) const fn roster(&self) -> &Addr<Roster> {
        &self.roster
    }
}
