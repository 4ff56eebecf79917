//! The shard: the entities of one partition on this node.

use std::{collections::HashMap, rc::Rc, sync::Arc, time::Duration};

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, Recipient, SpawnHandle, WrapFuture};
use frontdesk_domain::Partition;

use super::{
    entity::{Entity, EntityCall, Input, LiveSource, Refusal},
    lease::{Lease, LeaseNotice, Notice},
    slot::{Running, Slot, Waiting},
};

/// A call for an entity of this shard.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Route<E: Entity> {
    pub(super) key: E::Key,
    pub(super) call: E::Call,
}

/// One partition's entities on this node.
pub struct Shard<E: Entity> {
    pub(super) partition: Partition,
    pub(super) ports: Arc<E::Ports>,
    pub(super) entries: HashMap<E::Key, Slot<E>>,
    /// Where leases report to; made when the shard starts.
    notices: Option<Rc<Recipient<LeaseNotice<E::Key>>>>,
    next_generation: u64,
    pub(super) listening: Option<SpawnHandle>,
    /// Checks and heartbeats of live input, while an entity is here.
    pub(super) heartbeat: Option<SpawnHandle>,
    /// Looks for entities that missed something and calls that wait for too long, while an entity is here.
    housekeeping: Option<SpawnHandle>,
}

impl<E: Entity> Shard<E> {
    /// A shard for `partition`.
    pub(super) fn new(partition: Partition, ports: Arc<E::Ports>) -> Self {
        Self {
            partition,
            ports,
            entries: HashMap::new(),
            notices: None,
            next_generation: 0,
            listening: None,
            heartbeat: None,
            housekeeping: None,
        }
    }

    /// Hands a call to the actor of `key`, or has an entity that is being loaded catch up. Without either, it has no
    /// effect.
    pub(super) fn offer(&mut self, key: &E::Key, call: E::Call) {
        match self.entries.get_mut(key) {
            Some(Slot::Running(running)) => {
                // Ended: what is live is in storage by the time it is loaded again.
                let _ended = running.hand_over(Input::Call(call));
            }
            Some(Slot::Loading(waiting)) => waiting.catch_up(),
            None => {}
        }
    }

    /// Hands the same input to all entities that are here.
    pub(super) fn offer_all(&mut self, input: impl Fn() -> Input<E::Call>) {
        for slot in self.entries.values_mut() {
            match slot {
                Slot::Running(running) => {
                    let _ended = running.hand_over(input());
                }
                Slot::Loading(waiting) => waiting.catch_up(),
            }
        }
    }

    fn load(&mut self, key: E::Key, call: E::Call, ctx: &mut Context<Self>) {
        self.next_generation += 1;
        let generation = self.next_generation;
        self.entries.insert(key, Slot::Loading(Waiting::first(call)));
        self.keep_heartbeat(ctx);
        self.housekeeping.get_or_insert_with(|| ctx.run_interval(HOUSEKEEPING_EVERY, Self::keep_house));
        let ports = Arc::clone(&self.ports);
        let begun = ports.clock().monotonic();
        // On a task of its own: a panic in it must not end the shard.
        let load = actix_rt::spawn(E::load(ports, key));
        ctx.spawn(load.into_actor(self).map(move |loaded, shard, ctx| {
            let took = shard.ports.clock().monotonic().saturating_sub(begun);
            metrics::histogram!(E::METRICS.load_seconds).record(took.as_secs_f64());
            let Some(Slot::Loading(waiting)) = shard.entries.remove(&key) else { return };
            match loaded {
                Ok(Ok(loaded)) => shard.begin(key, generation, loaded, waiting, ctx),
                Ok(Err(error)) => refuse(key, &error, waiting),
                Err(panic) => refuse(key, &panic, waiting),
            }
        }));
    }

    fn begin(
        &mut self,
        key: E::Key,
        generation: u64,
        loaded: E::Loaded,
        waiting: Waiting<E::Call>,
        ctx: &Context<Self>,
    ) {
        // No actor is kept for an id that was made up.
        if !E::exists(&loaded) && !waiting.creates() {
            return waiting.refuse(Refusal::Absent);
        }
        let notices = self.notices.get_or_insert_with(|| Rc::new(ctx.address().recipient()));
        let lease = Lease::new(Rc::clone(notices), key, generation);
        let entity = E::new(Arc::clone(&self.ports), lease, loaded);
        let capacity = E::limits(&self.ports).mailbox;
        // Before its first poll: what waited for it is handed over at once.
        let addr = E::create(|ctx| {
            ctx.set_mailbox_capacity(capacity);
            entity
        });
        let mut running = Running::new(addr, generation);
        for input in waiting.into_inputs() {
            // It cannot have ended: it has not run yet.
            let _ended = running.hand_over(input);
        }
        self.entries.insert(key, Slot::Running(running));
    }

    /// Has entities catch up that missed something because their mailbox was full, and refuses calls that wait too long
    /// for an entity to be loaded.
    fn keep_house(&mut self, ctx: &mut Context<Self>) {
        if self.entries.is_empty()
            && let Some(housekeeping) = self.housekeeping.take()
        {
            ctx.cancel_future(housekeeping);
        }
        let (now, longest) = (self.ports.clock().monotonic(), E::limits(&self.ports).longest_wait);
        for slot in self.entries.values_mut() {
            match slot {
                Slot::Running(running) => running.resend_missed(),
                Slot::Loading(waiting) => waiting.expire(now, longest),
            }
        }
    }
}

fn refuse<K: std::fmt::Display, C: EntityCall>(key: K, error: &(dyn std::error::Error + 'static), waiting: Waiting<C>) {
    tracing::warn!(entity.id = %key, error = error, "could not load the entity; its waiting calls are refused");
    waiting.refuse(Refusal::Unavailable);
}

/// Counts and logs an actor that ended without being asked to.
fn report_death<E: Entity>(key: E::Key) {
    tracing::error!(entity.id = %key, "an actor ended unexpectedly; the next call loads the entity anew");
    metrics::counter!(E::METRICS.deaths).increment(1);
}

impl<E: Entity> Actor for Shard<E> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.listen(ctx);
    }
}

impl<E: Entity> Handler<Route<E>> for Shard<E> {
    type Result = ();

    fn handle(&mut self, Route { key, call }: Route<E>, ctx: &mut Self::Context) {
        debug_assert_eq!(E::partition(&key), self.partition);
        let call = match self.entries.get_mut(&key) {
            Some(Slot::Loading(waiting)) => return waiting.push(call, E::limits(&self.ports).waiting),
            Some(Slot::Running(running)) => match running.hand_over(Input::Call(call)) {
                // It ended a moment ago; the notice of that is on its way.
                Some(Input::Call(call)) => {
                    report_death::<E>(key);
                    call
                }
                _ => return,
            },
            None => call,
        };
        // Without an actor, other calls have no effect.
        if call.starts() {
            self.load(key, call, ctx);
        }
    }
}

impl<E: Entity> Handler<LeaseNotice<E::Key>> for Shard<E> {
    type Result = ();

    fn handle(&mut self, LeaseNotice { key, generation, what }: LeaseNotice<E::Key>, _: &mut Self::Context) {
        let Some(Slot::Running(running)) = self.entries.get(&key) else { return };
        if running.generation != generation {
            return;
        }
        match what {
            Notice::Passivate { handled } => {
                if running.quit(handled) {
                    self.entries.remove(&key);
                }
            }
            Notice::Terminated => {
                report_death::<E>(key);
                self.entries.remove(&key);
            }
        }
    }
}

const HOUSEKEEPING_EVERY: Duration = Duration::from_millis(500);
