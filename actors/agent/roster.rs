//! The agents connected to this node: finds their actors, listens to their tenants' feeds, and keeps checking that they
//! may still be here.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, Recipient, SpawnHandle, WrapFuture};
use frontdesk_domain::{AgentId, Reach, TenantId};
use frontdesk_ports::{FeedTarget, Identity, Recheck};
use frontdesk_protocol::{FeedItem, socket::ServerFrame};
use futures_util::StreamExt;
use tokio::sync::watch;
use uuid::Uuid;

use super::actor::{AgentActor, Attach, Detach, Device, Quit, Tell};
use crate::{conversation::Broadcast, ports::SessionPorts};

/// The agents connected to this node.
pub struct Roster {
    pub(super) ports: Arc<SessionPorts>,
    pub(super) tenants: HashMap<TenantId, Tenant>,
    sessions: HashMap<Uuid, Member>,
    /// Whether an answer to the last question is still to come.
    rechecking: bool,
    /// Whether something changed after that question was asked.
    recheck_again: bool,
    /// Whether heartbeats are being sent.
    pub(super) beating: bool,
}

pub(super) struct Tenant {
    pub(super) agents: HashMap<AgentId, Connected>,
    pub(super) task: SpawnHandle,
    /// Whether its feed is listened to.
    listening: watch::Receiver<bool>,
}

pub(super) struct Connected {
    addr: Addr<AgentActor>,
    /// Which conversations it may see.
    reach: Reach,
    /// The flag of each device that tells it that it has missed something.
    devices: HashMap<Uuid, Arc<AtomicBool>>,
}

struct Member {
    identity: Identity,
    agent: AgentId,
    control: Recipient<Control>,
}

/// An agent's session begins.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Join {
    /// Id of the session.
    pub session: Uuid,
    /// Id of the agent.
    pub agent: AgentId,
    /// As its token says.
    pub identity: Identity,
    /// Receives the frames of the session.
    pub device: Device,
    /// Told when the identity no longer holds.
    pub control: Recipient<Control>,
}

/// An agent's session ended.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Leave {
    /// Id of the session.
    pub session: Uuid,
}

/// What a session must know about its own rights.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub enum Control {
    /// Its log-in ended: close.
    Ended,
    /// Role or name changed: go on as this.
    Changed(Box<Identity>),
}

/// Asks whether a tenant's feed is listened to: what is told on it from then on reaches its agents here. `None` for a
/// tenant without any.
#[derive(Message)]
#[rtype(result = "Option<watch::Receiver<bool>>")]
pub struct Listening(pub TenantId);

/// Something on the feeds may not have been heard.
#[derive(Message)]
#[rtype(result = "()")]
struct Reconnected;

/// What agents may do, or where they belong, may have changed: ask at once, not at the next interval.
#[derive(Message)]
#[rtype(result = "()")]
pub struct RightsChanged;

/// Settings of this tenant changed, or those of any tenant may have: its agents are told to read them again.
#[derive(Message)]
#[rtype(result = "()")]
pub struct SettingsChanged(pub Option<TenantId>);

/// An agent of this tenant was made or changed, or agents of any tenant may have been: the others are told to read them
/// again.
#[derive(Message)]
#[rtype(result = "()")]
pub struct AgentsChanged(pub Option<TenantId>);

#[derive(Message)]
#[rtype(result = "()")]
struct Heard(TenantId, FeedTarget, FeedItem);

impl Connected {
    fn tell(&self, broadcast: &Arc<Broadcast>) {
        if self.addr.try_send(Tell(Arc::clone(broadcast))).is_err() {
            metrics::counter!("desk_feed_dropped_total").increment(1);
            self.missed();
        }
    }

    /// Its devices have missed something: they close and come back.
    pub(super) fn missed(&self) {
        self.devices.values().for_each(|lagging| lagging.store(true, Ordering::Release));
    }
}

impl Roster {
    /// Messages that wait for the roster. Beyond it sessions come back later.
    pub(crate) const MAILBOX: usize = 1_024;

    /// A roster without sessions.
    #[must_use]
    pub fn new(ports: Arc<SessionPorts>) -> Self {
        Self {
            ports,
            tenants: HashMap::new(),
            sessions: HashMap::new(),
            rechecking: false,
            recheck_again: false,
            beating: false,
        }
    }

