//! Watching and paging: answered from memory, and from the database for what is older.

use std::{sync::Arc, time::Duration};

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use frontdesk_domain::{Audience, Principal, Status};
use frontdesk_ports::EntryRange;
use frontdesk_protocol::socket::{MAX_ENTRIES, ReceiptView, ServerFrame, StateView};

use uuid::Uuid;

use super::{
    actor::ConversationActor,
    broadcast::Broadcast,
    call::{RangeCall, ReadError, WatchCall},
    page::{Page, PageOf},
    subscribers::Subscriber,
};

impl ConversationActor {
    pub(super) fn watch(&mut self, call: WatchCall, ctx: &mut Context<Self>) {
        let admitted = self.view().state.admits(&call.principal);
        if admitted && self.same_history(&call) && call.last_seq > self.last_seq_for(call.principal.audience()) {
            // It holds more than is known here: another node may have told it. The log knows.
            if self.waiting_for_catch_up.len() >= self.ports.settings.queue_capacity {
                let _gone = call.refused.send(ReadError::Unavailable);
                return;
            }
            self.waiting_for_catch_up.push(call);
            return self.machine.catch_up();
        }
        self.answer_watch(call, ctx);
    }

    /// Answers a session that begins to watch with what is known here.
    pub(super) fn answer_watch(&mut self, call: WatchCall, ctx: &mut Context<Self>) {
        if !self.view().state.admits(&call.principal) {
            let _gone = call.refused.send(ReadError::NotFound);
            return;
        }
        let audience = call.principal.audience();
        let honest = self.same_history(&call) && call.last_seq <= self.last_seq_for(audience);
        // A newcomer begins at the end and pages backwards; everyone else gets what came since, from the oldest on.
        let continues = honest && call.last_seq > 0;
        let after = call.last_seq;
        #[cfg(feature = "planted-faults")]
        let after = super::machine::resume_after(after);
        // The state goes with the entries: where it is larger than what is left for it, there are fewer of them.
        let receipts = self.view().receipts.iter().count() * RECEIPT_BYTES;
        let max_bytes = call.page_bytes.saturating_sub(receipts.saturating_sub(RECEIPTS_BYTES));
        let range = if continues { EntryRange::After(after) } else { EntryRange::Before(u64::MAX) };
        self.page(PageOf { range, audience, limit: MAX_ENTRIES, max_bytes }, ctx, move |actor, page| match page {
            Ok(page) => actor.begin_watch(call, continues, honest, page),
            Err(error) => {
                let _gone = call.refused.send(error);
            }
        });
    }

    /// Takes up what the principal of a session may do now, also for a question of it that is not answered yet.
    pub(super) fn renew(&mut self, session: Uuid, principal: &Principal) {
        let waiting = self.waiting_for_catch_up.iter_mut().chain(&mut self.in_catch_up);
        waiting.filter(|call| call.session == session).for_each(|call| call.principal = principal.clone());
        self.subscribers.renew(session, principal.clone());
        self.hide_from_refused();
    }

    /// Ends the watching of sessions that may not see this conversation any more.
    pub(super) fn hide_from_refused(&mut self) {
        let Self { machine, subscribers, .. } = self;
        subscribers.hide_from_refused(&machine.view().state);
    }

    pub(super) fn range(&mut self, call: RangeCall, ctx: &mut Context<Self>) {
        let RangeCall { principal, range, limit, page_bytes, reply } = call;
        if !self.view().state.admits(&principal) {
            let _gone = reply.send(Err(ReadError::NotFound));
            return;
        }
        let page =
            PageOf { range, audience: principal.audience(), limit: limit.clamp(1, MAX_ENTRIES), max_bytes: page_bytes };
        self.page(page, ctx, move |actor, page| {
            let admitted = actor.view().state.admits(&principal);
            let _gone = reply.send(if admitted { page } else { Err(ReadError::NotFound) });
        });
    }

