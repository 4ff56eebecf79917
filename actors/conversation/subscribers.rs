//! The sessions that watch a conversation, and telling them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix::Recipient;
use frontdesk_domain::{Audience, Conversation, ConversationId, Entry, Participant, Principal};
use frontdesk_protocol::socket::{EntryView, ServerFrame};
use uuid::Uuid;

use super::broadcast::{Broadcast, Push};

#[derive(Debug, Clone)]
pub(super) struct Subscriber {
    pub(super) principal: Principal,
    pub(super) push: Recipient<Push>,
    pub(super) lagging: Arc<AtomicBool>,
}

/// The sessions on this node that watch one conversation.
#[derive(Debug)]
pub(super) struct Subscribers {
    conversation: ConversationId,
    by_session: HashMap<Uuid, Subscriber>,
    /// Participants whose last session closed and whose departure is not announced yet.
    gone: Vec<Participant>,
}

impl Subscriber {
    /// Hands it a frame. If it cannot take it, it misses something and must not get anything later: it closes, and its
    /// client resumes from its cursor.
    pub(super) fn tell(&self, broadcast: &Arc<Broadcast>) -> bool {
        let taken = self.push.try_send(Push(Arc::clone(broadcast))).is_ok();
        if !taken {
            self.lagging.store(true, Ordering::Release);
        }
        taken
    }
}

impl Subscribers {
    pub(super) fn new(conversation: ConversationId) -> Self {
        Self { conversation, by_session: HashMap::new(), gone: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_session.is_empty()
    }

    /// Adds a session; whether it is its member's first.
    pub(super) fn insert(&mut self, session: Uuid, subscriber: Subscriber) -> bool {
        let member = subscriber.principal.participant();
        let first = !self.has(member);
        self.gone.retain(|gone| *gone != member);
        if self.by_session.insert(session, subscriber).is_none() {
            metrics::gauge!("desk_watchers").increment(1);
        }
        first
    }

    pub(super) fn remove(&mut self, session: Uuid) {
        let Some(subscriber) = self.by_session.remove(&session) else { return };
        metrics::gauge!("desk_watchers").decrement(1);
        let member = subscriber.principal.participant();
        if !self.has(member) {
            self.gone.push(member);
        }
    }

    /// Removes sessions that ended without saying so.
    pub(super) fn remove_ended(&mut self) {
        let dead = self.by_session.iter().filter(|(_, subscriber)| !subscriber.push.connected());
        let dead: Vec<_> = dead.map(|(session, _)| *session).collect();
        dead.into_iter().for_each(|session| self.remove(session));
    }

    /// The members whose last session went since this was asked last.
    pub(super) fn take_gone(&mut self) -> Vec<Participant> {
        std::mem::take(&mut self.gone)
    }

    pub(super) fn principal(&self, session: Uuid) -> Option<&Principal> {
        self.by_session.get(&session).map(|subscriber| &subscriber.principal)
    }

    /// Takes up what a session's principal may do from now on.
    pub(super) fn renew(&mut self, session: Uuid, principal: Principal) {
        if let Some(subscriber) = self.by_session.get_mut(&session) {
            subscriber.principal = principal;
        }
    }

    /// Tells sessions that `conversation` may not be seen by any more, and removes them.
    pub(super) fn hide_from_refused(&mut self, conversation: &Conversation) {
        let refused = |subscriber: &Subscriber| !conversation.admits(&subscriber.principal);
        if !self.by_session.values().any(refused) {
            return;
        }
        let hidden = Broadcast::about(self.conversation, ServerFrame::Hidden { conversation: self.conversation });
        let refused = self.by_session.iter().filter(|(_, subscriber)| refused(subscriber));
        let refused: Vec<_> = refused.map(|(session, subscriber)| (*session, subscriber.tell(&hidden))).collect();
        refused.into_iter().for_each(|(session, _)| self.remove(session));
    }

    /// Whether any session of `member` watches.
    pub(super) fn has(&self, member: Participant) -> bool {
        self.by_session.values().any(|subscriber| subscriber.principal.participant() == member)
    }

    /// Those who see what `audience` sees.
    pub(super) fn of(&self, audience: Audience) -> impl Iterator<Item = &Subscriber> {
        self.by_session.values().filter(move |subscriber| subscriber.principal.audience() == audience)
    }

    /// Tells of an entry, each subscriber as it may see it.
    pub(super) fn tell_entry(&mut self, entry: &Arc<Entry>) {
        for audience in [Audience::Staff, Audience::Contact] {
            if self.of(audience).next().is_none() {
                continue;
            }
            if let Some(view) = EntryView::of(entry, audience) {
                let frame = ServerFrame::of_entry(self.conversation, view);
                self.tell_if(frame, |principal| principal.audience() == audience);
            }
        }
    }

    /// Sends `frame` to every subscriber.
    pub(super) fn tell(&mut self, frame: ServerFrame) {
        self.tell_if(frame, |_| true);
    }

    /// Tells those who are `wanted`.
    pub(super) fn tell_if(&mut self, frame: ServerFrame, wanted: impl Fn(&Principal) -> bool) {
        let broadcast = Broadcast::about(self.conversation, frame);
        let wanted = self.by_session.iter().filter(|(_, subscriber)| wanted(&subscriber.principal));
        let lost = wanted.filter(|(_, subscriber)| !subscriber.tell(&broadcast));
        let lost: Vec<_> = lost.map(|(session, _)| *session).collect();
        for session in lost {
            metrics::counter!("desk_watchers_dropped_total").increment(1);
            self.remove(session);
        }
    }
}

impl Subscribers {
    /// Has all sessions close and resume: something may have been missed.
    pub(super) fn disconnect_all(&mut self) {
        self.by_session.values().for_each(|subscriber| subscriber.lagging.store(true, Ordering::Release));
        let sessions: Vec<_> = self.by_session.keys().copied().collect();
        sessions.into_iter().for_each(|session| self.remove(session));
    }
}

impl Drop for Subscribers {
    /// The actor ends. With subscribers it only does when it panicked: their sessions close, and their clients resume.
    fn drop(&mut self) {
        self.by_session.values().for_each(|subscriber| subscriber.lagging.store(true, Ordering::Release));
        metrics::gauge!("desk_watchers").decrement(self.by_session.len() as f64);
    }
}
