//! The shard actor.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, SpawnHandle, WrapFuture};
use frontdesk_domain::{ConversationKey, Partition};

use super::{
    home::{Down, Home, Passivate},
    slot::{Resident, Slot, Waiting},
};
use crate::{
    conversation::{Call, ConversationActor, Loaded},
    ports::HostPorts,
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
    pub(super) ports: Arc<HostPorts>,
    pub(super) entries: HashMap<ConversationKey, Slot>,
    next_generation: u64,
    pub(super) listening: Option<SpawnHandle>,
    /// Of heartbeats, while a conversation is here.
    pub(super) pulse: Option<SpawnHandle>,
    /// Of looks for conversations that missed something or wait for too long, while one is here.
    making_up: Option<SpawnHandle>,
}

impl Shard {
    /// Calls that wait for one shard. Beyond it callers are refused as busy.
    pub(crate) const MAILBOX: usize = 1_024;

    /// A shard for `partition`.
    #[must_use]
    pub fn new(partition: Partition, ports: Arc<HostPorts>) -> Self {
        Self {
            partition,
            ports,
            entries: HashMap::new(),
            next_generation: 0,
            listening: None,
            pulse: None,
            making_up: None,
        }
    }

    /// Hands `call` to the actor of `key`, if that is here.
    pub(super) fn offer(&mut self, key: &ConversationKey, call: Call) {
        match self.entries.get_mut(key) {
            Some(Slot::Live(resident)) => {
                // If it is dead, nobody is left to be told.
                let _dead = resident.hand_over(call);
            }
            Some(Slot::Loading(waiting)) => waiting.catch_up(),
            None => {}
        }
    }

    fn load(&mut self, key: ConversationKey, call: Call, ctx: &mut Context<Self>) {
        self.next_generation += 1;
        let generation = self.next_generation;
        let mut waiting = Waiting::default();
        waiting.push(call, usize::MAX);
        self.entries.insert(key, Slot::Loading(waiting));
        self.keep_pulse(ctx);
        self.making_up.get_or_insert_with(|| ctx.run_interval(MAKE_UP_EVERY, Self::make_up));
        let ports = Arc::clone(&self.ports);
        let begun = ports.clock.monotonic();
        // On a task of its own: whatever panics there must not take the shard with it.
        let load = actix_rt::spawn(async move { crate::conversation::load(&ports, key).await });
        ctx.spawn(load.into_actor(self).map(move |loaded, shard, ctx| {
            metrics::histogram!("desk_conversation_load_seconds").record(shard.ports.seconds_since(begun));
            let Some(Slot::Loading(waiting)) = shard.entries.remove(&key) else { return };
            match loaded {
                Ok(Ok(loaded)) => shard.settle_in(key, generation, loaded, waiting, ctx),
                Ok(Err(error)) => refuse(key, &error, waiting),
                Err(panic) => refuse(key, &panic, waiting),
            }
        }));
    }

    fn settle_in(
        &mut self,
        key: ConversationKey,
        generation: u64,
        loaded: Loaded,
        waiting: Waiting,
        ctx: &Context<Self>,
    ) {
        // Nothing is kept for ids that somebody made up.
        if loaded.state.opening.is_none() && !waiting.opens() {
            return waiting.into_iter().for_each(Call::refuse_absent);
        }
        let home = Home::new(ctx.address(), key, generation);
        let actor = ConversationActor::new(key, Arc::clone(&self.ports), home, loaded);
        let mut resident = Resident::new(actor.begin(), generation);
        for call in waiting {
            // Nothing can have killed it: it has not run yet.
            let _dead = resident.hand_over(call);
        }
        self.entries.insert(key, Slot::Live(resident));
    }

    /// Sends catch-ups to those that missed something because they were too busy, and refuses commands that wait too long
    /// for a conversation to be rebuilt.
    fn make_up(&mut self, ctx: &mut Context<Self>) {
        if self.entries.is_empty()
            && let Some(making_up) = self.making_up.take()
        {
            ctx.cancel_future(making_up);
        }
        let now = self.ports.clock.monotonic();
        for slot in self.entries.values_mut() {
            match slot {
                Slot::Live(resident) => resident.make_up(),
                Slot::Loading(waiting) => waiting.expire(now),
            }
        }
    }
}

fn refuse(key: ConversationKey, error: &(dyn std::error::Error + 'static), waiting: Waiting) {
    tracing::warn!(conversation.id = %key, error = error, "could not load the conversation");
    waiting.into_iter().for_each(Call::refuse_unavailable);
}

fn bury(key: ConversationKey) {
    tracing::error!(conversation.id = %key, "a conversation actor died; it is rebuilt at the next call");
    metrics::counter!("desk_conversation_deaths_total").increment(1);
}

impl Actor for Shard {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.listen(ctx);
    }
}

impl Handler<Route> for Shard {
    type Result = ();

    fn handle(&mut self, Route { key, call }: Route, ctx: &mut Self::Context) {
        debug_assert_eq!(Partition::of(&key), self.partition);
        let most = self.ports.settings.queue_capacity;
        let call = match self.entries.get_mut(&key) {
            Some(Slot::Loading(waiting)) => return waiting.push(call, most),
            Some(Slot::Live(resident)) => match resident.hand_over(call) {
                None => return,
                // It died a moment ago; word of that is on its way.
                Some(call) => {
                    bury(key);
                    call
                }
            },
            None => call,
        };
        match call {
            // Nobody is here who would be left, or of whom something would be received.
            Call::Leave { .. } | Call::Receipt(_) => {}
            call => self.load(key, call, ctx),
        }
    }
}

impl Handler<Passivate> for Shard {
    type Result = ();

    fn handle(&mut self, ask: Passivate, _: &mut Self::Context) {
        let Some(Slot::Live(resident)) = self.entries.get(&ask.key) else { return };
        if resident.generation == ask.generation && resident.quit(ask.handled) {
            self.entries.remove(&ask.key);
        }
    }
}

impl Handler<Down> for Shard {
    type Result = ();

    fn handle(&mut self, down: Down, _: &mut Self::Context) {
        if matches!(self.entries.get(&down.key), Some(Slot::Live(resident)) if resident.generation == down.generation) {
            bury(down.key);
            self.entries.remove(&down.key);
        }
    }
}

const MAKE_UP_EVERY: Duration = Duration::from_millis(500);
