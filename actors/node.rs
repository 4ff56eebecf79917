//! The actors of one process: its shards, its roster, and the sockets that are open.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix::{Addr, WeakAddr};
use actix_rt::ArbiterHandle;
use async_trait::async_trait;
use frontdesk_domain::{ConversationKey, Partition, Request};
use frontdesk_ports::commands::{Commands, ExecuteError, Executed};
use frontdesk_protocol::socket::CloseCode;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{
    admission::{Admission, Busy, Priority},
    agent::Roster,
    barrier::Barrier,
    conversation::{Call, ExecuteCall, Reply},
    desk::Desk,
    mailbox::start_with_room,
    session::{SessionActor, Shut},
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
    open: Mutex<HashMap<Uuid, WeakAddr<SessionActor>>>,
    draining: AtomicBool,
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
        Arc::new(Self {
            desk,
            admission,
            shards,
            roster,
            barrier,
            open: Mutex::default(),
            draining: AtomicBool::new(false),
        })
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

    pub(crate) fn register(&self, session: Uuid, of: WeakAddr<SessionActor>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(session, of);
        metrics::gauge!("desk_sessions_open").set(open.len() as f64);
    }

    pub(crate) fn unregister(&self, session: Uuid) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&session);
        metrics::gauge!("desk_sessions_open").set(open.len() as f64);
    }

    /// How many sockets are open.
    #[must_use]
    pub fn open_sockets(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether sockets are being closed for a restart.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Closes every socket with 1012, in groups spread over `within`, each told when to come back. New ones are refused.
    pub async fn drain(&self, within: Duration) {
        self.draining.store(true, Ordering::Release);
        let all = self.open();
        let groups = usize::try_from(within.as_millis() / GROUP_EVERY.as_millis()).unwrap_or(1).max(1);
        let size = all.len().div_ceil(groups).max(SMALLEST_GROUP);
        let mut groups = all.chunks(size).peekable();
        while let Some(group) = groups.next() {
            group.iter().for_each(shut);
            if groups.peek().is_some() {
                tokio::time::sleep(GROUP_EVERY).await;
            }
        }
        // Those that came in a moment before, those that were too busy to hear it, and peers that are slow to answer. The
        // rest is closed with the listener.
        let patience = async {
            while self.open_sockets() > 0 {
                self.open().iter().for_each(shut);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _gave_up = tokio::time::timeout(LAST_CLOSE, patience).await;
    }

    /// Has `request` carried out, if there is room for work of this kind.
    pub(crate) async fn execute_as(
        &self,
        priority: Priority,
        key: ConversationKey,
        request: Request,
    ) -> Result<Executed, ExecuteError> {
        let entered = self.admission.enter(key.tenant, priority);
        let slot = entered.map_err(|Busy { retry_after_ms }| ExecuteError::Overloaded { retry_after_ms })?;
        let (reply, answer) = oneshot::channel();
        let since = self.desk.clock.monotonic();
        let call = ExecuteCall { request, trace: traceparent(), since, reply: Reply::Caller(reply), slot };
        self.route(key, Call::Execute(call));
        // A conversation that died with the command in hand said nothing: the outcome is not known.
        answer.await.unwrap_or(Err(ExecuteError::Unknown))
    }

    fn open(&self) -> Vec<WeakAddr<SessionActor>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

/// Tells a session to close; one that is closing already takes no notice.
fn shut(session: &WeakAddr<SessionActor>) {
    let Some(session) = session.upgrade() else { return };
    let _busy = session.try_send(Shut {
        code: CloseCode::Restart,
        reason: "restart",
        retry_in_ms: Some(500 + random_ms(4_500)),
    });
}

#[async_trait]
impl Commands for Node {
    async fn execute(&self, key: ConversationKey, request: Request) -> Result<Executed, ExecuteError> {
        self.execute_as(Priority::of(request.principal), key, request).await
    }
}

/// A random time below `most` ms, so that not everyone comes back at once.
pub(crate) fn random_ms(most: u64) -> u64 {
    u64::from(Uuid::new_v4().as_fields().0) % most
}

const GROUP_EVERY: Duration = Duration::from_millis(100);
const SMALLEST_GROUP: usize = 50;
const LAST_CLOSE: Duration = Duration::from_secs(2);
