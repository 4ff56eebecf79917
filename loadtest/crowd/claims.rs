//! Several agents want the same conversation at the same moment: one wins, and the others are told who.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_protocol::socket::ClientFrame;
use futures_util::{StreamExt as _, TryStreamExt as _, future::join_all, stream};
use serde_json::Value;
use tokio::{
    runtime::Handle,
    task::JoinHandle,
    time::{sleep, timeout},
};
use uuid::Uuid;

use super::{
    Troupe, drive,
    set_up::{self, CONSOLE},
    talk::AT_ONCE,
};
use crate::{
    client::{Answer, Listener, Participant, Rest, id},
    clock::{Micros, now},
    generator::{Phase, Stage},
    ledger::Tally,
    recorder::{Event, Hop},
    scenario::Claims,
    schedule::Arrivals,
};

/// Unassigned conversations, and agents that claim them.
pub(super) struct Races {
    stage: Arc<Stage>,
    options: Claims,
    agents: Arc<Vec<Arc<Participant>>>,
    conversations: Arc<Vec<Uuid>>,
    next: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
    /// Conversations, and the entries by which they were won.
    won: Arc<Mutex<Vec<(Uuid, u64)>>>,
    runs: Arc<AtomicUsize>,
}

impl Races {
    /// Lets the agents come, and has conversations opened for all that will be claimed.
    pub(super) async fn prepare(stage: &Arc<Stage>, name: &str, options: &Claims) -> anyhow::Result<Self> {
        let mut agents = Vec::new();
        for number in 0..options.agents as usize {
            let agent_session = set_up::connect_agent(stage, &format!("{name}{number}"), number).await?;
            let participant = Participant::new(format!("agent {name}{number}"), stage.names, &stage.recorder, false);
            Listener::new(&participant, &stage.dialer, CONSOLE, number, &agent_session.token)
                .listen(agent_session.socket);
            agents.push(participant);
        }
        let all = (options.rate * stage.whole.as_secs_f64()).ceil() as u64;
        let openings = (0..stage.share.of(all) as usize).map(|number| async move {
            let contact_session = set_up::open_conversation(stage, number, None).await?;
            contact_session.socket.close().await;
            anyhow::Ok(contact_session.conversation)
        });
        let conversations: Vec<Uuid> = stream::iter(openings).buffered(AT_ONCE).try_collect().await?;
        Ok(Self {
            stage: Arc::clone(stage),
            options: options.clone(),
            agents: Arc::new(agents),
            conversations: Arc::new(conversations),
            next: Arc::default(),
            running: Arc::default(),
            won: Arc::default(),
            runs: Arc::default(),
        })
    }
}

#[async_trait]
impl Troupe for Races {
    fn perform(&self, phase: Phase) -> Option<JoinHandle<()>> {
        let part = (1, u64::from(self.stage.share.of));
        let (conversations, agents, next) =
            (Arc::clone(&self.conversations), Arc::clone(&self.agents), Arc::clone(&self.next));
        let (running, won, runs) = (Arc::clone(&self.running), Arc::clone(&self.won), Arc::clone(&self.runs));
        let (stage, runtime) = (Arc::clone(&self.stage), Handle::current());
        Some(drive(&self.stage, phase, self.options.rate, part, Arrivals::Even, move |_, due| {
            let Some(conversation) = conversations.get(next.fetch_add(1, Ordering::Relaxed)).copied() else { return };
            runs.fetch_add(1, Ordering::Relaxed);
            running.fetch_add(1, Ordering::Relaxed);
            let (agents, stage, running, won) =
                (Arc::clone(&agents), Arc::clone(&stage), Arc::clone(&running), Arc::clone(&won));
            runtime.spawn(async move {
                let answers = join_all(agents.iter().map(|agent| claim(&stage, agent, conversation, due, phase.index)));
                let winner = judge(&stage, conversation, &answers.await);
                won.lock().unwrap_or_else(PoisonError::into_inner).extend(winner.map(|seq| (conversation, seq)));
                running.fetch_sub(1, Ordering::Relaxed);
            });
        }))
    }

    fn is_settled(&self) -> bool {
        self.running.load(Ordering::Relaxed) == 0
    }

    /// The winner's entry has to be the only claim that is kept.
    async fn judge(&self) -> anyhow::Result<Tally> {
        let won = self.won.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let rest = self.stage.rest().await;
        let runs = self.runs.load(Ordering::Relaxed) as u64;
        let mut tally = Tally { sent: runs, ..Tally::default() };
        for (conversation, seq) in won {
            let deadline = now() + PATIENCE;
            let mut kept = winners(&rest, conversation, seq - 1).await?;
            while kept == 0 && now() < deadline {
                sleep(Duration::from_millis(100)).await;
                kept = winners(&rest, conversation, seq - 1).await?;
            }
            tally.accepted += 1;
            tally.delivered += 1;
            tally.lost += u64::from(kept == 0);
            tally.duplicated += kept.saturating_sub(1);
        }
        tally.unknown = runs - tally.accepted;
        Ok(tally)
    }
}

/// How many claims succeeded after an entry; those that were said again and lost are kept as well, as declined.
async fn winners(rest: &Rest, conversation: Uuid, after: u64) -> anyhow::Result<u64> {
    let page: Value = rest.get(&format!("conversations/{conversation}/messages?after_seq={after}&limit=100")).await?;
    let entries = page["entries"].as_array().into_iter().flatten();
    Ok(entries.filter(|entry| entry["event"]["kind"] == "assigned").count() as u64)
}

/// One agent claims, again and again, until it knows.
async fn claim(stage: &Stage, agent: &Participant, conversation: Uuid, due: Micros, phase: u16) -> Answer {
    let name = Uuid::now_v7();
    let mut repeat = false;
    loop {
        let frame = ClientFrame::Claim { client_id: id(name), conversation: id(conversation), repeat };
        match timeout(ANSWER, agent.ask(&frame)).await {
            Ok(Ok(Answer::Later(wait))) => sleep(wait).await,
            Ok(Ok(answer)) => {
                stage.recorder.took(conversation.as_u128() as usize, phase, Hop::Claimed, due);
                return answer;
            }
            // The socket ended: the agent comes back.
            Ok(Err(_)) => sleep(Duration::from_millis(100)).await,
            Err(_) => {}
        }
        stage.recorder.count(Event::Repeated);
        repeat = true;
    }
}

/// Exactly one has won, and all others were told by which entry; gives it.
fn judge(stage: &Stage, conversation: Uuid, answers: &[Answer]) -> Option<u64> {
    let winners: Vec<u64> = answers
        .iter()
        .filter_map(|answer| match answer {
            Answer::Accepted(seq) => Some(*seq),
            _ => None,
        })
        .collect();
    stage.recorder.add(Event::ClaimWon, winners.len() as u64);
    stage.recorder.add(Event::ClaimLost, (answers.len() - winners.len()) as u64);
    let winner = winners.first().copied();
    let told = answers.iter().all(|answer| match answer {
        Answer::Accepted(_) => true,
        Answer::Refused(code, by) => code == "already_claimed" && *by == winner,
        Answer::Later(_) => false,
    });
    if winners.len() != 1 || !told {
        stage.recorder.complain(format!("{conversation}: {} won, and the answers were {answers:?}", winners.len()));
    }
    winner
}

/// How long an answer may take before the same is asked again.
const ANSWER: Duration = Duration::from_secs(5);

/// How long the database may take, in microseconds.
const PATIENCE: Micros = 30_000_000;
