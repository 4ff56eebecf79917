//! The host of conversations in this process: its threads and its ports. Every process has one, with or without
//! sockets.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use actix_rt::{Arbiter, ArbiterHandle};
use anyhow::Context;
use async_trait::async_trait;
use frontdesk_actors::{BridgeCommands, Host, HostPorts};
use frontdesk_config::Settings;
use frontdesk_domain::{ConversationKey, Request};
use frontdesk_ports::{Commands, ExecuteError, Executed};
use tokio_util::sync::CancellationToken;

use crate::{backends::Backends, inbox_rules::FollowedRules, notices::follow};

/// The conversations of this process. They are started when they are first asked for: a gateway does that at once, a
/// process without sockets when the first of its workers writes into a conversation. Until then it subscribes to
/// nothing.
pub(crate) struct ConversationHost {
    ports: HostPorts,
    /// One for each of `server.workers`.
    pub(crate) arbiters: Vec<ArbiterHandle>,
    /// The threads of these, until they are stopped.
    threads: Mutex<Vec<Arbiter>>,
    /// Epoch of the history in the database.
    pub(crate) epoch: String,
    host: OnceLock<Arc<Host>>,
}

impl ConversationHost {
    /// Prepares the host, follows the settings of tenants until `stop`, and starts the threads that its actors will
    /// live on.
    ///
    /// # Errors
    /// The database does not answer.
    pub(crate) async fn prepare(
        settings: &Settings,
        backends: &Backends,
        stop: &CancellationToken,
    ) -> anyhow::Result<Arc<Self>> {
        let epoch = backends.database.installation.epoch().await.context("the database does not answer")?;
        let ports = HostPorts {
            log: Arc::clone(&backends.log),
            inspector: Arc::clone(&backends.log_inspector),
            conversations: Arc::clone(&backends.database.conversations),
            presence: Arc::clone(&backends.presence),
            inbox_rules: follow_settings(backends, stop),
            clock: Arc::clone(&backends.clock),
            settings: settings.conversation.clone(),
            epoch: epoch.clone(),
        };
        let threads = match settings.server.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            set => set,
        };
        let threads: Vec<_> = (0..threads).map(|_| Arbiter::new()).collect();
        let arbiters = threads.iter().map(Arbiter::handle).collect();
        Ok(Arc::new(Self { ports, arbiters, threads: Mutex::new(threads), epoch, host: OnceLock::new() }))
    }

    /// Ends all actors of this process, once nothing is asked of them any more. Waits for it for a second at most: what
    /// they hold is in the log.
    pub(crate) async fn stop(&self) {
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let (ended, all_ended) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            for thread in &threads {
                thread.stop();
            }
            for thread in threads {
                let _its_panic_was_logged = thread.join();
            }
            let _came_late = ended.send(());
        });
        let _or_late = tokio::time::timeout(Duration::from_secs(1), all_ended).await;
    }

    /// The running host; starts it if it does not run yet.
    pub(crate) fn host(&self) -> &Arc<Host> {
        self.host.get_or_init(|| {
            tracing::info!(threads = self.arbiters.len(), "this process hosts conversations from now on");
            Host::start(self.ports.clone(), &self.arbiters)
        })
    }
}

/// Carries out what workers write, with less priority than what people send to this process.
#[async_trait]
impl Commands for ConversationHost {
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
        BridgeCommands(Arc::clone(self.host())).execute(key, request).await
    }
}

/// Starts what keeps the cached settings of tenants current, and the rules that conversations take from them.
fn follow_settings(backends: &Backends, stop: &CancellationToken) -> Arc<FollowedRules> {
    let rules = Arc::new(FollowedRules::new(Arc::clone(&backends.tenant_settings)));
    // In this order: the rules are read again from the cache, which must know by then that it is outdated.
    let following = follow(
        Arc::clone(&backends.notices),
        vec![Arc::clone(&backends.tenant_settings) as _, Arc::clone(&rules) as _],
    );
    tokio::spawn(stop.clone().run_until_cancelled_owned(following));
    tokio::spawn(stop.clone().run_until_cancelled_owned(Arc::clone(&rules).run()));
    rules
}
