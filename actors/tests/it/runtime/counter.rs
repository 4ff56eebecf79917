//! A counter as an entity: its storage is a map, and it is told of other nodes' writes through a channel.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use actix::{Actor, ActorContext, AsyncContext, Context, Handler};
use frontdesk_actors::runtime::{Entity, EntityCall, EntityMetrics, Input, Lease, Limits, LiveSource, Refusal};
use frontdesk_domain::Partition;
use frontdesk_ports::Clock;
use futures_util::{StreamExt, stream::BoxStream};
use tokio::sync::{broadcast, oneshot, watch};

use crate::time::RuntimeClock;

type Reply = oneshot::Sender<Result<u64, Refusal>>;

/// Storage and live input of all counters.
pub(super) struct CounterPorts {
    counts: Mutex<HashMap<u32, u64>>,
    live: broadcast::Sender<(u32, u64)>,
    reconnects: watch::Sender<u64>,
    clock: RuntimeClock,
    fails: AtomicBool,
    started: AtomicU64,
    stopped: AtomicU64,
}

#[derive(Debug, thiserror::Error)]
#[error("storage is away")]
pub(super) struct Away;

pub(super) enum CounterCall {
    Add(Reply),
    Read(Reply),
    Panic(Reply),
    Written(u64),
}

pub(super) struct CounterActor {
    ports: Arc<CounterPorts>,
    lease: Lease<u32>,
    count: u64,
    last_used: Duration,
}

impl CounterPorts {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            counts: Mutex::default(),
            live: broadcast::channel(16).0,
            reconnects: watch::channel(0).0,
            clock: RuntimeClock::new(),
            fails: AtomicBool::new(false),
            started: AtomicU64::new(0),
            stopped: AtomicU64::new(0),
        })
    }

    /// Actors that were started so far.
    pub(super) fn started(&self) -> u64 {
        self.started.load(Ordering::SeqCst)
    }

    /// Actors that run.
    pub(super) fn running(&self) -> u64 {
        self.started() - self.stopped.load(Ordering::SeqCst)
    }

    /// Another node writes `count`; the live input says so unless it fails to.
    pub(super) fn write_elsewhere(&self, key: u32, count: u64, told: bool) {
        self.counts.lock().unwrap().insert(key, count);
        if told {
            self.live.send((key, count)).unwrap();
        }
    }

    pub(super) fn interrupt(&self) {
        self.reconnects.send_modify(|count| *count += 1);
    }

    pub(super) fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    fn stored(&self, key: u32) -> Option<u64> {
        self.counts.lock().unwrap().get(&key).copied()
    }
}

impl CounterActor {
    pub(super) const IDLE_AFTER: Duration = Duration::from_secs(60);
    pub(super) const MAILBOX: usize = 8;
}

impl Entity for CounterActor {
    type Key = u32;
    type Call = CounterCall;
    type Ports = CounterPorts;
    type Loaded = Option<u64>;
    type LoadError = Away;

    const METRICS: EntityMetrics = EntityMetrics {
        shard_full: "counter_shard_full",
        mailbox_full: "counter_mailbox_full",
        load_seconds: "counter_load_seconds",
        deaths: "counter_deaths",
        stale: "counter_stale",
    };

    fn partition(key: &u32) -> Partition {
        Partition::new((key % 64) as u16).unwrap()
    }

    fn limits(_: &CounterPorts) -> Limits {
        Limits { mailbox: Self::MAILBOX, waiting: 4, longest_wait: Duration::from_secs(2) }
    }

    async fn load(ports: Arc<CounterPorts>, key: u32) -> Result<Option<u64>, Away> {
        tokio::task::yield_now().await;
        if ports.fails.load(Ordering::SeqCst) { Err(Away) } else { Ok(ports.stored(key)) }
    }

    fn exists(loaded: &Option<u64>) -> bool {
        loaded.is_some()
    }

    fn new(ports: Arc<CounterPorts>, lease: Lease<u32>, loaded: Option<u64>) -> Self {
        ports.started.fetch_add(1, Ordering::SeqCst);
        let last_used = ports.clock.monotonic();
        Self { ports, lease, count: loaded.unwrap_or_default(), last_used }
    }
}

impl EntityCall for CounterCall {
    fn starts(&self) -> bool {
        true
    }

    fn creates(&self) -> bool {
        matches!(self, Self::Add(_))
    }

    fn is_resent_by_catching_up(&self) -> bool {
        matches!(self, Self::Written(_))
    }

    fn waiting_since(&self) -> Option<Duration> {
        None
    }

    fn refuse(self, why: Refusal) {
        if let Self::Add(reply) | Self::Read(reply) | Self::Panic(reply) = self {
            reply.send(Err(why)).unwrap();
        }
    }
}

impl LiveSource<u32, CounterCall> for CounterPorts {
    type Error = Away;

    fn clock(&self) -> &dyn Clock {
        &self.clock
    }

    async fn subscribe(&self, partition: Partition) -> Result<BoxStream<'static, (u32, CounterCall)>, Away> {
        let live = futures_util::stream::unfold(self.live.subscribe(), |mut live| async move {
            let (key, count) = live.recv().await.ok()?;
            Some(((key, CounterCall::Written(count)), live))
        });
        let ours = live.filter(move |(key, _)| std::future::ready(CounterActor::partition(key) == partition));
        Ok(ours.boxed())
    }

    fn reconnects(&self) -> watch::Receiver<u64> {
        self.reconnects.subscribe()
    }

    async fn send_heartbeats(&self, _: Partition) -> Result<(), Away> {
        Ok(())
    }

    fn stale_channel(&self, _: Partition) -> Option<&'static str> {
        None
    }
}

impl Actor for CounterActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(Self::IDLE_AFTER / 4, |actor, _| {
            if actor.ports.clock.monotonic() - actor.last_used >= Self::IDLE_AFTER {
                actor.lease.passivate();
            }
        });
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.ports.stopped.fetch_add(1, Ordering::SeqCst);
    }
}

impl Handler<Input<CounterCall>> for CounterActor {
    type Result = ();

    fn handle(&mut self, input: Input<CounterCall>, ctx: &mut Self::Context) {
        self.lease.note_handled();
        self.last_used = self.ports.clock.monotonic();
        match input {
            Input::Call(CounterCall::Add(reply)) => {
                self.count += 1;
                self.ports.counts.lock().unwrap().insert(self.lease.key(), self.count);
                reply.send(Ok(self.count)).unwrap();
            }
            Input::Call(CounterCall::Read(reply)) => reply.send(Ok(self.count)).unwrap(),
            Input::Call(CounterCall::Panic(_)) => panic!("on purpose"),
            Input::Call(CounterCall::Written(count)) => self.count = count,
            Input::CatchUp => self.count = self.ports.stored(self.lease.key()).unwrap_or_default(),
            Input::Stale => {}
            Input::Quit => ctx.stop(),
        }
    }
}
