//! The actor: its life, and which call goes where.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use frontdesk_domain::{ConversationKey, Entry, Member, Receipts};
use frontdesk_ports::{Signal, commands::ExecuteError};
use frontdesk_protocol::{AckKind, socket::ServerFrame};

use super::{
    call::{BUSY_RETRY_MS, Call, ExecuteCall},
    journal::{Folded, Journal},
    load::{LoadError, Loaded, load},
    receipts::DirtyReceipts,
    watchers::Watchers,
};
use crate::{
    desk::Desk,
    shard::{Home, Passivate},
};

/// One conversation on this node.
pub struct ConversationActor {
    pub(super) key: ConversationKey,
    pub(super) desk: Arc<Desk>,
    home: Home,
    pub(super) journal: Journal,
    pub(super) watchers: Watchers,
    /// Commands waiting for their turn; bounded by `conversation.queue_capacity`.
    pub(super) queue: VecDeque<ExecuteCall>,
    /// Whether an operation on log or database is under way. Only one ever is; commands wait meanwhile.
    pub(super) busy: bool,
    /// Whether a gap was seen that the operation under way does not close.
    pub(super) behind: bool,
    pub(super) dirty: DirtyReceipts,
    last_used: Duration,
    /// How many calls were handled: tells the shard whether something was routed since.
    handled: u64,
}

impl ConversationActor {
    /// An actor for the conversation as it was loaded, living in `home`.
    pub(crate) fn new(key: ConversationKey, desk: Arc<Desk>, home: Home, loaded: Loaded) -> Self {
        let last_used = desk.clock.monotonic();
        let journal = journal_of(&desk, loaded);
        Self {
            key,
            desk,
            home,
            journal,
            watchers: Watchers::default(),
            queue: VecDeque::new(),
            busy: false,
            behind: false,
            dirty: DirtyReceipts::default(),
            last_used,
            handled: 0,
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
        self.watchers.tell_entry(self.key.conversation, entry);
    }

    /// Takes over what was loaded anew, and tells the watchers what they did not see yet.
    pub(super) fn replace(&mut self, loaded: Loaded) {
        let seen = self.journal.state.last_seq;
        let receipts = std::mem::take(&mut self.journal.receipts);
        let missed: Vec<_> = loaded.entries.iter().filter(|entry| entry.seq > seen).cloned().map(Arc::new).collect();
        self.journal = journal_of(&self.desk, loaded);
        for (member, mark) in receipts.iter() {
            observe_mark(&mut self.journal.receipts, member, mark, self.journal.state.last_seq);
        }
        // Entries that went from the log to the database while nobody here looked are not among these; watchers see by `prev`
        // that something is missing and ask for the range.
        for entry in &missed {
            self.tell_entry(entry);
        }
        let frame =
            ServerFrame::Persisted { conversation: self.key.conversation, up_to_seq: self.journal.persisted_seq };
        self.watchers.tell(frame);
    }

    fn enqueue(&mut self, call: ExecuteCall, ctx: &mut Context<Self>) {
        if self.queue.len() >= self.desk.conversation.queue_capacity || self.journal.unpersisted() > MAX_UNPERSISTED {
            return self.refuse(call, ExecuteError::Overloaded { retry_after_ms: BUSY_RETRY_MS });
        }
        metrics::gauge!("desk_conversation_queue").increment(1);
        self.queue.push_back(call);
        self.work(ctx);
    }

    fn on_signal(&mut self, Signal::Typing { author, active }: Signal) {
        let frame = ServerFrame::Typing { conversation: self.key.conversation, author: author.clone(), active };
        self.watchers.tell_others(author.member, frame);
    }

    fn rest_if_idle(&mut self) {
        let idle = self.desk.clock.monotonic().saturating_sub(self.last_used) >= self.desk.conversation.idle_after;
        if idle && !self.busy && self.queue.is_empty() && self.watchers.is_empty() && self.dirty.is_empty() {
            self.home.passivate(Passivate { key: self.key, generation: self.home.generation(), handled: self.handled });
        }
    }
}

/// Builds the journal, receipts included.
fn journal_of(desk: &Desk, loaded: Loaded) -> Journal {
    let Loaded { state, tail, persisted_seq, entries, receipts } = loaded;
    let last_seq = state.last_seq;
    let mut journal = Journal::new(state, tail, persisted_seq, entries, desk.conversation.recent_entries);
    for (member, mark) in receipts {
        observe_mark(&mut journal.receipts, member, mark, last_seq);
    }
    journal
}

fn observe_mark(receipts: &mut Receipts, member: Member, mark: frontdesk_domain::Watermark, last_seq: u64) {
    receipts.observe(member, frontdesk_domain::ReceiptKind::Delivered, mark.delivered, last_seq);
    receipts.observe(member, frontdesk_domain::ReceiptKind::Read, mark.read, last_seq);
}

impl Actor for ConversationActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(self.desk.conversation.mailbox_capacity);
        metrics::gauge!("desk_conversations_live").increment(1);
        let check_every = (self.desk.conversation.idle_after / 4).max(Duration::from_millis(50));
        ctx.run_interval(check_every, |actor, _| actor.rest_if_idle());
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        metrics::gauge!("desk_conversations_live").decrement(1);
        metrics::gauge!("desk_conversation_queue").decrement(self.queue.len() as f64);
    }
}

