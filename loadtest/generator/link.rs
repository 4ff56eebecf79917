//! All generators of a run, as the process that started them sees them.

use std::{collections::VecDeque, process::Stdio, time::Duration};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    sync::mpsc,
    time::timeout,
};

use super::orders::{Judgement, Order, Task, Tick, Word};

/// Processes that generate load together.
#[derive(Debug)]
pub(crate) struct Generators {
    all: Vec<Generator>,
    /// Answers of those that are ahead of the others.
    early: Vec<VecDeque<Word>>,
    words: mpsc::Receiver<(usize, Option<Word>)>,
}

#[derive(Debug)]
struct Generator {
    child: Child,
    input: ChildStdin,
}

impl Generators {
    /// Starts one for each task, and lets everybody come that is there from the begin. `hear` gets what they say
    /// meanwhile.
    ///
    /// # Errors
    /// One of them cannot do it.
    pub(crate) async fn start(tasks: Vec<Task>, hear: &mut impl FnMut(usize, Tick)) -> anyhow::Result<Self> {
        let (tell, words) = mpsc::channel(1024);
        let mut all = Vec::new();
        for (index, task) in tasks.iter().enumerate() {
            let threads = task.scenario.threads.to_string();
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["generator", "--threads", &threads]).kill_on_drop(true);
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = command.spawn().context("cannot start a generator")?;
            let mut lines = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
            let tell = tell.clone();
            tokio::spawn(async move {
                while let Ok(Some(line)) = lines.next_line().await {
                    let word =
                        serde_json::from_str(&line).unwrap_or_else(|error| Word::Failed(format!("{error}: {line}")));
                    if tell.send((index, Some(word))).await.is_err() {
                        return;
                    }
                }
                // It ended. The receiver may be gone already.
                let _receiver_gone = tell.send((index, None)).await;
            });
            let input = child.stdin.take().context("its input is piped")?;
            all.push(Generator { child, input });
        }
        let early = all.iter().map(|_| VecDeque::new()).collect();
        let mut generators = Self { all, early, words };
        for (index, task) in tasks.into_iter().enumerate() {
            generators.send(index, &Order::Prepare(Box::new(task))).await?;
        }
        generators.answers(hear).await?;
        Ok(generators)
    }

    /// Their numbers at the kernel.
    pub(crate) fn pids(&self) -> Vec<u32> {
        self.all.iter().filter_map(|generator| generator.child.id()).collect()
    }

    /// Tells all of them the same, one after the other without a pause between, and waits until all have answered all
    /// of it. Gives the answers to the last.
    ///
    /// # Errors
    /// One of them cannot go on.
    pub(crate) async fn order(
        &mut self,
        orders: &[Order],
        hear: &mut impl FnMut(usize, Tick),
    ) -> anyhow::Result<Vec<Word>> {
        for order in orders {
            for index in 0..self.all.len() {
                self.send(index, order).await?;
            }
        }
        let mut answers = Vec::new();
        for _ in orders {
            answers = self.answers(hear).await?;
        }
        Ok(answers)
    }

    /// Lets them compare with what the server keeps; gives what all of them found.
    ///
    /// # Errors
    /// One of them cannot.
    pub(crate) async fn judge(&mut self, hear: &mut impl FnMut(usize, Tick)) -> anyhow::Result<Judgement> {
        let mut all = Judgement::default();
        for word in self.order(&[Order::Judge], hear).await? {
            let Word::Judged(own) = word else { bail!("a generator did not judge: {word:?}") };
            all.tally.add(&own.tally);
            all.complaints.extend(own.complaints);
            own.back_offs.into_iter().for_each(|(code, times)| *all.back_offs.entry(code).or_default() += times);
        }
        Ok(all)
    }

    /// Ends all generators.
    pub(crate) async fn end(self) {
        for Generator { mut child, input } in self.all {
            drop(input);
            if timeout(GOODBYE, child.wait()).await.is_err() {
                let _ended_already = child.kill().await;
            }
        }
    }

    async fn send(&mut self, index: usize, order: &Order) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        let input = &mut self.all[index].input;
        input.write_all(&line).await.context("a generator ended")?;
        input.flush().await.context("a generator ended")
    }

    /// One answer from each.
    async fn answers(&mut self, hear: &mut impl FnMut(usize, Tick)) -> anyhow::Result<Vec<Word>> {
        while self.early.iter().any(VecDeque::is_empty) {
            match self.words.recv().await.context("all generators ended")? {
                (index, Some(Word::Tick(tick))) => hear(index, tick),
                (index, Some(Word::Failed(why))) => bail!("generator {}: {why}", index + 1),
                (index, Some(word)) => self.early[index].push_back(word),
                (index, None) => bail!("generator {} ended", index + 1),
            }
        }
        Ok(self.early.iter_mut().filter_map(VecDeque::pop_front).collect())
    }
}

/// How long a generator may take to go.
const GOODBYE: Duration = Duration::from_secs(5);
