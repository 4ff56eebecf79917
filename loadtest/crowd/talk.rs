//! Contacts and agents talk in conversations of two.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::task::JoinHandle;

use super::{
    Troupe, drive,
    meeting::{self, CONSOLE},
};
use crate::{
    client::{Ear, Voice},
    generator::{Phase, Stage},
    ledger::Conversation,
    recorder::Hop,
    scenario::Talk,
};

/// Contacts and agents, each contact in a conversation that an agent has claimed.
pub(super) struct Pairs {
    stage: Arc<Stage>,
    options: Talk,
    pairs: Arc<Vec<Pair>>,
}

/// A contact, and the agent that holds its conversation.
pub(super) struct Pair {
    pub(super) conversation: Arc<Conversation>,
    pub(super) contact: Arc<Voice>,
    pub(super) agent: Arc<Voice>,
}

/// What a pair is like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) receipts: bool,
    pub(super) hop: Hop,
    /// Bytes that the kernel keeps for the contact.
    pub(super) kernel_buffer: Option<u32>,
}

/// Numbers of the two in their conversation.
pub(super) const CONTACT: u16 = 0;
pub(super) const AGENT: u16 = 1;

impl Pairs {
    /// Lets this generator's part of them meet, some at a time.
    pub(super) async fn meet(stage: &Arc<Stage>, name: &str, options: &Talk) -> anyhow::Result<Self> {
        let own = stage.share.of(options.pairs);
        let manner = Manner { receipts: options.receipts, hop: Hop::Delivered, kernel_buffer: None };
        let groups = (0..own).step_by(options.per_agent as usize).map(|first| {
            let size = options.per_agent.min(own - first);
            meet(stage, format!("{name}{first}"), first as usize, size, manner)
        });
        let groups: Vec<Vec<Pair>> = stream::iter(groups).buffered(AT_ONCE).try_collect().await?;
        let pairs = Arc::new(groups.into_iter().flatten().collect());
        Ok(Self { stage: Arc::clone(stage), options: options.clone(), pairs })
    }
}

#[async_trait]
impl Troupe for Pairs {
    fn perform(&self, phase: Phase) -> Option<JoinHandle<()>> {
        let (pairs, bytes) = (Arc::clone(&self.pairs), self.options.bytes);
        let Talk { rate, arrivals, pairs: all, .. } = self.options;
        let part = (self.pairs.len() as u64, all);
        (!pairs.is_empty()).then(|| {
            drive(&self.stage, phase, rate, part, arrivals, move |number, due| {
                // Each conversation in turn, contacts and agents alternating.
                let Pair { conversation, contact, agent } = &pairs[number % pairs.len()];
                let from_contact = (number / pairs.len()).is_multiple_of(2);
                let (voice, author) = if from_contact { (contact, CONTACT) } else { (agent, AGENT) };
                voice.say(conversation, author, due, phase.index, bytes);
            })
        })
    }
}

/// An agent comes, and as many contacts as it is to hold; it claims what each opens.
pub(super) async fn meet(
    stage: &Arc<Stage>,
    name: String,
    door: usize,
    contacts: u64,
    manner: Manner,
) -> anyhow::Result<Vec<Pair>> {
    // The other gateway, where there are two: so what is said crosses from one to the other.
    let mut host = meeting::host(stage, &name, door + 1).await?;
    let voice = |who: String| Voice::new(who, stage.names, &stage.recorder, manner.receipts);
    let agent = voice(format!("agent {name}"));
    let mut pairs = Vec::new();
    for number in 0..contacts {
        let mut guest = meeting::open(stage, door, manner.kernel_buffer).await?;
        let last_seq = meeting::claim(&mut host, &mut guest).await?;
        let conversation = stage.converse(guest.conversation, 2, manner.hop);
        let contact = voice(format!("contact {name}.{number}"));
        contact.watch(&conversation, CONTACT, last_seq);
        agent.watch(&conversation, AGENT, last_seq);
        let mut ear = Ear::new(&contact, &stage.way, &meeting::widget(stage), door, &guest.token);
        if let Some(bytes) = manner.kernel_buffer {
            ear = ear.with_kernel_buffer(bytes);
        }
        ear.listen(guest.socket);
        pairs.push(Pair { conversation, contact, agent: Arc::clone(&agent) });
    }
    Ear::new(&agent, &stage.way, CONSOLE, door + 1, &host.token).listen(host.socket);
    Ok(pairs)
}

/// How many agents meet their contacts at the same time.
pub(super) const AT_ONCE: usize = 16;
