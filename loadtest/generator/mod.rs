//! A process that generates load. It is this program again, started by itself; it does what it is told over standard
//! input.

mod link;
mod orders;
mod stage;

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, stdin, stdout},
    sync::mpsc,
    time::{sleep, timeout},
};

pub(crate) use link::Generators;
pub(crate) use orders::{Judgement, Order, Phase, Share, Task, Tick, Word, read, write};
pub(crate) use stage::Stage;

use crate::{
    clock::{micros, now, sleep_until},
    crowd::{self, Troupe},
    process::Usage,
    recorder::Event,
};

/// Does what standard input says, until it ends.
pub(crate) async fn obey() -> ExitCode {
    let (say, mut words) = mpsc::channel(64);
    let speaker = tokio::spawn(async move {
        let mut out = stdout();
        while let Some(word) = words.recv().await {
            let mut line = serde_json::to_string(&word).expect("our own types always encode");
            line.push('\n');
            if out.write_all(line.as_bytes()).await.is_err() || out.flush().await.is_err() {
                return;
            }
        }
    });
    let outcome = work(&say).await;
    if let Err(error) = &outcome {
        // This fails when the parent process is gone.
        let _parent_gone = say.send(Word::Failed(format!("{error:#}"))).await;
    }
    drop(say);
    let _ended = timeout(Duration::from_secs(1), speaker).await;
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn work(say: &mpsc::Sender<Word>) -> anyhow::Result<()> {
    let mut lines = BufReader::new(stdin()).lines();
    let first = lines.next_line().await?.context("there are no orders")?;
    let Order::Prepare(task) = serde_json::from_str(&first)? else { bail!("the first order has to be `prepare`") };
    let (base, crowds) = (task.base, task.scenario.crowd.clone());
    let stage = Arc::new(Stage::new(*task).await?);
    tokio::spawn(tick_on(Arc::clone(&stage), base, say.clone()));
    let mut troupes = Vec::new();
    for (name, crowd) in &crowds {
        let troupe = crowd::prepare(&stage, name, crowd).await;
        troupes.push(troupe.with_context(|| format!("crowd.{name}"))?);
    }
    say.send(Word::Done).await?;
    while let Some(line) = lines.next_line().await? {
        let word = match serde_json::from_str(&line)? {
            Order::Prepare(_) => bail!("everything is prepared"),
            Order::Level(level) => {
                for troupe in &troupes {
                    troupe.level(level).await?;
                }
                Word::Done
            }
            Order::Perform(phase) => {
                perform(&troupes, phase).await?;
                Word::Done
            }
            Order::Settle(patience) => {
                let settled = settle(&stage, &troupes, patience).await;
                // What was noted goes before.
                say.send(Word::Tick(tick(&stage))).await?;
                Word::Settled(settled)
            }
            Order::Judge => {
                let (mut tally, mut complaints) = stage.judge().await?;
                for troupe in &troupes {
                    tally.add(&troupe.judge().await?);
                }
                complaints.splice(..0, stage.recorder.complaints());
                Word::Judged(Judgement { tally, complaints, back_offs: stage.recorder.back_offs() })
            }
        };
        say.send(word).await?;
    }
    Ok(())
}

/// Everybody does their part at the same time.
async fn perform(troupes: &[Box<dyn Troupe>], phase: Phase) -> anyhow::Result<()> {
    let parts: Vec<_> = troupes.iter().filter_map(|troupe| troupe.perform(phase)).collect();
    sleep_until(phase.begin + micros(phase.length)).await;
    for part in parts {
        part.await.context("a part of the load broke off")?;
    }
    Ok(())
}

/// Waits until everything is accepted and has arrived; then until senders hear of no more that is in the database.
async fn settle(stage: &Stage, troupes: &[Box<dyn Troupe>], patience: Duration) -> bool {
    let deadline = now() + micros(patience);
    let (mut filed, mut filed_at) = (0, now());
    loop {
        let settled = stage.is_settled() && troupes.iter().all(|troupe| troupe.is_settled());
        let persisted = stage.recorder.counted(Event::Persisted);
        if persisted != filed {
            (filed, filed_at) = (persisted, now());
        }
        // Programs are not told, and visitors may have gone before.
        let all_filed = filed >= stage.recorder.counted(Event::Accepted) || now() > filed_at + micros(SILENCE);
        if (settled && all_filed) || now() >= deadline {
            return settled;
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Says each second what it brought.
async fn tick_on(stage: Arc<Stage>, base: u64, say: mpsc::Sender<Word>) {
    let mut second = (now() - base) / 1_000_000;
    loop {
        second += 1;
        sleep_until(base + second * 1_000_000).await;
        if say.send(Word::Tick(tick(&stage))).await.is_err() {
            return;
        }
    }
}

fn tick(stage: &Stage) -> Tick {
    let recorder = &stage.recorder;
    let (times, cpu_seconds) = (write(&recorder.take()), Usage::of(std::process::id()).cpu_seconds);
    Tick { times, counts: recorder.counts(), cpu_seconds }
}

/// How long after the last news of the database there are no more.
const SILENCE: Duration = Duration::from_secs(2);

const LOOK_EVERY: Duration = Duration::from_millis(50);
