//! Watching and paging: answered from memory, and from the database for what is older.

use std::sync::{Arc, atomic::Ordering};

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use frontdesk_domain::{Audience, Entry};
use frontdesk_ports::{EntryRange, StoreError};
use frontdesk_protocol::socket::{EntryView, MAX_ENTRIES, ReceiptView, ServerFrame, StateView};

use super::{
    actor::ConversationActor,
    broadcast::{Broadcast, Push},
    call::{RangeCall, ReadError, WatchCall},
    watchers::Watcher,
};

/// A page of entries, ascending, and whether more lie in the direction asked for.
type Entries = (Vec<EntryView>, bool);

impl ConversationActor {
    pub(super) fn watch(&mut self, call: WatchCall, ctx: &mut Context<Self>) {
        if !self.journal.state.admits(call.author) {
            let _gone = call.refused.send(ReadError::NotFound);
            return;
        }
        let audience = call.author.audience();
        let same_history = call.epoch.as_ref().is_none_or(|epoch| *epoch == self.desk.epoch);
        let known = call.last_seq <= self.journal.state.last_seq_for(audience);
        // A newcomer begins at the end and pages backwards; everyone else gets what came since, from the oldest on.
        let continues = same_history && known && call.last_seq > 0;
        let range = if continues { EntryRange::After(call.last_seq) } else { EntryRange::Before(u64::MAX) };
        self.page(range, audience, MAX_ENTRIES, ctx, move |actor, page| match page {
            Ok(entries) => actor.begin_watch(call, continues, same_history && known, entries),
            Err(error) => {
                let _gone = call.refused.send(error);
            }
        });
    }

    pub(super) fn range(&mut self, call: RangeCall, ctx: &mut Context<Self>) {
        let RangeCall { author, range, limit, reply } = call;
        if !self.journal.state.admits(author) {
            let _gone = reply.send(Err(ReadError::NotFound));
            return;
        }
        self.page(range, author.audience(), limit.clamp(1, MAX_ENTRIES), ctx, move |_, page| {
            let _gone = reply.send(page);
        });
    }

    /// Adds the watcher and hands it the answer in one go, so that nothing comes between the two.
    fn begin_watch(&mut self, call: WatchCall, continues: bool, honest: bool, (entries, more): Entries) {
        let (conversation, epoch) = (self.key.conversation, self.desk.epoch.clone());
        let state = Box::new(self.state_view(call.author.audience()));
        // A newcomer whose whole history fits has missed exactly that.
        let frame = if continues || (honest && !more) {
            ServerFrame::Recovered { conversation, epoch, entries, more, state }
        } else {
            ServerFrame::Reset { conversation, epoch, entries, more, state }
        };
        if call.push.try_send(Push(Broadcast::new(frame))).is_err() {
            call.lagging.store(true, Ordering::Release);
            return;
        }
        let WatchCall { session, author, push, lagging, .. } = call;
        self.watchers.insert(session, Watcher { author, push, lagging });
    }

    fn state_view(&self, audience: Audience) -> StateView {
        let state = &self.journal.state;
        let receipts = self.journal.receipts.iter().map(|(member, watermark)| ReceiptView { member, watermark });
        StateView {
            last_seq: state.last_seq_for(audience),
            persisted_seq: self.journal.persisted_seq,
            status: state.status,
            assignment: state.assignment.clone(),
            receipts: receipts.collect(),
        }
    }

    /// Gets a page at once if memory holds it, else after a look into the database. Does not wait for commands, nor they for it.
    fn page(
        &mut self,
        range: EntryRange,
        audience: Audience,
        limit: usize,
        ctx: &mut Context<Self>,
        done: impl FnOnce(&mut Self, Result<Entries, ReadError>) + 'static,
    ) {
        let (held, incomplete) = self.journal.held(range, audience);
        let enough = matches!(range, EntryRange::Before(_)) && held.len() >= limit;
        if !incomplete || enough {
            let page = self.cut(range, audience, limit, held);
            return done(self, Ok(page));
        }
        let (desk, key) = (Arc::clone(&self.desk), self.key);
        let read = async move { desk.conversations.entries(key, range, audience, limit).await };
        let then = move |stored: Result<Vec<Entry>, StoreError>, actor: &mut Self, _: &mut Context<Self>| {
            let page = stored.map_err(|_| ReadError::Unavailable).map(|stored| {
                let mut all: Vec<Arc<Entry>> = stored.into_iter().map(Arc::new).collect();
                let held = actor.journal.held(range, audience).0;
                let newest = all.last().map_or(0, |entry| entry.seq);
                all.extend(held.into_iter().filter(|entry| entry.seq > newest));
                actor.cut(range, audience, limit, all)
            });
            done(actor, page);
        };
        ctx.spawn(read.into_actor(self).map(then));
    }

    /// Cuts `entries`, ascending and without a hole, to a page.
    fn cut(&self, range: EntryRange, audience: Audience, limit: usize, mut entries: Vec<Arc<Entry>>) -> Entries {
        let more = match range {
            EntryRange::After(_) => {
                entries.truncate(limit);
                entries.last().is_some_and(|last| last.seq < self.journal.state.last_seq_for(audience))
            }
            EntryRange::Before(_) => {
                entries.drain(..entries.len().saturating_sub(limit));
                entries.first().is_some_and(|first| first.prev_for(audience) > 0)
            }
        };
        (entries.iter().filter_map(|entry| EntryView::of(entry, audience)).collect(), more)
    }
}
