//! Contacts and agents talk in conversations of two.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::task::JoinHandle;

use super::{
    Troupe, drive,
    set_up::{self, CONSOLE},
};
use crate::{
    client::{Listener, Participant},
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
    pub(super) contact: Arc<Participant>,
    pub(super) agent: Arc<Participant>,
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
                let (participant, author) = if from_contact { (contact, CONTACT) } else { (agent, AGENT) };
                participant.say(conversation, author, due, phase.index, bytes);
            })
        })
    }
}

/// An agent comes, and as many contacts as it is to hold; it claims what each opens.
pub(super) async fn meet(
    stage: &Arc<Stage>,
    name: String,
    gateway: usize,
    contacts: u64,
    manner: Manner,
) -> anyhow::Result<Vec<Pair>> {
    // The other gateway, where there are two: so what is said crosses from one to the other.
    let mut agent_session = set_up::connect_agent(stage, &name, gateway + 1).await?;
    let participant = |who: String| Participant::new(who, stage.names, &stage.recorder, manner.receipts);
    let agent = participant(format!("agent {name}"));
    let mut pairs = Vec::new();
    for number in 0..contacts {
        let mut contact_session = set_up::open_conversation(stage, gateway, manner.kernel_buffer).await?;
        let last_seq = set_up::claim(&mut agent_session, &mut contact_session).await?;
        let conversation = stage.converse(contact_session.conversation, 2, manner.hop);
        let contact = participant(format!("contact {name}.{number}"));
        contact.watch(&conversation, CONTACT, last_seq);
        agent.watch(&conversation, AGENT, last_seq);
        let mut listener =
            Listener::new(&contact, &stage.dialer, &set_up::widget(stage), gateway, &contact_session.token);
        if let Some(bytes) = manner.kernel_buffer {
            listener = listener.with_kernel_buffer(bytes);
        }
        listener.listen(contact_session.socket);
        pairs.push(Pair { conversation, contact, agent: Arc::clone(&agent) });
    }
    Listener::new(&agent, &stage.dialer, CONSOLE, gateway + 1, &agent_session.token).listen(agent_session.socket);
    Ok(pairs)
}

/// How many agents meet their contacts at the same time.
pub(super) const AT_ONCE: usize = 16;
