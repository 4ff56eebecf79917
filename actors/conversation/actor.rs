//! The actor: its life, and which call goes where.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use frontdesk_domain::{Audience, ConversationKey, Entry, Participant};
use frontdesk_protocol::{AckKind, socket::ServerFrame};

use super::{
    call::{Call, ExecuteCall, ReadError, WatchCall},
    doubts::Doubts,
    journal::{Folded, Journal},
    load::Loaded,
    receipts::{DirtyReceipts, take_mark},
    refresh::{Beside, Found, KnownUpTo, Wanted, beside, refresh},
    watchers::Watchers,
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
    pub(super) journal: Journal,
    pub(super) watchers: Watchers,
    /// Commands waiting for their turn; bounded by `conversation.queue_capacity`.
    pub(super) queue: VecDeque<ExecuteCall>,
    /// Whether somebody looks after commands that wait too long.
    pub(super) expiring: bool,
    /// The command that is being published.
    pub(super) in_flight: Option<ExecuteCall>,
    pub(super) doubts: Doubts,
    /// Whether an operation on log or database is under way. Only one ever is; commands wait meanwhile.
    pub(super) busy: bool,
    /// Whether a gap was seen that the operation under way does not close.
    pub(super) behind: bool,
    /// Whether a failed catch-up is going to be repeated.
    catch_up_later: bool,
    /// The highest entry that was heard of, though perhaps not seen.
    heard_of: u64,
    /// Whether somebody will look whether what was heard of has come.
    awaiting: bool,
    /// Watchers that hold more than is known here: answered after a look into the log. Bounded like `queue`.
    pub(super) ahead: Vec<WatchCall>,
    pub(super) dirty: DirtyReceipts,
    /// Members whose last session left a moment ago.
    pub(super) leaving: HashSet<Participant>,
    last_used: Duration,
}

impl ConversationActor {
    /// An actor for the conversation as it was loaded.
    pub(super) fn new(ports: Arc<HostPorts>, lease: Lease<ConversationKey>, loaded: Loaded) -> Self {
        let key = lease.key();
        let last_used = ports.clock.monotonic();
        let journal = journal_of(&ports, loaded);
        Self {
            key,
            ports,
            lease,
            journal,
            watchers: Watchers::new(key.conversation),
            queue: VecDeque::new(),
            expiring: false,
            in_flight: None,
            doubts: Doubts::default(),
            busy: false,
            behind: false,
            catch_up_later: false,
            heard_of: 0,
            awaiting: false,
            ahead: Vec::new(),
            dirty: DirtyReceipts::default(),
            leaving: HashSet::new(),
            last_used,
        }
    }

    /// Folds what continues the conversation and tells the watchers; `false` if something before it is missing.
    pub(super) fn fold(&mut self, record: &frontdesk_ports::Record) -> bool {
        match self.journal.fold(record) {
            Folded::Applied(entry) => {
                self.tell_entry(&entry);
                true
            }
            Folded::Known => true,
            Folded::Gap => false,
        }
    }

    fn tell_entry(&mut self, entry: &Arc<Entry>) {
        self.watchers.tell_entry(entry);
        self.announce_assignee(&entry.event);
    }

    /// Takes over what was found in the log.
    pub(super) fn take_over(&mut self, found: Found) {
        match found {
            Found::Following { records, known_at } => {
                // Whatever came in live meanwhile is known by now, and nothing is between what follows and that.
                let whole = records.iter().all(|record| self.fold(record));
                debug_assert!(whole, "what follows is read without a hole");
                self.journal.confirm(known_at);
            }
            Found::Anew(loaded) => self.replace(*loaded),
        }
        self.doubts.settle(self.journal.tail.log_seq);
    }

    /// Takes over what was loaded anew, and tells the watchers what they did not see yet.
    fn replace(&mut self, loaded: Loaded) {
        let seen = self.journal.state.last_seq;
        if loaded.state.last_seq < seen {
            // More came in live while this was read.
            return self.journal.confirm(loaded.tail.known_at);
        }
        let persisted_seq = loaded.persisted_seq;
        if loaded.state.last_seq == seen {
            self.journal.tail = loaded.tail;
            return self.learn_persisted(persisted_seq);
        }
        let before = std::mem::replace(&mut self.journal, journal_of(&self.ports, loaded));
        for (member, mark) in before.receipts.iter() {
            take_mark(&mut self.journal.receipts, member, mark);
        }
        let missed: Vec<_> = self.journal.held().filter(|entry| entry.seq > seen).cloned().collect();
        // If even the database's newest do not reach back that far, watchers see by `prev` that something is missing and ask
        // for the range.
        for entry in &missed {
            self.tell_entry(entry);
        }
        // Read without the database, less is known to be persisted than before; it still is.
        self.journal.persisted(before.persisted_seq);
        if persisted_seq > before.persisted_seq {
            let frame = ServerFrame::Persisted { conversation: self.key.conversation, up_to_seq: persisted_seq };
            self.watchers.tell(frame);
        }
    }

