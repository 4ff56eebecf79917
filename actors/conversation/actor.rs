//! The actor: a shell around [`ConversationMachine`] that executes what the machine asks for and feeds the results
//! back.

use std::{collections::HashSet, sync::Arc, time::Duration};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use frontdesk_domain::{Audience, Command, ConversationKey, InboxId, InboxRules, Participant};
use frontdesk_protocol::{AckKind, socket::ServerFrame};
use frontdesk_telemetry::{join_text, trace_id};
use tokio::sync::watch;

use super::{
    call::{Call, ExecuteCall, Ticket, WatchCall},
    dirty_receipts::DirtyReceipts,
    load::Loaded,
    machine::{ConversationMachine, MachineSettings, Now},
    subscribers::Subscribers,
    view::ConversationView,
};
use crate::{
    ports::HostPorts,
    runtime::{Input, Lease},
};

/// One conversation on this node.
pub struct ConversationActor {
    pub(super) key: ConversationKey,
    pub(super) ports: Arc<HostPorts>,
    lease: Lease<ConversationKey>,
    pub(super) machine: ConversationMachine<Ticket>,
    /// What its inbox allows now; `None` until it is opened.
    rules: Option<watch::Receiver<InboxRules>>,
    /// Whether an opening waits for the rules: the actor must not end before it is executed.
    is_opening: bool,
    /// When the machine is called without any arrival.
    timer: Option<(Duration, SpawnHandle)>,
    pub(super) subscribers: Subscribers,
    /// Subscribers that hold more than is known here: answered after a look into the log. Bounded by
    /// `conversation.queue_capacity`.
    pub(super) waiting_for_catch_up: Vec<WatchCall>,
    /// Those among them that asked before the log was read: later ones may hold what it did not hold by then.
    pub(super) in_catch_up: Vec<WatchCall>,
    pub(super) dirty: DirtyReceipts,
    /// Participants whose last session left a moment ago.
    pub(super) leaving: HashSet<Participant>,
    last_used: Duration,
}

impl ConversationActor {
    /// An actor for the conversation as it was loaded, with the rules of its inbox if it is open.
    pub(super) fn new(
        ports: Arc<HostPorts>,
        lease: Lease<ConversationKey>,
        loaded: Loaded,
        rules: Option<watch::Receiver<InboxRules>>,
    ) -> Self {
        let (key, last_used) = (lease.key(), ports.clock.monotonic());
        let settings = MachineSettings {
            queue_capacity: ports.settings.queue_capacity,
            command_timeout: ports.settings.command_timeout,
            recent_entries: ports.settings.recent_entries,
            retention: ports.log.retention(),
        };
        Self {
            key,
            ports,
            lease,
            machine: ConversationMachine::new(loaded, settings),
            rules,
            is_opening: false,
            timer: None,
            subscribers: Subscribers::new(key.conversation),
            waiting_for_catch_up: Vec::new(),
            in_catch_up: Vec::new(),
            dirty: DirtyReceipts::default(),
            leaving: HashSet::new(),
            last_used,
        }
    }

    pub(super) const fn view(&self) -> &ConversationView {
        self.machine.view()
    }

    pub(super) fn now(&self) -> Now {
        Now { wall: self.ports.clock.now(), monotonic: self.ports.clock.monotonic() }
    }

    /// What the inbox allows now. Never waits.
    pub(super) fn rules(&self) -> InboxRules {
        self.rules.as_ref().map_or_else(InboxRules::default, |rules| *rules.borrow())
    }

    /// Number of the last entry that `audience` may see.
    pub(super) const fn last_seq_for(&self, audience: Audience) -> u64 {
        self.view().state.last_seq_for(audience)
    }

    /// Does what the machine asks for, and arms the timer for what comes next. Called after everything that was fed to
    /// it.
    pub(super) fn drive(&mut self, ctx: &mut Context<Self>) {
        while let Some(output) = self.machine.poll_output() {
            self.perform(output, ctx);
        }
        self.arm_timer(ctx);
        self.rest_if_unopened();
    }

    fn arm_timer(&mut self, ctx: &mut Context<Self>) {
        let Some(at) = self.machine.poll_timeout() else { return };
        // An earlier timer finds nothing to do and arms the next one.
        if self.timer.is_some_and(|(armed, _)| armed <= at) {
            return;
        }
        if let Some((_, later)) = self.timer.take() {
            ctx.cancel_future(later);
        }
        let wait = at.saturating_sub(self.ports.clock.monotonic()).max(SHORTEST_TIMER);
        let timer = ctx.run_later(wait, |actor, ctx| {
            actor.timer = None;
            actor.machine.handle_timeout(actor.now());
            actor.drive(ctx);
        });
        self.timer = Some((at, timer));
    }

    /// Asks to end at once if this is no conversation, because its opening was refused.
    fn rest_if_unopened(&self) {
        if self.view().state.opening.is_none() {
            self.rest_if_idle();
        }
    }

