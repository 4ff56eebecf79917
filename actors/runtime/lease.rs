//! What ties an entity's actor to its shard: the request to end, and the report of its end.

use std::rc::Rc;

use actix::{Message, Recipient};

/// An entity's tie to its shard, held by the actor. Dropped with it, on stop and on panic alike, it reports the end.
pub struct Lease<K: Send + Copy + 'static> {
    /// One for all entities of the shard, which live on its thread.
    shard: Rc<Recipient<LeaseNotice<K>>>,
    key: K,
    generation: u64,
    /// Inputs that the actor handled: tells the shard whether more were routed since.
    handled: u64,
}

/// What an entity's actor tells its shard.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct LeaseNotice<K: Send + Copy + 'static> {
    pub(super) key: K,
    /// Tells an actor from its predecessors of the same key.
    pub(super) generation: u64,
    pub(super) what: Notice,
}

/// What a lease reports to its shard.
#[derive(Debug, Clone, Copy)]
pub(super) enum Notice {
    /// It was idle long enough and asks to end. If more inputs were routed than it has `handled`, it stays.
    Passivate {
        /// How many inputs it has handled.
        handled: u64,
    },
    /// The actor ended, by itself or by a panic.
    Terminated,
}

impl<K: Send + Copy + 'static> Lease<K> {
    pub(super) const fn new(shard: Rc<Recipient<LeaseNotice<K>>>, key: K, generation: u64) -> Self {
        Self { shard, key, generation, handled: 0 }
    }

    /// Key of the leased entity.
    #[must_use]
    pub const fn key(&self) -> K {
        self.key
    }

    /// Counts an input. The actor calls this at the start of each.
    pub const fn note_handled(&mut self) {
        self.handled += 1;
    }

    /// Asks to end. Without an answer the actor stays, and asks again at its next check.
    pub fn passivate(&self) {
        let _busy = self.shard.try_send(self.notice(Notice::Passivate { handled: self.handled }));
    }

    const fn notice(&self, what: Notice) -> LeaseNotice<K> {
        LeaseNotice { key: self.key, generation: self.generation, what }
    }
}

impl<K: Send + Copy + 'static> Drop for Lease<K> {
    #[expect(clippy::disallowed_methods, reason = "a full mailbox must not hide an end; one message per actor")]
    fn drop(&mut self) {
        self.shard.do_send(self.notice(Notice::Terminated));
    }
}
