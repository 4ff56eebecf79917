//! What the sessions of a gateway share: the host of conversations, the roster of agents, and the ports of sessions.

use std::sync::Arc;

use actix::Addr;
use actix_rt::ArbiterHandle;
use frontdesk_domain::{ConversationKey, TenantId};

use crate::{
    admission::Admission,
    agent::{AgentsChanged, RightsChanged, Roster, SettingsChanged},
    conversation::Call,
    host::Host,
    ports::SessionPorts,
    runtime::start_with_capacity,
};

/// The actors of a gateway that sessions talk to.
pub struct Node {
    host: Arc<Host>,
    ports: Arc<SessionPorts>,
    roster: Addr<Roster>,
}

impl Node {
    /// Starts the roster on `arbiter`, beside a `host` of conversations that runs already.
    #[must_use]
    pub fn start(host: Arc<Host>, ports: Arc<SessionPorts>, arbiter: &ArbiterHandle) -> Arc<Self> {
        let of_roster = Arc::clone(&ports);
        let roster = start_with_capacity(arbiter, Roster::MAILBOX, move || Roster::new(of_roster));
        Arc::new(Self { host, ports, roster })
    }

    /// The conversations of this process.
    #[must_use]
    pub const fn host(&self) -> &Arc<Host> {
        &self.host
    }

    /// The ports and settings that sessions share.
    #[must_use]
    pub const fn ports(&self) -> &Arc<SessionPorts> {
        &self.ports
    }

    /// Hands `call` to the conversation of `key`; see [`Host::route`].
    pub fn route(&self, key: ConversationKey, call: Call) {
        self.host.route(key, call);
    }

    /// Has the rights of every connected agent looked up at once, because they may have changed. A roster too busy to
    /// take it looks them up at its next interval.
    pub fn rights_changed(&self) {
        let _busy = self.roster.try_send(RightsChanged);
    }

    /// Tells the connected agents of `tenant`, or of every tenant, to read again what they show of settings. A roster
    /// too busy to take it tells nothing: a console reads them again when it connects.
    pub fn settings_changed(&self, tenant: Option<TenantId>) {
        let _busy = self.roster.try_send(SettingsChanged(tenant));
    }

    /// Tells the connected agents of `tenant`, or of every tenant, to read again what they show of agents. A roster too
    /// busy to take it tells nothing: a console reads them again when it connects.
    pub fn agents_changed(&self, tenant: Option<TenantId>) {
        let _busy = self.roster.try_send(AgentsChanged(tenant));
    }

    pub(crate) fn admission(&self) -> &Arc<Admission> {
        self.host.admission()
    }

    pub(crate) const fn roster(&self) -> &Addr<Roster> {
        &self.roster
    }
}