    pub(super) fn listen(&self, tenant: TenantId, ctx: &mut Context<Self>) -> Tenant {
        let (heard, listening) = watch::channel(false);
        let (roster, ports) = (ctx.address(), Arc::clone(&self.ports));
        let listen = async move {
            loop {
                match ports.feed.subscribe(tenant).await {
                    Ok(mut items) => {
                        heard.send_replace(true);
                        while let Some((target, item)) = items.next().await {
                            if roster.send(Heard(tenant, target, item)).await.is_err() {
                                return;
                            }
                        }
                        heard.send_replace(false);
                    }
                    Err(error) => {
                        tracing::warn!(tenant.id = %tenant, error = %error, "cannot listen to the feed; trying again")
                    }
                }
                tokio::time::sleep(LISTEN_AGAIN).await;
            }
        };
        Tenant { agents: HashMap::new(), task: ctx.spawn(listen.into_actor(self)), listening }
    }

    /// Tells every agent to ask what it may have missed, whenever something may have been.
    fn announce_reconnects(&self, ctx: &mut Context<Self>) {
        let (roster, mut reconnects) = (ctx.address(), self.ports.log.reconnects());
        let tell = async move {
            while reconnects.changed().await.is_ok() {
                if roster.send(Reconnected).await.is_err() {
                    return;
                }
            }
        };
        ctx.spawn(tell.into_actor(self));
    }

    /// Asks whether everyone may still be here. One question for all.
    fn recheck(&mut self, ctx: &mut Context<Self>) {
        let ended = self.sessions.iter().filter(|(_, member)| !member.control.connected());
        let ended: Vec<_> = ended.map(|(session, _)| *session).collect();
        // Their leave was lost in a full mailbox.
        ended.into_iter().for_each(|session| self.leave(session, ctx));
        if self.sessions.is_empty() || self.rechecking {
            return;
        }
        (self.rechecking, self.recheck_again) = (true, false);
        let (sessions, identities): (Vec<_>, Vec<_>) =
            self.sessions.iter().map(|(session, member)| (*session, member.identity.clone())).unzip();
        let ports = Arc::clone(&self.ports);
        let ask = async move { ports.authenticator.recheck(&identities).await };
        ctx.spawn(ask.into_actor(self).map(move |result, roster, ctx| {
            roster.rechecking = false;
            match result {
                Ok(found) => roster.act(&sessions, found),
                Err(error) => {
                    tracing::warn!(error = %error, "could not check who is still logged in; keeping everyone");
                }
            }
            if roster.recheck_again {
                roster.recheck(ctx);
            }
        }));
    }

    /// Tells sessions what was found about them, by their place in `sessions`.
    fn act(&mut self, sessions: &[Uuid], found: Recheck) {
        for index in found.ended {
            self.tell(sessions.get(index), || Control::Ended);
        }
        for (index, identity) in found.changed {
            let Some(member) = sessions.get(index).and_then(|session| self.sessions.get_mut(session)) else { continue };
            let there = self.tenants.get_mut(&identity.tenant);
            if let Some(connected) = there.and_then(|there| there.agents.get_mut(&member.agent)) {
                connected.reach = reach_of(&identity);
            }
            // A session too busy to hear it keeps the old identity here, so that the next check finds the change again.
            if member.control.try_send(Control::Changed(Box::new(identity.clone()))).is_ok() {
                member.identity = identity;
            }
        }
    }

    fn leave(&mut self, session: Uuid, ctx: &mut Context<Self>) {
        let Some(member) = self.sessions.remove(&session) else { return };
        let tenant = member.identity.tenant;
        let Some(there) = self.tenants.get_mut(&tenant) else { return };
        if let Some(connected) = there.agents.get_mut(&member.agent) {
            connected.devices.remove(&session);
            let _busy = connected.addr.try_send(Detach(session));
            if connected.devices.is_empty() {
                let _busy = connected.addr.try_send(Quit);
                there.agents.remove(&member.agent);
            }
        }
        if there.agents.is_empty() {
            ctx.cancel_future(there.task);
            self.tenants.remove(&tenant);
        }
    }

    /// Tells the agents of a tenant, or of every tenant.
    fn broadcast(&self, of: Option<TenantId>, frame: ServerFrame) {
        let news = Broadcast::new(frame);
        let concerned = self.tenants.iter().filter(|(tenant, _)| of.is_none_or(|of| of == **tenant));
        for connected in concerned.flat_map(|(_, there)| there.agents.values()) {
            connected.tell(&news);
        }
    }