    fn same_history(&self, call: &WatchCall) -> bool {
        call.epoch.as_ref().is_none_or(|epoch| *epoch == self.ports.epoch)
    }

    /// Adds the watcher and hands it the answer in one go, so that nothing comes between the two.
    fn begin_watch(&mut self, call: WatchCall, continues: bool, honest: bool, (entries, more): Page) {
        // It may have left the reader's sight while the database was read.
        if !self.view().state.admits(&call.principal) {
            let _gone = call.refused.send(ReadError::NotFound);
            return;
        }
        let (conversation, epoch) = (self.key.conversation, self.ports.epoch.clone());
        let state = Box::new(self.state_view(call.principal.audience()));
        // A newcomer whose whole history fits has missed exactly that.
        let frame = if continues || (honest && !more) {
            ServerFrame::Recovered { conversation, epoch, entries, more, state }
        } else {
            ServerFrame::Reset { conversation, epoch, entries, more, state }
        };
        let WatchCall { session, principal, push, lagging, presence, .. } = call;
        let watcher = Subscriber { principal, push, lagging };
        if watcher.tell(&Broadcast::about(conversation, frame)) {
            let first = self.subscribers.insert(session, watcher.clone());
            self.announce_join(watcher, first, presence);
        }
    }

    fn state_view(&self, audience: Audience) -> StateView {
        let state = &self.view().state;
        let receipts = self.view().receipts.iter().map(|(member, watermark)| ReceiptView { member, watermark });
        StateView {
            last_seq: state.last_seq_for(audience),
            persisted_seq: self.view().persisted_seq,
            status: match (audience, state.status) {
                // That the desk set it aside is the desk's own business.
                (Audience::Contact, Status::Pending | Status::Snoozed) => Status::Open,
                (_, status) => status,
            },
            assignment: state.assignment.clone(),
            receipts: receipts.collect(),
        }
    }

    /// Gets a page at once if memory holds it, else after a look into the database. Does not wait for commands, nor
    /// they for it.
    fn page(
        &mut self,
        page: PageOf,
        ctx: &mut Context<Self>,
        done: impl FnOnce(&mut Self, Result<Page, ReadError>) + 'static,
    ) {
        let held: Vec<_> = self.view().held().cloned().collect();
        let PageOf { range, audience, limit, .. } = page;
        if self.view().holds(range, audience, limit) {
            let cut = page.cut(held, self.last_seq_for(audience));
            return done(self, cut.map_err(|_| ReadError::Unavailable));
        }
        let (ports, key) = (Arc::clone(&self.ports), self.key);
        let read = async move {
            let entries = ports.conversations.entries(key, range, audience, limit);
            tokio::time::timeout(LONGEST_PAGE, entries).await
        };
        ctx.spawn(read.into_actor(self).map(move |stored, actor, _| {
            let cut = match stored {
                // What was held before the database was read may have gone to it since, and not be held any more.
                Ok(Ok(stored)) => {
                    let all = held.into_iter().chain(actor.view().held().cloned());
                    // What the database has beyond what is known here comes in live; told now, it would come twice.
                    let known = actor.view().state.last_seq;
                    let stored = stored.into_iter().filter(|entry| entry.seq <= known);
                    let all = all.chain(stored.map(Arc::new));
                    page.cut(all, actor.last_seq_for(audience)).map_err(|_| ReadError::Unavailable)
                }
                Ok(Err(_)) | Err(_) => Err(ReadError::Unavailable),
            };
            done(actor, cut);
        }));
    }
}

/// How long a page may take. Databases answer or fail well within it.
const LONGEST_PAGE: Duration = Duration::from_secs(5);

/// Bytes of one member's receipts as JSON, at most.
const RECEIPT_BYTES: usize = 160;

/// Bytes for receipts in a frame besides its page.
const RECEIPTS_BYTES: usize = 12 * 1024;
