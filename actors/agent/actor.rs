//! One agent on this node: hands its feed to all its devices.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix::{Actor, ActorContext, Addr, Context, Handler, Message, Recipient};
use uuid::Uuid;

use crate::conversation::{Broadcast, Push};

/// One agent; all its devices on this node share it.
#[derive(Default)]
pub struct AgentActor {
    devices: HashMap<Uuid, Device>,
}

/// A device that an agent has open.
#[derive(Clone)]
pub struct Device {
    /// The device's session, which gets the frames.
    pub push: Recipient<Push>,
    /// Set when a frame could not be handed over.
    pub lagging: Arc<AtomicBool>,
}

/// A session of the agent was opened on this node.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Attach(pub(super) Uuid, pub(super) Device);

/// A session of the agent ended on this node.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Detach(pub(super) Uuid);

/// Something for this agent.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Tell(pub(super) Arc<Broadcast>);

/// The last device went.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Quit;

impl AgentActor {
    /// Starts the actor on this thread.
    pub(super) fn begin() -> Addr<Self> {
        Self::create(|ctx| {
            ctx.set_mailbox_capacity(MAILBOX);
            Self::default()
        })
    }
}

impl Actor for AgentActor {
    type Context = Context<Self>;
}

impl Handler<Attach> for AgentActor {
    type Result = ();

    fn handle(&mut self, Attach(session, device): Attach, _: &mut Self::Context) {
        self.devices.insert(session, device);
    }
}

impl Handler<Detach> for AgentActor {
    type Result = ();

    fn handle(&mut self, Detach(session): Detach, _: &mut Self::Context) {
        self.devices.remove(&session);
    }
}

impl Handler<Tell> for AgentActor {
    type Result = ();

    fn handle(&mut self, Tell(broadcast): Tell, _: &mut Self::Context) {
        self.devices.retain(|_, device| {
            let taken = device.push.try_send(Push(Arc::clone(&broadcast))).is_ok();
            if !taken {
                device.lagging.store(true, Ordering::Release);
            }
            taken
        });
    }
}

impl Handler<Quit> for AgentActor {
    type Result = ();

    fn handle(&mut self, _: Quit, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

/// Items that wait for one agent. Beyond it, its devices have missed something and come back.
const MAILBOX: usize = 256;