    fn tell(&self, session: Option<&Uuid>, control: impl FnOnce() -> Control) {
        if let Some(member) = session.and_then(|session| self.sessions.get(session)) {
            // A session too busy to hear it is told again at the next check.
            let _busy = member.control.try_send(control());
        }
    }
}

impl Actor for Roster {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(RECHECK_EVERY, |roster, ctx| roster.recheck(ctx));
        self.announce_reconnects(ctx);
        Self::begin_pulse(ctx);
    }
}

impl Handler<Join> for Roster {
    type Result = ();

    fn handle(&mut self, join: Join, ctx: &mut Self::Context) {
        let Join { session, agent, identity, device, control } = join;
        let tenant = identity.tenant;
        if !self.tenants.contains_key(&tenant) {
            let there = self.listen(tenant, ctx);
            self.tenants.insert(tenant, there);
        }
        let Some(there) = self.tenants.get_mut(&tenant) else { return };
        // Other devices of the agent may have heard of a newer change; what this one brings that is newer, the next
        // check finds for them.
        let connected = there.agents.entry(agent).or_insert_with(|| Connected {
            addr: AgentActor::begin(),
            reach: reach_of(&identity),
            devices: HashMap::new(),
        });
        self.sessions.insert(session, Member { identity, agent, control });
        connected.devices.insert(session, Arc::clone(&device.lagging));
        if connected.addr.try_send(Attach(session, device)).is_err() {
            connected.missed();
        }
    }
}

/// The conversations that `identity` may read; none for one who is no agent.
fn reach_of(identity: &Identity) -> Reach {
    Reach::of_reader(&identity.principal)
        .unwrap_or_else(|| Reach::Within { holders: BTreeSet::new(), inboxes: BTreeSet::new() })
}

impl Handler<Leave> for Roster {
    type Result = ();

    fn handle(&mut self, Leave { session }: Leave, ctx: &mut Self::Context) {
        self.leave(session, ctx);
    }
}

impl Handler<Listening> for Roster {
    type Result = Option<watch::Receiver<bool>>;

    fn handle(&mut self, Listening(tenant): Listening, _: &mut Self::Context) -> Self::Result {
        self.tenants.get(&tenant).map(|there| there.listening.clone())
    }
}

impl Handler<RightsChanged> for Roster {
    type Result = ();

    fn handle(&mut self, _: RightsChanged, ctx: &mut Self::Context) {
        self.recheck_again = true;
        self.recheck(ctx);
    }
}

impl Handler<SettingsChanged> for Roster {
    type Result = ();

    fn handle(&mut self, SettingsChanged(changed): SettingsChanged, _: &mut Self::Context) {
        self.broadcast(changed, ServerFrame::SettingsChanged {});
    }
}

impl Handler<AgentsChanged> for Roster {
    type Result = ();

    fn handle(&mut self, AgentsChanged(changed): AgentsChanged, _: &mut Self::Context) {
        self.broadcast(changed, ServerFrame::AgentsChanged {});
    }
}

impl Handler<Reconnected> for Roster {
    type Result = ();

    fn handle(&mut self, _: Reconnected, _: &mut Self::Context) {
        let (conversations, cursor) = (vec![], None);
        let ask = ServerFrame::Feed { conversations, cursor, more: false, reset: false, behind: true };
        let ask = Broadcast::new(ask);
        for connected in self.tenants.values().flat_map(|there| there.agents.values()) {
            connected.tell(&ask);
        }
    }
}

impl Handler<Heard> for Roster {
    type Result = ();

    fn handle(&mut self, Heard(tenant, target, item): Heard, _: &mut Self::Context) {
        let Some(there) = self.tenants.get(&tenant) else { return };
        let FeedItem::Conversation { summary, former_holders } = item;
        let (conversation, resource) = (summary.conversation, summary.resource());
        let shown = Broadcast::new(ServerFrame::Conversation { summary });
        let hidden = Broadcast::new(ServerFrame::Hidden { conversation });
        let addressed = |agent: &AgentId| match target {
            FeedTarget::Everyone => true,
            FeedTarget::Agent(one) => *agent == one,
        };
        for (_, connected) in there.agents.iter().filter(|(agent, _)| addressed(agent)) {
            if connected.reach.has(&resource) {
                connected.tell(&shown);
            } else if former_holders.iter().any(|holder| connected.reach.has_holder(*holder)) {
                connected.tell(&hidden);
            }
        }
    }
}

const LISTEN_AGAIN: Duration = Duration::from_millis(500);

/// Revoked agents are out within 5 s.
const RECHECK_EVERY: Duration = Duration::from_secs(3);
