//! Many agents look on while two talk much in one conversation.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::task::JoinHandle;

use super::{
    Troupe, drive,
    meeting::{self, CONSOLE},
    talk::{AGENT, CONTACT, Pair},
};
use crate::{
    client::{Ear, Voice},
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
    /// They only listen, as long as somebody holds them.
    _watchers: Vec<Arc<Voice>>,
}

impl HotConversations {
    /// Lets this generator's part of them meet.
    pub(super) async fn meet(stage: &Arc<Stage>, name: &str, options: &Hot) -> anyhow::Result<Self> {
        let (mut pairs, mut watchers) = (Vec::new(), Vec::new());
        for number in 0..stage.share.of(options.conversations) as usize {
            let voice = |who: &str| Voice::new(format!("{who} {name}{number}"), stage.names, &stage.recorder, false);
            let mut guest = meeting::open(stage, number, None).await?;
            let mut host = meeting::host(stage, &format!("{name}{number}"), number + 1).await?;
            let last_seq = meeting::claim(&mut host, &mut guest).await?;
            let conversation = stage.converse(guest.conversation, 2 + options.watchers, Hop::Delivered);
            let (contact, agent) = (voice("contact"), voice("agent"));
            contact.watch(&conversation, CONTACT, last_seq);
            agent.watch(&conversation, AGENT, last_seq);
            Ear::new(&contact, &stage.way, &meeting::widget(stage), number, &guest.token).listen(guest.socket);
            Ear::new(&agent, &stage.way, CONSOLE, number + 1, &host.token).listen(host.socket);
            for watcher in 0..options.watchers {
                let door = number + usize::from(watcher);
                let mut other = meeting::host(stage, &format!("{name}{number}w{watcher}"), door).await?;
                meeting::look(&mut other, guest.conversation).await?;
                let voice = voice(&format!("watcher {watcher} of"));
                voice.watch(&conversation, 2 + watcher, last_seq);
                Ear::new(&voice, &stage.way, CONSOLE, door, &other.token).listen(other.socket);
                watchers.push(voice);
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
                let (voice, author) = if from_contact { (contact, CONTACT) } else { (agent, AGENT) };
                voice.say(conversation, author, due, phase.index, bytes);
            })
        })
    }
}
