//! The shard actor.

use std::{collections::HashMap, collections::VecDeque, sync::Arc, time::Duration};

use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use frontdesk_domain::{ConversationKey, Partition};

use super::home::{Down, Home, Passivate};
use crate::{
    conversation::{Call, ConversationActor},
    desk::Desk,
};

/// A call for a conversation of this shard.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Route {
    /// Which conversation.
    pub key: ConversationKey,
    /// What is asked of it.
    pub call: Call,
}

/// One partition's conversations on this node.
pub struct Shard {
    pub(super) partition: Partition,
    pub(super) desk: Arc<Desk>,
    pub(super) entries: HashMap<ConversationKey, Slot>,
    next_generation: u64,
}

/// A conversation that is here, or on its way.
pub(super) enum Slot {
    /// Being rebuilt; calls wait, bounded by `conversation.queue_capacity`.
    Loading { waiting: VecDeque<Call> },
    /// Here.
    Live(Resident),
}

pub(super) struct Resident {
    addr: Addr<ConversationActor>,
    generation: u64,
    /// How many calls were handed over.
    routed: u64,
    /// Whether something live could not be handed over: it must catch up.
    missed: bool,
}

impl Shard {
    /// A shard for `partition`.
    #[must_use]
    pub fn new(partition: Partition, desk: Arc<Desk>) -> Self {
        Self { partition, desk, entries: HashMap::new(), next_generation: 0 }
    }

    /// Hands `call` to the actor of `key`, if that is here.
    pub(super) fn offer(&mut self, key: &ConversationKey, call: Call) {
        match self.entries.get_mut(key) {
            Some(Slot::Live(resident)) => resident.hand_over(call),
            // It is being read from the log right now; what is live comes after a catch-up.
            Some(Slot::Loading { waiting, .. }) if !waiting.iter().any(|call| matches!(call, Call::CatchUp)) => {
                waiting.push_back(Call::CatchUp);
            }
            _ => {}
        }
    }

    fn load(&mut self, key: ConversationKey, call: Call, ctx: &mut Context<Self>) {
        self.next_generation += 1;
        let generation = self.next_generation;
        self.entries.insert(key, Slot::Loading { waiting: VecDeque::from([call]) });
        let desk = Arc::clone(&self.desk);
        let begun = desk.clock.monotonic();
        let load = async move { crate::conversation::load(&desk, key).await };
        ctx.spawn(load.into_actor(self).map(move |loaded, shard, ctx| {
            metrics::histogram!("desk_conversation_load_seconds").record(shard.desk.seconds_since(begun));
            let Some(Slot::Loading { waiting, .. }) = shard.entries.remove(&key) else { return };
            match loaded {
                // Nothing is kept for ids that somebody made up.
                Ok(loaded) if loaded.state.opening.is_none() && !waiting.iter().any(Call::opens) => {
                    waiting.into_iter().for_each(Call::refuse_absent);
                }
                Ok(loaded) => {
                    let home = Home::new(ctx.address(), key, generation);
                    let actor = ConversationActor::new(key, Arc::clone(&shard.desk), home, loaded);
                    let mut resident = Resident { addr: actor.start(), generation, routed: 0, missed: false };
                    waiting.into_iter().for_each(|call| resident.hand_over(call));
                    shard.entries.insert(key, Slot::Live(resident));
                }
                Err(error) => {
                    tracing::warn!(conversation.id = %key, error = %error, "could not load the conversation");
                    waiting.into_iter().for_each(Call::refuse_unavailable);
                }
            }
        }));
    }

    /// Sends catch-ups to those that missed something because they were too busy.
    pub(super) fn make_up(&mut self) {
        for slot in self.entries.values_mut() {
            if let Slot::Live(resident) = slot
                && resident.missed
            {
                resident.missed = false;
                resident.hand_over(Call::CatchUp);
            }
        }
    }
}

impl Resident {
    pub(super) fn hand_over(&mut self, call: Call) {
        match self.addr.try_send(call) {
            Ok(()) => self.routed += 1,
            Err(error) => {
                metrics::counter!("desk_conversation_mailbox_full_total").increment(1);
                let call = error.into_inner();
                self.missed |= matches!(call, Call::Live(_) | Call::Ack(_) | Call::CatchUp);
                call.refuse_busy();
            }
        }
    }
}

impl Actor for Shard {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        self.listen(ctx);
        ctx.run_interval(MAKE_UP_EVERY, |shard, _| shard.make_up());
    }
}

impl Handler<Route> for Shard {
    type Result = ();

    fn handle(&mut self, Route { key, call }: Route, ctx: &mut Self::Context) {
        debug_assert_eq!(Partition::of(&key), self.partition);
        match self.entries.get_mut(&key) {
            Some(Slot::Live(resident)) => resident.hand_over(call),
            Some(Slot::Loading { waiting, .. }) if waiting.len() >= self.desk.conversation.queue_capacity => {
                call.refuse_busy();
            }
            Some(Slot::Loading { waiting, .. }) => waiting.push_back(call),
            None if matches!(call, Call::Leave { .. } | Call::Receipt(_)) => {}
            None => self.load(key, call, ctx),
        }
    }
}

impl Handler<Passivate> for Shard {
    type Result = ();

    fn handle(&mut self, ask: Passivate, _: &mut Self::Context) {
        let Some(Slot::Live(resident)) = self.entries.get(&ask.key) else { return };
        if resident.generation == ask.generation && resident.routed == ask.handled {
            // Everything routed was handled, and nothing can follow: only this shard has the address.
            let _leaving = resident.addr.try_send(Call::Quit);
            self.entries.remove(&ask.key);
        }
    }
}

impl Handler<Down> for Shard {
    type Result = ();

    fn handle(&mut self, down: Down, _: &mut Self::Context) {
        if matches!(self.entries.get(&down.key), Some(Slot::Live(resident)) if resident.generation == down.generation) {
            tracing::error!(conversation.id = %down.key, "a conversation actor died; it is rebuilt at the next call");
            metrics::counter!("desk_conversation_deaths_total").increment(1);
            self.entries.remove(&down.key);
        }
    }
}

/// Calls that wait for one shard. Beyond it callers are refused as busy.
const MAILBOX: usize = 1_024;

const MAKE_UP_EVERY: Duration = Duration::from_secs(1);
