//! The sessions that are open in this process, to count them and to close them before a restart.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix::WeakAddr;
use frontdesk_protocol::socket::CloseCode;
use uuid::Uuid;

use super::{actor::SessionActor, closing::Shut};
use crate::node::Node;

/// The open sessions of one process, and the node whose conversations they use.
pub struct OpenSessions {
    node: Arc<Node>,
    open: Mutex<HashMap<Uuid, WeakAddr<SessionActor>>>,
    draining: AtomicBool,
}

impl OpenSessions {
    /// None yet; they will use the conversations of `node`.
    #[must_use]
    pub fn new(node: Arc<Node>) -> Arc<Self> {
        Arc::new(Self { node, open: Mutex::default(), draining: AtomicBool::new(false) })
    }

    pub(crate) const fn node(&self) -> &Arc<Node> {
        &self.node
    }

    pub(crate) fn register(&self, id: Uuid, session: WeakAddr<SessionActor>) {
        self.change(|open| open.insert(id, session));
    }

    pub(crate) fn unregister(&self, id: Uuid) {
        self.change(|open| open.remove(&id));
    }

    /// How many sockets are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether sockets are being closed for a restart.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Closes every socket with 1012, in groups spread over `within`, each told when to come back. New ones are
    /// refused.
    pub async fn drain(&self, within: Duration) {
        self.draining.store(true, Ordering::Release);
        let all = self.all();
        let groups = usize::try_from(within.as_millis() / GROUP_EVERY.as_millis()).unwrap_or(1).max(1);
        let size = all.len().div_ceil(groups).max(SMALLEST_GROUP);
        let mut groups = all.chunks(size).peekable();
        while let Some(group) = groups.next() {
            group.iter().for_each(shut);
            if groups.peek().is_some() {
                tokio::time::sleep(GROUP_EVERY).await;
            }
        }
        // Sessions that opened just before, whose mailbox was full, or whose peer is slow to answer the close frame.
        // The rest is closed together with the listener.
        let all_closed = async {
            while self.count() > 0 {
                self.all().iter().for_each(shut);
                tokio::time::sleep(RETRY_EVERY).await;
            }
        };
        let _gave_up = tokio::time::timeout(LAST_CLOSE, all_closed).await;
    }

    fn all(&self) -> Vec<WeakAddr<SessionActor>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn change<T>(&self, change: impl FnOnce(&mut HashMap<Uuid, WeakAddr<SessionActor>>) -> T) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut open);
        metrics::gauge!("desk_sessions_open").set(open.len() as f64);
    }
}

/// Tells a session to close; one that is already closing ignores it.
fn shut(session: &WeakAddr<SessionActor>) {
    let Some(session) = session.upgrade() else { return };
    let _busy = session.try_send(Shut {
        code: CloseCode::Restart,
        reason: "restart",
        retry_in_ms: Some(500 + fastrand::u64(..4_500)),
    });
}

/// Time between two groups.
const GROUP_EVERY: Duration = Duration::from_millis(100);

/// Sessions closed together at least, however long the drain may take.
const SMALLEST_GROUP: usize = 50;

/// Time between two attempts to reach the sessions that are left.
const RETRY_EVERY: Duration = Duration::from_millis(20);

/// How long the sessions that are left may take to close.
const LAST_CLOSE: Duration = Duration::from_secs(2);