impl Handler<Call> for ConversationActor {
    type Result = ();

    fn handle(&mut self, call: Call, ctx: &mut Self::Context) {
        self.handled += 1;
        if !matches!(call, Call::Live(_) | Call::Ack(_) | Call::CatchUp) {
            self.last_used = self.desk.clock.monotonic();
        }
        match call {
            Call::Execute(call) => self.enqueue(call, ctx),
            Call::Watch(call) => self.watch(call, ctx),
            Call::Leave { session } => self.watchers.remove(session),
            Call::Range(call) => self.range(call, ctx),
            Call::Receipt(call) => self.receipt(&call, ctx),
            Call::Live(record) => {
                if !self.fold(&record) {
                    self.catch_up(ctx);
                }
            }
            Call::Ack(record) => match record.kind {
                AckKind::Persisted if self.journal.persisted(record.ack.up_to_seq) => {
                    let up_to_seq = record.ack.up_to_seq;
                    self.watchers.tell(ServerFrame::Persisted { conversation: self.key.conversation, up_to_seq });
                }
                AckKind::Persisted => {}
                AckKind::Receipt(member, kind) => self.observe(member, kind, record.ack.up_to_seq),
            },
            Call::Signal(signal) => self.on_signal(signal),
            Call::CatchUp => self.catch_up(ctx),
            Call::Quit => ctx.stop(),
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

    /// Ends an operation; the next command gets its turn.
    pub(super) fn finish(&mut self, ctx: &mut Context<Self>) {
        self.busy = false;
        if std::mem::take(&mut self.behind) {
            self.catch_up(ctx);
        } else {
            self.work(ctx);
        }
    }

    /// Reads what the log has beyond what is known here, now or after the operation under way.
    pub(super) fn catch_up(&mut self, ctx: &mut Context<Self>) {
        if self.busy {
            self.behind = true;
            return;
        }
        let (desk, key, tail) = (Arc::clone(&self.desk), self.key, self.journal.tail);
        let look = async move {
            let last = desk.log.last(key).await?;
            if last.is_some_and(|last| last.log_seq == tail.log_seq) {
                let persisted = desk.log.persisted(key).await?;
                return Ok(CaughtUp::Nothing { persisted });
            }
            load(&desk, key).await.map(|loaded| CaughtUp::Anew(Box::new(loaded)))
        };
        self.run(ctx, look, |actor, result: Result<CaughtUp, LoadError>, ctx| {
            match result {
                Ok(CaughtUp::Nothing { persisted }) => {
                    if actor.journal.persisted(persisted) {
                        let conversation = actor.key.conversation;
                        actor.watchers.tell(ServerFrame::Persisted { conversation, up_to_seq: persisted });
                    }
                }
                Ok(CaughtUp::Anew(loaded)) => actor.replace(*loaded),
                Err(error) => {
                    tracing::warn!(conversation.id = %actor.key, error = %error, "could not catch up; trying again");
                    ctx.run_later(CATCH_UP_RETRY, |actor, ctx| actor.catch_up(ctx));
                }
            }
            actor.finish(ctx);
        });
    }
}

enum CaughtUp {
    Nothing { persisted: u64 },
    Anew(Box<Loaded>),
}

/// Most entries of one conversation that may wait for the database before commands are refused.
const MAX_UNPERSISTED: u64 = 4_096;

const CATCH_UP_RETRY: Duration = Duration::from_millis(500);
