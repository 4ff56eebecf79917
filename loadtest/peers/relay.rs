//! Messages from one socket to another.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use anyhow::ensure;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hdrhistogram::Histogram;
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinHandle,
    time::{Instant, interval, sleep},
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    clients::{self, answer_heartbeat, brings, written},
    server::Server,
    socket::Mouth,
    systems::System,
};

/// Clients in pairs, of which the first one speaks.
pub(crate) struct Pairs {
    system: System,
    speakers: Vec<Speaker>,
    /// The pair, the number and the time of each message that arrives.
    arrivals: Mutex<mpsc::UnboundedReceiver<(usize, usize, Instant)>>,
    padding: String,
    sent: AtomicU64,
    tasks: Vec<JoinHandle<()>>,
}

struct Speaker {
    mouth: Mouth,
    conversation: Option<String>,
}

/// What came of a fixed rate.
#[derive(Debug)]
pub(crate) struct Steady {
    /// Microseconds from when a message was due until its receiver had it.
    pub(crate) latency: Histogram<u64>,
    /// Processor time of the server, as a share of one core.
    pub(crate) cores: f64,
}

impl Pairs {
    pub(crate) async fn meet(server: &Server, count: usize, bytes: usize) -> anyhow::Result<Self> {
        let met = stream::iter(0..count).map(|number| clients::pair(server, number));
        let met: Vec<_> = met.buffered(AT_ONCE).try_collect().await?;
        let (system, (told, arrivals)) = (server.system, mpsc::unbounded_channel());
        let (mut speakers, mut tasks) = (Vec::new(), Vec::new());
        for (number, pair) in met.into_iter().enumerate() {
            for (socket, listens) in [(pair.listener, true), (pair.speaker, false)] {
                if !listens {
                    let (mouth, conversation) = (socket.mouth.clone(), pair.conversation.clone());
                    speakers.push(Speaker { mouth, conversation });
                }
                let (told, mut socket) = (told.clone(), socket);
                tasks.push(tokio::spawn(async move {
                    while let Some(Ok(message)) = socket.listener.next().await {
                        let Message::Text(frame) = message else { continue };
                        match message_number(&frame).filter(|_| listens && frame.starts_with(brings(system))) {
                            Some(message) => drop(told.send((number, message, Instant::now()))),
                            None => answer_heartbeat(system, &frame, &socket.mouth),
                        }
                    }
                }));
            }
        }
        let arrivals = Mutex::new(arrivals);
        Ok(Self { system, speakers, arrivals, padding: "x".repeat(bytes), sent: AtomicU64::new(0), tasks })
    }

    /// Each pair keeps `window` messages on their way; gives messages a second that arrived.
    pub(crate) async fn as_many_as_possible(&self, window: usize, time: Duration) -> anyhow::Result<f64> {
        let mut arrivals = self.arrivals.lock().await;
        let begun = Instant::now();
        let (from, until) = (begun + WARM_UP, begun + WARM_UP + time);
        let (mut sent, mut arrived, mut counted) = (0, 0, 0_u64);
        for number in 0..self.speakers.len() {
            for _ in 0..window {
                self.say(number);
                sent += 1;
            }
        }
        while arrived < sent {
            let next = tokio::time::timeout(PATIENCE, arrivals.recv()).await;
            let Ok(Some((number, _, at))) = next else { break };
            arrived += 1;
            counted += u64::from(at >= from && at < until);
            if at < until {
                self.say(number);
                sent += 1;
            }
        }
        ensure!(arrived == sent, "{} of {sent} messages did not arrive", sent - arrived);
        Ok(counted as f64 / time.as_secs_f64())
    }

    /// `rate` messages a second, from each pair in turn, whatever became of earlier ones.
    pub(crate) async fn steady(&self, rate: u32, time: Duration, server: &Server) -> anyhow::Result<Steady> {
        let mut arrivals = self.arrivals.lock().await;
        let first = self.sent.load(Ordering::Relaxed) as usize;
        let begin = Instant::now();
        let due = |number: usize| begin + Duration::from_secs(1) / rate * number as u32;
        let total = ((WARM_UP + time).as_secs_f64() * f64::from(rate)) as usize;
        let warm = (WARM_UP.as_secs_f64() * f64::from(rate)) as usize;
        let mut latency = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        let mut used = None;
        let (mut sent, mut seen) = (0, vec![false; total]);
        let mut ticks = interval(Duration::from_millis(1));
        let mut arrived = 0;
        while arrived < total {
            tokio::select! {
                _ = ticks.tick(), if sent < total => {
                    while sent < total && due(sent) <= Instant::now() {
                        if sent == warm {
                            used = Some(server.cpu_seconds());
                        }
                        self.say(sent % self.speakers.len());
                        sent += 1;
                    }
                }
                arrival = arrivals.recv() => {
                    let Some((_, message, at)) = arrival else { break };
                    let number = message - first;
                    ensure!(!std::mem::replace(&mut seen[number], true), "message {number} arrived twice");
                    arrived += 1;
                    if number >= warm {
                        latency.saturating_record((at - due(number)).as_micros() as u64);
                    }
                }
                () = sleep(PATIENCE) => break,
            }
        }
        ensure!(arrived == total, "{} of {total} messages did not arrive", total - arrived);
        let used = server.cpu_seconds() - used.unwrap_or_default();
        Ok(Steady { latency, cores: used / (begin.elapsed() - WARM_UP).as_secs_f64() })
    }

    fn say(&self, number: usize) {
        let speaker = &self.speakers[number];
        let words = format!("m {} ", self.sent.fetch_add(1, Ordering::Relaxed));
        let text = format!("{words}{}", &self.padding[words.len().min(self.padding.len())..]);
        let frame = written(self.system, number, &speaker.conversation, &text);
        // The listener sees that the socket ended.
        let _ended = speaker.mouth.send(Message::text(frame));
    }
}

impl Drop for Pairs {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// The number in a text of ours, wherever in a frame it stands.
fn message_number(frame: &str) -> Option<usize> {
    let at = if frame.starts_with("m ") { 2 } else { frame.find("\"m ")? + 3 };
    frame[at..].split(' ').next()?.parse().ok()
}

const AT_ONCE: usize = 16;
const WARM_UP: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(20);
