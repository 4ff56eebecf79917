//! Telling watchers who is there and who is typing. Best effort: nothing of it is logged.

use std::{sync::Arc, time::Duration};

use actix::{AsyncContext, Context};
use frontdesk_domain::{Audience, EntryAuthor, Event, Participant, TenantId};
use frontdesk_ports::{Presence, Signal};
use frontdesk_protocol::socket::{PresenceState, ServerFrame};
use uuid::Uuid;

use super::{actor::ConversationActor, broadcast::Broadcast, subscribers::Subscriber};

impl ConversationActor {
    /// Tells the subscribers of a presence or typing signal, from this node or another one.
    pub(super) fn on_signal(&mut self, signal: Signal) {
        let conversation = self.key.conversation;
        let (member, frame) = match signal {
            Signal::Typing { author, active } => (author.member, ServerFrame::Typing { conversation, author, active }),
            Signal::Presence { member, state } => (member, ServerFrame::Presence { member, state }),
        };
        let opening = self.view().state.opening.as_ref();
        let takes_part = match member {
            Participant::Contact(contact) => opening.is_some_and(|opening| opening.contact == contact),
            Participant::Agent(_) => true,
            // Programs are never announced as present.
            _ => false,
        };
        if takes_part {
            let of_interest = self.of_interest(member, &frame);
            self.subscribers
                .tell_if(frame, |principal| principal.participant() != member && of_interest(principal.audience()));
        }
    }

    /// Tells the subscribers on every node that `author` types, unless the settings of the inbox say that this is not
    /// shown.
    pub(super) fn pass_typing(&self, session: Uuid, author: EntryAuthor, active: bool) {
        // The session may say that it types before it was told whether it may see the conversation.
        if !self.rules().typing_indicator || self.subscribers.principal(session).is_none() {
            return;
        }
        let (ports, key) = (Arc::clone(&self.ports), self.key);
        actix_rt::spawn(async move { ports.log.signal(key, Signal::Typing { author, active }).await });
    }

    /// Contacts are told the presence of the agent who holds the conversation, and of no other agent.
    fn of_interest(&self, member: Participant, frame: &ServerFrame) -> impl Fn(Audience) -> bool + use<> {
        let concerns_contact =
            !matches!(frame, ServerFrame::Presence { .. }) || self.assignee().is_some_and(|holder| holder == member);
        move |audience| audience == Audience::Staff || concerns_contact
    }

    /// A session began to watch: it is told who else is there, and the others are told of it.
    pub(super) fn announce_join(&self, watcher: Subscriber, first: bool, state: PresenceState) {
        let member = watcher.principal.participant();
        if first {
            self.signal_presence(member, std::future::ready(state));
        }
        let contact = self.view().state.opening.as_ref().map(|opening| Participant::Contact(opening.contact));
        let others = [contact, self.assignee()].into_iter().flatten().filter(|other| *other != member);
        self.tell_presence(others.collect(), vec![watcher]);
    }

    /// Tells the contact whether the agent is there who holds the conversation from now on.
    pub(super) fn announce_assignee(&self, event: &Event) {
        if let Event::Assigned { agent, .. } = event {
            let contact = self.subscribers.of(Audience::Contact).cloned().collect();
            self.tell_presence(vec![Participant::Agent(*agent)], contact);
        }
    }

    /// Takes leave of members whose last session here has left: a moment later, for most come back at once.
    pub(super) fn announce_leave(&mut self, ctx: &mut Context<Self>) {
        for member in self.subscribers.take_gone() {
            if !self.leaving.insert(member) {
                continue;
            }
            ctx.run_later(LEAVE_GRACE, move |actor, _| {
                actor.leaving.remove(&member);
                if !actor.subscribers.has(member) {
                    // A participant who left this conversation may be present in others, or have it open elsewhere.
                    let (ports, tenant) = (Arc::clone(&actor.ports), actor.key.tenant);
                    actor.signal_presence(
                        member,
                        async move { presence_of(&*ports.presence, tenant, &[member]).await[0] },
                    );
                }
            });
        }
    }

    fn assignee(&self) -> Option<Participant> {
        self.view().state.assignee().map(Participant::Agent)
    }

    fn signal_presence(&self, member: Participant, state: impl Future<Output = PresenceState> + 'static) {
        let (ports, key) = (Arc::clone(&self.ports), self.key);
        actix_rt::spawn(async move {
            let state = state.await;
            ports.log.signal(key, Signal::Presence { member, state }).await;
        });
    }

    fn tell_presence(&self, members: Vec<Participant>, watchers: Vec<Subscriber>) {
        if members.is_empty() || watchers.is_empty() {
            return;
        }
        let (ports, key) = (Arc::clone(&self.ports), self.key);
        actix_rt::spawn(async move {
            let states = presence_of(&*ports.presence, key.tenant, &members).await;
            for (member, state) in members.into_iter().zip(states) {
                let broadcast = Broadcast::about(key.conversation, ServerFrame::Presence { member, state });
                for watcher in &watchers {
                    let _lagging = watcher.tell(&broadcast);
                }
            }
        });
    }
}

/// The state of each of `members`, in that order; unknown if the store of presence does not answer.
pub(crate) async fn presence_of(
    presence: &dyn Presence,
    tenant: TenantId,
    members: &[Participant],
) -> Vec<PresenceState> {
    let states = presence.get(tenant, members).await.unwrap_or_default();
    if states.len() == members.len() { states } else { vec![PresenceState::Unknown; members.len()] }
}

/// How long a member may be away before others are told.
const LEAVE_GRACE: Duration = Duration::from_millis(250);
