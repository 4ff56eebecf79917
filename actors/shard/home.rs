//! What ties a conversation actor to its shard: leave to go, and a death watch.

use actix::{Addr, Message};
use frontdesk_domain::ConversationKey;

use super::actor::Shard;

/// An actor's tie to its shard. Dropped with the actor, on stop and on panic alike; the shard hears of it.
pub(crate) struct Home {
    shard: Addr<Shard>,
    key: ConversationKey,
    generation: u64,
}

/// An actor asks to leave: it was idle long enough.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Passivate {
    pub(crate) key: ConversationKey,
    pub(crate) generation: u64,
    /// How many calls it has handled: if more were routed, it stays.
    pub(crate) handled: u64,
}

/// An actor is gone.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Down {
    pub(crate) key: ConversationKey,
    pub(crate) generation: u64,
}

impl Home {
    pub(crate) const fn new(shard: Addr<Shard>, key: ConversationKey, generation: u64) -> Self {
        Self { shard, key, generation }
    }

    pub(crate) const fn generation(&self) -> u64 {
        self.generation
    }

    /// Asks to leave. If the shard is too busy to hear it, the actor asks again at its next look.
    pub(crate) fn passivate(&self, ask: Passivate) {
        let _busy = self.shard.try_send(ask);
    }
}

impl Drop for Home {
    #[expect(clippy::disallowed_methods, reason = "a full mailbox must not hide a death; one message per actor")]
    fn drop(&mut self) {
        self.shard.do_send(Down { key: self.key, generation: self.generation });
    }
}
