//! Many agents look on while two talk much in one conversation.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::task::JoinHandle;

use super::{
    Troupe, drive,
    set_up::{self, CONSOLE},
    talk::{AGENT, CONTACT, Pair},
};
use crate::{
    client::{Listener, Participant},
    generator::{Phase, Stage},
    recorder::Hop,
    scenario::Hot,
    schedule::Arrivals,
};

/// Conversations of two, with many who look on.
pub(super) struct HotConversations {
    stage: Arc<Stage>,
    options: Hot,
    pairs: Arc<Vec<Pair>>,
    /// Kept so that their listeners go on reading: a listener ends when its participant is dropped.
    _watchers: Vec<Arc<Participant>>,
}

impl HotConversations {
    /// Lets this generator's part of them meet.
    pub(super) async fn meet(stage: &Arc<Stage>, name: &str, options: &Hot) -> anyhow::Result<Self> {
        let (mut pairs, mut watchers) = (Vec::new(), Vec::new());
        for number in 0..stage.share.of(options.conversations) as usize {
            let participant =
                |who: &str| Participant::new(format!("{who} {name}{number}"), stage.names, &stage.recorder, false);
            let mut contact_session = set_up::open_conversation(stage, number, None).await?;
            let mut agent_session = set_up::connect_agent(stage, &format!("{name}{number}"), number + 1).await?;
            let last_seq = set_up::claim(&mut agent_session, &mut contact_session).await?;
            let conversation = stage.converse(contact_session.conversation, 2 + options.watchers, Hop::Delivered);
            let (contact, agent) = (participant("contact"), participant("agent"));
            contact.watch(&conversation, CONTACT, last_seq);
            agent.watch(&conversation, AGENT, last_seq);
            Listener::new(&contact, &stage.dialer, &set_up::widget(stage), number, &contact_session.token)
                .listen(contact_session.socket);
            Listener::new(&agent, &stage.dialer, CONSOLE, number + 1, &agent_session.token)
                .listen(agent_session.socket);
            for watcher in 0..options.watchers {
                let gateway = number + usize::from(watcher);
                let mut other = set_up::connect_agent(stage, &format!("{name}{number}w{watcher}"), gateway).await?;
                set_up::look(&mut other, contact_session.conversation).await?;
                let participant = participant(&format!("watcher {watcher} of"));
                participant.watch(&conversation, 2 + watcher, last_seq);
                Listener::new(&participant, &stage.dialer, CONSOLE, gateway, &other.token).listen(other.socket);
                watchers.push(participant);
            }
            pairs.push(Pair { conversation, contact, agent });
        }
        Ok(Self { stage: Arc::clone(stage), options: options.clone(), pairs: Arc::new(pairs), _watchers: watchers })
    }
}

#[async_trait]
impl Troupe for HotConversations {
    fn perform(&self, phase: Phase) -> Option<JoinHandle<()>> {
        let Hot { conversations, rate, bytes, .. } = self.options;
        let (pairs, part) = (Arc::clone(&self.pairs), (self.pairs.len() as u64, conversations));
        (!pairs.is_empty()).then(|| {
            drive(&self.stage, phase, rate, part, Arrivals::Even, move |number, due| {
                let Pair { conversation, contact, agent } = &pairs[number % pairs.len()];
                let from_contact = (number / pairs.len()).is_multiple_of(2);
                let (participant, author) = if from_contact { (contact, CONTACT) } else { (agent, AGENT) };
                participant.say(conversation, author, due, phase.index, bytes);
            })
        })
    }
}
