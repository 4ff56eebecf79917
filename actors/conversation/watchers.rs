//! Who watches a conversation, and telling them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix::Recipient;
use frontdesk_domain::{Audience, Author, Entry, Member};
use frontdesk_protocol::socket::{EntryView, ServerFrame};
use uuid::Uuid;

use super::broadcast::{Broadcast, Push};
use frontdesk_domain::ConversationId;

pub(super) struct Watcher {
    pub(super) author: Author,
    pub(super) push: Recipient<Push>,
    pub(super) lagging: Arc<AtomicBool>,
}

/// The sessions on this node that watch one conversation.
#[derive(Default)]
pub(super) struct Watchers {
    by_session: HashMap<Uuid, Watcher>,
}

impl Watchers {
    pub(super) fn is_empty(&self) -> bool {
        self.by_session.is_empty()
    }

    pub(super) fn insert(&mut self, session: Uuid, watcher: Watcher) {
        if self.by_session.insert(session, watcher).is_none() {
            metrics::gauge!("desk_watchers").increment(1);
        }
    }

    pub(super) fn remove(&mut self, session: Uuid) {
        if self.by_session.remove(&session).is_some() {
            metrics::gauge!("desk_watchers").decrement(1);
        }
    }

    pub(super) fn author(&self, session: Uuid) -> Option<Author> {
        self.by_session.get(&session).map(|watcher| watcher.author)
    }

    /// Tells of an entry, each watcher as it may see it.
    pub(super) fn tell_entry(&mut self, conversation: ConversationId, entry: &Arc<Entry>) {
        for audience in [Audience::Staff, Audience::Contact] {
            if !self.by_session.values().any(|watcher| watcher.author.audience() == audience) {
                continue;
            }
            if let Some(view) = EntryView::of(entry, audience) {
                self.tell_if(ServerFrame::of_entry(conversation, view), |author| author.audience() == audience);
            }
        }
    }

    /// Tells everyone.
    pub(super) fn tell(&mut self, frame: ServerFrame) {
        self.tell_if(frame, |_| true);
    }

    /// Tells everyone but one member.
    pub(super) fn tell_others(&mut self, member: Member, frame: ServerFrame) {
        self.tell_if(frame, |author| author.member() != member);
    }

    fn tell_if(&mut self, frame: ServerFrame, wanted: impl Fn(Author) -> bool) {
        let broadcast = Broadcast::new(frame);
        let mut gone = vec![];
        for (session, watcher) in &self.by_session {
            if wanted(watcher.author) && watcher.push.try_send(Push(Arc::clone(&broadcast))).is_err() {
                // It misses this frame, so it must not get a later one: it closes, and its client resumes from its cursor.
                watcher.lagging.store(true, Ordering::Release);
                gone.push(*session);
            }
        }
        for session in gone {
            metrics::counter!("desk_watchers_dropped_total").increment(1);
            self.remove(session);
        }
    }
}

impl Drop for Watchers {
    fn drop(&mut self) {
        metrics::gauge!("desk_watchers").decrement(self.by_session.len() as f64);
    }
}