    /// Learns how far the database has come, and tells the watchers if that is news.
    pub(super) fn learn_persisted(&mut self, up_to_seq: u64) {
        if self.journal.persisted(up_to_seq) {
            self.watchers.tell(ServerFrame::Persisted { conversation: self.key.conversation, up_to_seq });
        }
    }

    /// Tells those who may see entry `seq` that it could not be filed. Not if it was meanwhile.
    fn tell_failed(&mut self, seq: u64) {
        if seq <= self.journal.persisted_seq {
            return;
        }
        let entry = self.journal.held().find(|entry| entry.seq == seq).map(Arc::clone);
        let frame = ServerFrame::Failed { conversation: self.key.conversation, seq, code: NOT_FILED.to_owned() };
        self.watchers.tell_if(frame, |principal| match &entry {
            Some(entry) => entry.visible_to(principal.audience()),
            None => principal.audience() == Audience::Staff,
        });
    }

    /// Hears of entry `seq`. If that does not come by itself, it is looked for.
    fn note_remote_seq(&mut self, seq: u64, ctx: &mut Context<Self>) {
        self.heard_of = self.heard_of.max(seq);
        if self.heard_of > self.journal.state.last_seq && !self.awaiting {
            self.awaiting = true;
            ctx.run_later(LIVE_GRACE, |actor, ctx| {
                actor.awaiting = false;
                if actor.heard_of > actor.journal.state.last_seq {
                    actor.catch_up(ctx);
                }
            });
        }
    }

    /// Asks to leave at once if this is no conversation, because its opening was refused.
    fn rest_if_unopened(&self) {
        if self.journal.state.opening.is_none() {
            self.rest_if_idle();
        }
    }

    /// Asks to leave if nobody needs this actor.
    fn rest_if_idle(&self) {
        let unused = self.ports.clock.monotonic().saturating_sub(self.last_used) >= self.ports.settings.idle_after;
        let idle = unused || self.journal.state.opening.is_none();
        let at_work = self.busy || self.behind || !self.queue.is_empty();
        if idle && !at_work && self.watchers.is_empty() && self.dirty.is_clean() && self.leaving.is_empty() {
            self.lease.passivate();
        }
    }
}

/// Builds the journal, receipts included.
fn journal_of(ports: &HostPorts, loaded: Loaded) -> Journal {
    let Loaded { state, tail, persisted_seq, entries, receipts } = loaded;
    let mut journal = Journal::new(state, tail, persisted_seq, entries, ports.settings.recent_entries);
    for (member, mark) in receipts {
        take_mark(&mut journal.receipts, member, mark);
    }
    journal
}

impl Actor for ConversationActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        metrics::gauge!("desk_conversations_live").increment(1);
        let check_every = (self.ports.settings.idle_after / 4).max(Duration::from_millis(50));
        ctx.run_interval(check_every, |actor, ctx| {
            actor.watchers.forget_the_dead();
            actor.announce_leave(ctx);
            actor.rest_if_idle();
        });
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        metrics::gauge!("desk_conversations_live").decrement(1);
        metrics::gauge!("desk_conversation_queue").decrement(self.queue.len() as f64);
    }
}

impl Handler<Input<Call>> for ConversationActor {
    type Result = ();

    fn handle(&mut self, input: Input<Call>, ctx: &mut Self::Context) {
        self.lease.note_handled();
        match input {
            Input::Call(call) => self.handle_call(call, ctx),
            Input::CatchUp => self.catch_up(ctx),
            Input::Stale => self.watchers.disconnect_all(),
            Input::Quit => ctx.stop(),
        }
        self.announce_leave(ctx);
        self.rest_if_unopened();
    }
}

