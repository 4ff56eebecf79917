//! What hosts conversations: shards, admission and the read barrier. Any process can start one, a gateway or a worker;
//! it needs no socket, no roster of agents and no authenticator.

mod bridge;
mod read_barrier;

use std::sync::Arc;

use actix_rt::ArbiterHandle;
use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Request};
use frontdesk_ports::commands::{Commands, ExecuteError, Executed};
use tokio::sync::oneshot;

pub use self::bridge::BridgeCommands;
use self::read_barrier::ReadBarrier;
use frontdesk_telemetry::TraceContext;

use crate::{
    admission::{Admission, Busy, Priority},
    conversation::{Call, ConversationActor, ExecuteCall, Reply},
    ports::HostPorts,
    runtime::Shards,
};

/// The conversations of one process: 64 shards, which start conversation actors when they are called.
pub struct Host {
    ports: Arc<HostPorts>,
    admission: Arc<Admission>,
    shards: Shards<ConversationActor>,
    read_barrier: ReadBarrier,
}

impl Host {
    /// Starts the shards, spread over `arbiters` (at least one). They listen to the log from now on.
    #[must_use]
    pub fn start(ports: HostPorts, arbiters: &[ArbiterHandle]) -> Arc<Self> {
        let ports = Arc::new(ports);
        let shards = Shards::start(&ports, arbiters);
        let read_barrier = ReadBarrier::new(Arc::clone(&ports.inspector), Arc::clone(&ports.clock));
        let admission = Admission::new(ports.settings.max_in_hand);
        Arc::new(Self { ports, admission, shards, read_barrier })
    }

    /// The ports and settings that its actors share.
    #[must_use]
    pub const fn ports(&self) -> &Arc<HostPorts> {
        &self.ports
    }

    /// Bounds the commands in hand of this process.
    pub(crate) const fn admission(&self) -> &Arc<Admission> {
        &self.admission
    }

    pub(crate) const fn read_barrier(&self) -> &ReadBarrier {
        &self.read_barrier
    }

    /// Hands `call` to the conversation of `key`; refuses it at once when the mailbox of its shard is full.
    pub fn route(&self, key: ConversationKey, call: Call) {
        self.shards.route(key, call);
    }

    /// Has `request` carried out, if admission grants work of this `priority`.
    pub(crate) async fn execute_as(
        &self,
        priority: Priority,
        key: ConversationKey,
        request: Request,
    ) -> Result<Executed, ExecuteError> {
        let entered = self.admission.enter(key.tenant, priority);
        let permit = entered.map_err(|Busy { retry_after_ms }| ExecuteError::Overloaded { retry_after_ms })?;
        let (reply, answer) = oneshot::channel();
        let since = self.ports.clock.monotonic();
        let call = ExecuteCall {
            request,
            trace: TraceContext::start().to_string(),
            since,
            reply: Reply::Caller(reply),
            permit,
        };
        self.route(key, Call::Execute(call));
        // A conversation actor that died with the command in hand gave no answer: the outcome is not known.
        answer.await.unwrap_or(Err(ExecuteError::Unknown))
    }
}

#[async_trait]
impl Commands for Host {
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
        self.execute_as(Priority::of(&request.principal), key, request).await
    }
}
