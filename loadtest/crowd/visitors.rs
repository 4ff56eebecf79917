//! Contacts come by chance, talk with pauses to think, and go.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use fastrand::Rng;
use frontdesk_protocol::socket::ClientFrame;
use tokio::{
    runtime::Handle,
    task::JoinHandle,
    time::{sleep, timeout},
};
use uuid::Uuid;

use super::{
    Troupe,
    set_up::{self, CONSOLE},
    talk::{AGENT, CONTACT},
};
use crate::{
    client::{Answer, Listener, Participant, id},
    clock::{Micros, micros, now, sleep_until},
    generator::{Phase, Stage},
    ledger::Conversation,
    recorder::{Event, Hop},
    rehearsal::Turn,
    scenario::Visitors,
    schedule::{Arrivals, Schedule},
};

/// Agents, and the contacts that come to them.
pub(super) struct Day {
    stage: Arc<Stage>,
    options: Visitors,
    agents: Arc<Vec<Arc<Participant>>>,
    talking: Arc<AtomicUsize>,
}

impl Day {
    /// Lets the agents come.
    pub(super) async fn prepare(stage: &Arc<Stage>, name: &str, options: &Visitors) -> anyhow::Result<Self> {
        let mut agents = Vec::new();
        // Each generator has agents of its own.
        for number in 0..stage.share.of(options.agents).max(1) as usize {
            let agent_session = set_up::connect_agent(stage, &format!("{name}{number}"), number).await?;
            let participant = Participant::new(format!("agent {name}{number}"), stage.names, &stage.recorder, true);
            Listener::new(&participant, &stage.dialer, CONSOLE, number, &agent_session.token)
                .listen(agent_session.socket);
            agents.push(participant);
        }
        let (agents, talking) = (Arc::new(agents), Arc::default());
        Ok(Self { stage: Arc::clone(stage), options: options.clone(), agents, talking })
    }
}

#[async_trait]
impl Troupe for Day {
    fn perform(&self, phase: Phase) -> Option<JoinHandle<()>> {
        let rate = self.options.rate * phase.factor / f64::from(self.stage.share.of);
        let seed = self.stage.seed.wrapping_add(u64::from(phase.index));
        let schedule = Schedule::new(phase.begin, phase.length, rate, Arrivals::Poisson, seed);
        let schedule = if phase.main { schedule.with_curve(&self.options.curve) } else { schedule };
        let (stage, options, agents) = (Arc::clone(&self.stage), self.options.clone(), Arc::clone(&self.agents));
        let (talking, runtime) = (Arc::clone(&self.talking), Handle::current());
        Some(tokio::task::spawn_blocking(move || {
            let mut number = usize::from(phase.index) << 24;
            schedule.run(|due| {
                let visit = Visit {
                    stage: Arc::clone(&stage),
                    options: options.clone(),
                    agent: Arc::clone(&agents[number % agents.len()]),
                    number,
                    phase: phase.index,
                    rng: Rng::with_seed(seed ^ number as u64),
                };
                let talking = Arc::clone(&talking);
                talking.fetch_add(1, Ordering::Relaxed);
                runtime.spawn(async move {
                    let (recorder, number) = (Arc::clone(&visit.stage.recorder), visit.number);
                    match visit.pay(due).await {
                        Ok(()) => recorder.count(Event::Visit),
                        Err(error) => recorder.complain(format!("visitor {number}: {error:#}")),
                    }
                    talking.fetch_sub(1, Ordering::Relaxed);
                });
                number += 1;
            });
        }))
    }

    fn is_settled(&self) -> bool {
        self.talking.load(Ordering::Relaxed) == 0
    }
}

/// One contact's visit.
struct Visit {
    stage: Arc<Stage>,
    options: Visitors,
    agent: Arc<Participant>,
    number: usize,
    phase: u16,
    rng: Rng,
}