    /// Asks to end if this actor is not needed.
    fn rest_if_idle(&self) {
        let unused = self.ports.clock.monotonic().saturating_sub(self.last_used) >= self.ports.settings.idle_after;
        let idle = unused || self.view().state.opening.is_none();
        let watched = !self.subscribers.is_empty() || !self.leaving.is_empty();
        if idle && !watched && !self.is_opening && !self.machine.is_at_work() && self.dirty.is_clean() {
            self.lease.passivate();
        }
    }
}

impl Actor for ConversationActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        metrics::gauge!("desk_conversations_live").increment(1);
        let check_every = (self.ports.settings.idle_after / 4).max(Duration::from_millis(50));
        ctx.run_interval(check_every, |actor, ctx| {
            actor.machine.shrink();
            actor.subscribers.remove_ended();
            actor.announce_leave(ctx);
            actor.rest_if_idle();
        });
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        metrics::gauge!("desk_conversations_live").decrement(1);
        metrics::gauge!("desk_conversation_queue").decrement(self.machine.queued() as f64);
    }
}

impl Handler<Input<Call>> for ConversationActor {
    type Result = ();

    fn handle(&mut self, input: Input<Call>, ctx: &mut Self::Context) {
        self.lease.note_handled();
        match input {
            Input::Call(call) => self.handle_call(call, ctx),
            Input::CatchUp => self.machine.catch_up(),
            Input::Stale => self.subscribers.disconnect_all(),
            Input::Quit => ctx.stop(),
        }
        self.announce_leave(ctx);
        self.drive(ctx);
    }
}

impl ConversationActor {
    fn handle_call(&mut self, call: Call, ctx: &mut Context<Self>) {
        if !matches!(call, Call::Live(_) | Call::Ack(_) | Call::Signal(_)) {
            self.last_used = self.ports.clock.monotonic();
        }
        let now = self.now();
        match call {
            Call::Execute(call) => match (&self.rules, &call.request.command) {
                (None, Command::Open { inbox, .. }) => self.open(*inbox, call, ctx),
                _ => self.execute(call),
            },
            Call::Typing { session, author, active } => self.pass_typing(session, author, active),
            Call::Watch(call) => self.watch(call, ctx),
            Call::Leave { session } => self.subscribers.remove(session),
            Call::Renew { session, principal, .. } => self.renew(session, &principal),
            Call::Range(call) => self.range(call, ctx),
            Call::Receipt(call) => self.receipt(&call, ctx),
            Call::Live(record) => self.machine.handle_live(&record),
            Call::Ack(record) => {
                let up_to_seq = record.ack.up_to_seq;
                match record.kind {
                    AckKind::Persisted => self.machine.handle_persisted(up_to_seq),
                    AckKind::Receipt(member, kind) => self.handle_receipt(member, kind, up_to_seq, ctx),
                    AckKind::Failed(seq) => self.tell_failed(seq),
                }
                self.machine.note_remote_seq(up_to_seq, now);
            }
            Call::Signal(signal) => self.on_signal(signal),
        }
    }

    /// Opens the conversation once the rules of its inbox are known, so that its first message is judged by them. What
    /// is sent meanwhile waits its turn.
    fn open(&mut self, inbox: InboxId, call: ExecuteCall, ctx: &mut Context<Self>) {
        let (ports, tenant) = (Arc::clone(&self.ports), self.key.tenant);
        self.is_opening = true;
        let rules = async move { ports.inbox_rules.watch(tenant, inbox).await };
        ctx.wait(rules.into_actor(self).map(|rules, actor, ctx| {
            (actor.rules, actor.is_opening) = (Some(rules), false);
            actor.execute(call);
            actor.drive(ctx);
        }));
    }

    fn execute(&mut self, call: ExecuteCall) {
        let span = tracing::debug_span!("decide", trace.id = trace_id(&call.trace), conversation.id = %self.key);
        join_text(&span, &call.trace);
        let (now, rules) = (self.now(), self.rules());
        self.machine.set_rules(rules);
        span.in_scope(|| self.machine.execute(call.into_pending(), now));
    }

    /// Tells those who may see entry `seq` that no worker could bring it to the database. Not if one did meanwhile.
    fn tell_failed(&mut self, seq: u64) {
        if seq <= self.view().persisted_seq {
            return;
        }
        let entry = self.view().held().find(|entry| entry.seq == seq).map(Arc::clone);
        let frame = ServerFrame::Failed { conversation: self.key.conversation, seq, code: NOT_PERSISTED.to_owned() };
        self.subscribers.tell_if(frame, |principal| match &entry {
            Some(entry) => entry.visible_to(principal.audience()),
            None => principal.audience() == Audience::Staff,
        });
    }
}

/// The code of an accepted entry that no worker could bring to the database.
const NOT_PERSISTED: &str = "not_filed";

/// Timers are not armed for less, should the clock be behind the runtime's.
const SHORTEST_TIMER: Duration = Duration::from_millis(1);