impl ConversationActor {
    fn handle_call(&mut self, call: Call, ctx: &mut Context<Self>) {
        if !matches!(call, Call::Live(_) | Call::Ack(_) | Call::Signal(_)) {
            self.last_used = self.ports.clock.monotonic();
        }
        match call {
            Call::Execute(call) => self.enqueue(call, ctx),
            Call::Watch(call) => self.watch(call, ctx),
            Call::Leave { session } => self.watchers.remove(session),
            Call::Range(call) => self.range(call, ctx),
            Call::Receipt(call) => self.receipt(&call, ctx),
            Call::Live(record) => {
                self.recognise(&record);
                if !self.fold(&record) {
                    self.catch_up(ctx);
                }
            }
            Call::Ack(record) => {
                match record.kind {
                    AckKind::Persisted => self.learn_persisted(record.ack.up_to_seq),
                    AckKind::Receipt(member, kind) => self.handle_receipt(member, kind, record.ack.up_to_seq, ctx),
                    AckKind::Failed(seq) => self.tell_failed(seq),
                }
                self.note_remote_seq(record.ack.up_to_seq, ctx);
            }
            Call::Signal(signal) => self.on_signal(signal),
        }
    }
}

impl ConversationActor {
    /// Runs `operation` while commands wait, then hands its result to `done`, which must end it by [`Self::finish`] or go on.
    pub(super) fn run<T: 'static>(
        &mut self,
        ctx: &mut Context<Self>,
        operation: impl Future<Output = T> + 'static,
        done: impl FnOnce(&mut Self, T, &mut Context<Self>) + 'static,
    ) {
        self.busy = true;
        ctx.spawn(operation.into_actor(self).map(move |result, actor, ctx| done(actor, result, ctx)));
    }

    /// Ends a command's operation: what was missed is looked for, then the next command gets its turn.
    pub(super) fn finish(&mut self, ctx: &mut Context<Self>) {
        self.busy = false;
        if self.behind {
            self.catch_up(ctx);
        } else {
            self.work(ctx);
        }
        self.rest_if_unopened();
    }

    /// What is known here, as a starting point for [`refresh`].
    pub(super) const fn known(&self) -> KnownUpTo {
        KnownUpTo { tail: self.journal.tail, last_seq: self.journal.state.last_seq }
    }

    /// Reads what the log has beyond what is known here, now or after the operation under way.
    pub(super) fn catch_up(&mut self, ctx: &mut Context<Self>) {
        if self.busy {
            self.behind = true;
            return;
        }
        self.behind = false;
        // Only those who asked before the log is read: later ones may hold what it did not hold by then.
        let ahead = std::mem::take(&mut self.ahead);
        let (ports, key, known) = (Arc::clone(&self.ports), self.key, self.known());
        let wanted = Wanted { receipts: !self.watchers.is_empty(), persisted: self.is_full() };
        let look = async move {
            let found = refresh(&ports, key, known).await?;
            Ok((found, beside(&ports, key, wanted).await))
        };
        self.run(ctx, look, |actor, result, ctx| {
            match result {
                Ok((found, Beside { persisted_seq, receipts })) => {
                    actor.take_over(found);
                    actor.learn_persisted(persisted_seq);
                    for (member, mark) in receipts {
                        actor.observe_mark(member, mark);
                    }
                    ahead.into_iter().for_each(|call| actor.answer_watch(call, ctx));
                }
                Err(error) => {
                    let error: super::load::LoadError = error;
                    tracing::warn!(conversation.id = %actor.key, error = %error, "could not catch up; trying again");
                    for call in ahead {
                        let _gone = call.refused.send(ReadError::Unavailable);
                    }
                    actor.catch_up_later(ctx);
                }
            }
            // Commands first, or a stream of gaps would keep them waiting for ever.
            actor.busy = false;
            actor.work(ctx);
            if actor.behind && !actor.busy {
                actor.catch_up(ctx);
            }
            actor.rest_if_unopened();
        });
    }

    /// The same after a moment; once, however often it is asked for meanwhile.
    pub(super) fn catch_up_later(&mut self, ctx: &mut Context<Self>) {
        if !std::mem::replace(&mut self.catch_up_later, true) {
            ctx.run_later(CATCH_UP_RETRY, |actor, ctx| {
                actor.catch_up_later = false;
                actor.catch_up(ctx);
            });
        }
    }

    /// Number of the last entry that `audience` may see.
    pub(super) const fn last_seq_for(&self, audience: Audience) -> u64 {
        self.journal.state.last_seq_for(audience)
    }
}

/// The code of an accepted entry that no worker could bring to the database.
const NOT_FILED: &str = "not_filed";

const CATCH_UP_RETRY: Duration = Duration::from_millis(500);

/// How long an entry that others know of may take to come in live.
const LIVE_GRACE: Duration = Duration::from_millis(250);
