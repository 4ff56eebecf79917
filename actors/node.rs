//! The actors of one process: its shards, and the roster of its agents.

use std::sync::Arc;

use actix::Addr;
use actix_rt::ArbiterHandle;
use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Partition, Request};
use frontdesk_ports::commands::{Commands, ExecuteError, Executed};
use tokio::sync::oneshot;

use crate::{
    admission::{Admission, Busy, Priority},
    agent::Roster,
    barrier::Barrier,
    conversation::{Call, ExecuteCall, Reply},
    desk::Desk,
    mailbox::start_with_room,
    shard::{Route, Shard},
    trace::traceparent,
};

/// The actors of one process.
pub struct Node {
    desk: Arc<Desk>,
    admission: Arc<Admission>,
    shards: Vec<Addr<Shard>>,
    roster: Addr<Roster>,
    barrier: Barrier,
}

impl Node {
    /// Starts the shards and the roster, spread over `arbiters` (at least one).
    #[must_use]
    pub fn start(desk: Arc<Desk>, arbiters: &[ArbiterHandle]) -> Arc<Self> {
        let shards = Partition::all().map(|partition| {
            let desk = Arc::clone(&desk);
            let arbiter = &arbiters[usize::from(partition.number()) % arbiters.len()];
            start_with_room(arbiter, Shard::MAILBOX, move || Shard::new(partition, desk))
        });
        let shards = shards.collect();
        let of_roster = Arc::clone(&desk);
        let roster = start_with_room(&arbiters[0], Roster::MAILBOX, move || Roster::new(of_roster));
        let barrier = Barrier::new(Arc::clone(&desk.ledger), Arc::clone(&desk.clock));
        let admission = Admission::new(desk.conversation.max_in_hand);
        Arc::new(Self { desk, admission, shards, roster, barrier })
    }

    /// What the actors share.
    #[must_use]
    pub const fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Who is let in while the desk is busy.
    pub(crate) const fn admission(&self) -> &Arc<Admission> {
        &self.admission
    }

    /// Hands `call` to the conversation of `key`; refuses it at once when its shard is too busy.
    pub fn route(&self, key: ConversationKey, call: Call) {
        let shard = &self.shards[usize::from(Partition::of(&key).number())];
        if let Err(error) = shard.try_send(Route { key, call }) {
            metrics::counter!("desk_shard_mailbox_full_total").increment(1);
            error.into_inner().call.refuse_busy();
        }
    }

    pub(crate) const fn roster(&self) -> &Addr<Roster> {
        &self.roster
    }

    pub(crate) const fn barrier(&self) -> &Barrier {
        &self.barrier
    }

    /// Has `request` carried out, if there is room for work of this kind.
    pub(crate) async fn execute_as(
        &self,
        priority: Priority,
        key: ConversationKey,
        request: Request,
    ) -> Result<Executed, ExecuteError> {
        let entered = self.admission.enter(key.tenant, priority);
        let permit = entered.map_err(|Busy { retry_after_ms }| ExecuteError::Overloaded { retry_after_ms })?;
        let (reply, answer) = oneshot::channel();
        let since = self.desk.clock.monotonic();
        let call = ExecuteCall { request, trace: traceparent(), since, reply: Reply::Caller(reply), permit };
        self.route(key, Call::Execute(call));
        // A conversation that died with the command in hand said nothing: the outcome is not known.
        answer.await.unwrap_or(Err(ExecuteError::Unknown))
    }
}

#[async_trait]
impl Commands for Node {
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
        self.execute_as(Priority::of(request.principal), key, request).await
    }
}