impl Visit {
    /// The whole visit. A slow server does not make the visitor write less: times count from when a message was due.
    async fn pay(mut self, due: Micros) -> anyhow::Result<()> {
        let stage = Arc::clone(&self.stage);
        let contact_session = set_up::open_conversation(&stage, self.number, None).await?;
        stage.recorder.took(self.number, self.phase, Hop::Connected, due);
        let conversation = stage.converse(contact_session.conversation, 2, Hop::Delivered);
        let contact = Participant::new(format!("visitor {}", self.number), stage.names, &stage.recorder, true);
        contact.watch(&conversation, CONTACT, contact_session.last_seq);
        let listener =
            Listener::new(&contact, &stage.dialer, &set_up::widget(&stage), self.number, &contact_session.token);
        let heard = listener.listen(contact_session.socket);
        self.agent.watch(&conversation, AGENT, 0);
        self.agent.send(&ClientFrame::Resume { conversation: id(conversation.id), epoch: None, last_seq: 0 });
        self.ask(|name, repeat| ClientFrame::Claim { client_id: id(name), conversation: id(conversation.id), repeat })
            .await?;
        for turn in self.script() {
            let agent = Arc::clone(&self.agent);
            let (participant, author) = if turn.by_agent { (&agent, AGENT) } else { (&contact, CONTACT) };
            self.turn(participant, author, turn, &conversation).await?;
        }
        self.ask(|name, repeat| ClientFrame::Resolve {
            client_id: id(name),
            conversation: id(conversation.id),
            repeat,
        })
        .await?;
        contact.leave();
        self.agent.send(&ClientFrame::Leave { conversation: id(conversation.id) });
        self.agent.forget(conversation.id);
        timeout(PATIENCE, heard).await.context("the socket does not close")?.context("the visitor broke off")
    }

    /// Who says how much after thinking how long.
    fn script(&mut self) -> Vec<Turn> {
        let Visitors { messages, think, bytes, shape, speed, .. } = &self.options;
        if let Some(shape) = shape {
            let turns = shape.script(&mut self.rng).into_iter();
            return turns.map(|turn| Turn { think: turn.think / speed, ..turn }).collect();
        }
        let mut turns = Vec::new();
        let mean = *bytes as f64;
        let mut turn = |by_agent, rng: &mut Rng| {
            let [think, bytes] = [think.as_secs_f64() / speed, mean].map(|mean| mean * -(1.0 - rng.f64()).ln());
            turns.push(Turn { by_agent, think, bytes: bytes.min(8.0 * mean) as usize });
        };
        // As many as a coin says that is thrown after each.
        loop {
            turn(false, &mut self.rng);
            turn(true, &mut self.rng);
            if self.rng.f64() < 1.0 / messages {
                return turns;
            }
        }
    }

    /// One of the two thinks, says something, and the other gets it.
    async fn turn(
        &mut self,
        participant: &Arc<Participant>,
        author: u16,
        turn: Turn,
        conversation: &Arc<Conversation>,
    ) -> anyhow::Result<()> {
        let due = now() + micros(Duration::from_secs_f64(turn.think));
        sleep_until(due).await;
        let index = participant.say(conversation, author, due, self.phase, turn.bytes.clamp(FEWEST_BYTES, MOST_BYTES));
        let arrived = async {
            loop {
                let arrival = conversation.arrival.notified();
                if conversation.message(index).is_some_and(|message| message.arrivals > 0 && message.accepted > 0) {
                    return;
                }
                // Acceptance is not told here: it comes about when the arrival does.
                let _look_again = timeout(LOOK_EVERY, arrival).await;
            }
        };
        timeout(PATIENCE, arrived)
            .await
            .with_context(|| format!("{}: message {index} does not arrive", conversation.id))
    }

    /// The agent asks for something until it is done.
    async fn ask(&self, frame: impl Fn(Uuid, bool) -> ClientFrame) -> anyhow::Result<()> {
        let (name, mut repeat) = (Uuid::now_v7(), false);
        let deadline = now() + micros(PATIENCE);
        while now() < deadline {
            let answer = timeout(ANSWER, self.agent.ask(&frame(name, repeat))).await;
            repeat = true;
            match answer {
                Ok(Ok(Answer::Accepted(_))) => return Ok(()),
                Ok(Ok(Answer::Refused(code, _))) => bail!("an agent's request is refused: {code}"),
                Ok(Ok(Answer::Later(wait))) => sleep(wait).await,
                Ok(Err(_)) => sleep(LOOK_EVERY).await,
                Err(_) => {}
            }
        }
        bail!("an agent's request is not answered")
    }
}

/// How long anything may take before the visit counts as failed.
const PATIENCE: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A message has room for its name, and fits into a frame.
const FEWEST_BYTES: usize = 16;
const MOST_BYTES: usize = 16_384;
