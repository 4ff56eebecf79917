//! The host of conversations in this process: its threads and its ports.

use std::sync::Arc;

use actix_rt::{Arbiter, ArbiterHandle};
use anyhow::Context;
use frontdesk_actors::{BridgeCommands, Host, HostPorts};
use frontdesk_config::Settings;
use frontdesk_ports::Commands;

use crate::backends::Backends;

/// A running host, and the threads that its actors live on.
pub(crate) struct ConversationHost {
    pub(crate) host: Arc<Host>,
    /// One for each of `server.workers`.
    pub(crate) arbiters: Vec<ArbiterHandle>,
    /// Epoch of the history in the database.
    pub(crate) epoch: String,
}

impl ConversationHost {
    /// Starts the conversations of this process. No socket is needed for that: a worker can do it as well as a gateway.
    ///
    /// # Errors
    /// The database does not answer.
    pub(crate) async fn start(settings: &Settings, backends: &Backends) -> anyhow::Result<Self> {
        let epoch = backends.conversations.epoch().await.context("the database does not answer")?;
        let ports = HostPorts {
            log: Arc::clone(&backends.log),
            ledger: Arc::clone(&backends.log_ledger),
            conversations: Arc::clone(&backends.conversations),
            presence: Arc::clone(&backends.presence),
            clock: Arc::clone(&backends.clock),
            settings: settings.conversation.clone(),
            epoch: epoch.clone(),
        };
        let threads = match settings.server.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            set => set,
        };
        let arbiters: Vec<_> = (0..threads).map(|_| Arbiter::new().handle()).collect();
        Ok(Self { host: Host::start(ports, &arbiters), arbiters, epoch })
    }

    /// Carries out what bridges bring, at their priority.
    pub(crate) fn bridge_commands(&self) -> Arc<dyn Commands> {
        Arc::new(BridgeCommands(Arc::clone(&self.host)))
    }
}
