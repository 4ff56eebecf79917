//! A program writes to many conversations over REST, as a bridge would.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::{runtime::Handle, task::JoinHandle, time::sleep};

use super::{
    Troupe, drive, set_up,
    talk::{AGENT, AT_ONCE, CONTACT},
};
use crate::{
    client::{Listener, Participant, Posted, Rest},
    clock::now,
    generator::{Phase, Stage},
    ledger::Conversation,
    recorder::{Event, Hop},
    scenario::Flood,
    schedule::Arrivals,
};

/// Conversations whose agent is a program.
pub(super) struct Program {
    stage: Arc<Stage>,
    options: Flood,
    lines: Arc<Vec<Line>>,
}

/// A conversation, and who writes to it.
struct Line {
    conversation: Arc<Conversation>,
    rest: Rest,
    /// Kept so that its listener goes on reading: the listener ends when the participant is dropped.
    _contact: Arc<Participant>,
}

impl Program {
    /// Lets contacts come, and claims what they open.
    pub(super) async fn prepare(stage: &Arc<Stage>, name: &str, options: &Flood) -> anyhow::Result<Self> {
        let (rest, _) = stage.rest().await.new_agent(name, &stage.run).await?;
        let own = stage.share.of(options.conversations) as usize;
        let lines = (0..own).map(|number| line(stage, name, number, rest.clone()));
        let lines = stream::iter(lines).buffered(AT_ONCE).try_collect().await?;
        Ok(Self { stage: Arc::clone(stage), options: options.clone(), lines: Arc::new(lines) })
    }
}

#[async_trait]
impl Troupe for Program {
    fn perform(&self, phase: Phase) -> Option<JoinHandle<()>> {
        let Flood { conversations, rate, bytes } = self.options;
        let (lines, part) = (Arc::clone(&self.lines), (self.lines.len() as u64, conversations));
        let (stage, runtime) = (Arc::clone(&self.stage), Handle::current());
        (!lines.is_empty()).then(|| {
            drive(&self.stage, phase, rate, part, Arrivals::Even, move |number, due| {
                let Line { conversation, rest, .. } = &lines[number % lines.len()];
                let index = conversation.plan(AGENT, due, phase.index);
                stage.recorder.count(Event::Offered);
                // Requests of one conversation may overtake one another on their way: a program has many connections.
                conversation.disturb();
                let post = post(Arc::clone(&stage), Arc::clone(conversation), rest.clone(), index, bytes);
                runtime.spawn(post);
            })
        })
    }
}

async fn line(stage: &Arc<Stage>, name: &str, number: usize, rest: Rest) -> anyhow::Result<Line> {
    let contact_session = set_up::open_conversation(stage, number, None).await?;
    let conversation = stage.converse(contact_session.conversation, 2, Hop::Delivered);
    let contact = Participant::new(format!("contact {name}{number}"), stage.names, &stage.recorder, false);
    contact.watch(&conversation, CONTACT, contact_session.last_seq);
    Listener::new(&contact, &stage.dialer, &set_up::widget(stage), number, &contact_session.token)
        .listen(contact_session.socket);
    rest.claim(contact_session.conversation).await?;
    Ok(Line { conversation, rest, _contact: contact })
}

/// Posts one message until its outcome is known.
async fn post(stage: Arc<Stage>, conversation: Arc<Conversation>, rest: Rest, index: usize, bytes: usize) {
    let Some(message) = conversation.message(index) else { return };
    let name = stage.names.name(conversation.number, index, message.due);
    let words = "x".repeat(bytes);
    let recorder = &stage.recorder;
    recorder.count(Event::Sent);
    recorder.took(conversation.number, message.phase, Hop::Lateness, message.due);
    let mut repeat = false;
    loop {
        match rest.say(conversation.id, name, &words, repeat).await {
            Posted::Accepted(seq) => {
                conversation.accepted(index, seq, now(), recorder);
                return;
            }
            Posted::Refused(why) => {
                conversation.refused(index);
                recorder.count(Event::Refused);
                return recorder.complain(format!("message {index} is refused for good: {why}"));
            }
            Posted::Later(wait, why) => {
                recorder.backed_off(&why);
                sleep(wait.mul_f64(1.0 + fastrand::f64() / 2.0)).await;
                recorder.count(Event::Repeated);
                repeat = true;
            }
        }
    }
}
