//! One contact that has the widget open and says next to nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use frontdesk_protocol::socket::ClientFrame;
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use uuid::Uuid;

use super::{
    idle_contacts::{SPREAD, Signal},
    set_up::widget,
};
use crate::{
    client::{Frame, SocketTarget, Whole, connect, id, reconnect_delay},
    clock::{Micros, now, sleep_until},
    generator::Stage,
    ledger::Conversation,
    recorder::{Event, Hop},
};

/// A contact that has the widget open and rarely writes.
pub(super) struct IdleContact {
    pub(super) stage: Arc<Stage>,
    pub(super) who: String,
    pub(super) gateway: usize,
    pub(super) open: bool,
    pub(super) burst_bytes: usize,
    /// How many of all were cut off and are not back.
    pub(super) away: Arc<AtomicUsize>,
    pub(super) conversation: Option<Arc<Conversation>>,
    pub(super) last_seq: u64,
    pub(super) epoch: Option<String>,
}

/// Why a socket was left.
enum Left {
    /// All were cut off at this moment.
    Cut(u16, Micros, Duration),
    Ended(String),
    /// The run is over.
    Over,
}

impl IdleContact {
    /// Comes, says through `there` that it is there, and stays.
    pub(super) async fn sit(
        mut self,
        due: Micros,
        mut signals: watch::Receiver<Signal>,
        there: mpsc::UnboundedSender<()>,
    ) {
        let recorder = Arc::clone(&self.stage.recorder);
        let (token, mut socket) = self.come().await;
        recorder.took(self.gateway, 0, Hop::Connected, due);
        // The run may be broken off.
        let _broken_off = there.send(());
        drop(there);
        loop {
            match self.stay(&mut socket, &mut signals).await {
                Left::Over => return socket.close().await,
                Left::Ended(why) => {
                    recorder.ended(&self.who, false, &why);
                    socket = self.come_back(&token, Duration::ZERO).await;
                }
                Left::Cut(phase, at, spread) => {
                    self.away.fetch_add(1, Ordering::Relaxed);
                    // Without a word, as a line that is cut.
                    drop(socket);
                    recorder.count(Event::Closed);
                    socket = self.come_back(&token, spread).await;
                    recorder.took(self.gateway, phase, Hop::Back, at);
                    self.away.fetch_sub(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// Tries until there is a socket.
    async fn come(&mut self) -> (String, Whole) {
        for attempt in 0.. {
            match self.enter().await {
                Ok(there) => return there,
                Err(error) => self.failed(&error, attempt).await,
            }
        }
        unreachable!("it tries for ever")
    }

    async fn enter(&mut self) -> anyhow::Result<(String, Whole)> {
        let rest = self.stage.rest().await.at(self.stage.dialer.url(self.gateway));
        let token = rest.new_contact(&self.stage.inbox).await?;
        let mut socket = self.connect(&token).await?;
        if self.open {
            let opening = ClientFrame::Open { client_id: id(Uuid::now_v7()) };
            let (conversation, seq) = socket.ask(&opening, "opening", |frame| frame.kind == "accepted").await?;
            socket.find("history", |frame| frame.kind == "recovered").await?;
            self.conversation = Some(self.stage.converse(conversation, 1, Hop::Delivered));
            self.last_seq = seq;
        }
        self.stage.recorder.count(Event::Opened);
        Ok((token, socket))
    }

    async fn come_back(&mut self, token: &str, spread: Duration) -> Whole {
        let first =
            Duration::from_millis(500) + spread.saturating_sub(Duration::from_millis(500)).mul_f64(fastrand::f64());
        sleep(if spread.is_zero() { reconnect_delay(0) } else { first }).await;
        for attempt in 1.. {
            match self.resume(token).await {
                Ok(socket) => return socket,
                Err(error) => self.failed(&error, attempt).await,
            }
        }
        unreachable!("it tries for ever")
    }

    async fn resume(&mut self, token: &str) -> anyhow::Result<Whole> {
        let mut socket = self.connect(token).await?;
        if let Some(conversation) = &self.conversation {
            let (epoch, last_seq) = (self.epoch.clone(), self.last_seq);
            let resume = ClientFrame::Resume { conversation: id(conversation.id), epoch, last_seq };
            let mut wrong = None;
            socket
                .ask(&resume, "what was missed", |frame| {
                    if frame.kind == "recovered" {
                        wrong = frame.entries.first().map(|entry| entry.seq).filter(|seq| *seq <= last_seq);
                    }
                    frame.kind == "recovered"
                })
                .await?;
            if let Some(seq) = wrong {
                self.stage
                    .recorder
                    .complain(format!("{}: resumed after {last_seq} and was told {seq} again", self.who));
            }
        }
        self.stage.recorder.count(Event::Opened);
        Ok(socket)
    }

    async fn connect(&self, token: &str) -> anyhow::Result<Whole> {
        let path = widget(&self.stage);
        connect(
            &self.stage.dialer,
            SocketTarget { path: &path, gateway: self.gateway, buffer: SMALL, kernel_buffer: None },
            token,
        )
        .await
    }

    async fn failed(&mut self, error: &anyhow::Error, attempt: u32) {
        self.stage.recorder.count(Event::ConnectFailed);
        if attempt == GIVE_UP_SILENCE {
            self.stage.recorder.complain(format!("{}: still not connected: {error:#}", self.who));
        }
        self.gateway += 1;
        sleep(reconnect_delay(attempt)).await;
    }

    /// Answers pings, and does what all are told to do.
    async fn stay(&mut self, socket: &mut Whole, signals: &mut watch::Receiver<Signal>) -> Left {
        loop {
            tokio::select! {
                message = socket.next() => {
                    let Some(message) = message else { return Left::Ended("without a word".to_owned()) };
                    if message.is_close() {
                        return Left::Ended(message.to_string());
                    }
                    self.stage.recorder.count(Event::Frame);
                    let Some(frame) = Frame::read(&message) else { continue };
                    self.last_seq = frame.entry.map_or(self.last_seq, |entry| entry.seq.max(self.last_seq));
                    if frame.kind == "ping" && socket.send(&ClientFrame::Pong {}).await.is_err() {
                        return Left::Ended("while a ping was answered".to_owned());
                    }
                }
                changed = signals.changed() => {
                    let signal = *signals.borrow_and_update();
                    match (changed, signal) {
                        (Err(_), _) => return Left::Over,
                        (_, Signal { cut: Some((phase, at, spread)), .. }) => {
                            sleep_until(at).await;
                            return Left::Cut(phase, at, spread);
                        }
                        (_, Signal { burst: Some((phase, begin)), .. }) => {
                            if let Err(why) = self.say(socket, phase, begin).await {
                                return Left::Ended(format!("{why:#}"));
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// Says one long message, at a moment of its own.
    async fn say(&mut self, socket: &mut Whole, phase: u16, begin: Micros) -> anyhow::Result<()> {
        let Some(conversation) = self.conversation.clone() else { return Ok(()) };
        let due = begin + fastrand::u64(..SPREAD);
        sleep_until(due).await;
        let recorder = &self.stage.recorder;
        let index = conversation.plan(0, due, phase);
        recorder.count(Event::Offered);
        let name = self.stage.names.name(conversation.number, index, due);
        let text = "x".repeat(self.burst_bytes).try_into().unwrap_or_else(|_| unreachable!("it is short and plain"));
        let mut frame = ClientFrame::Say {
            client_id: id(name),
            conversation: id(conversation.id),
            text,
            parts: vec![],
            repeat: false,
        };
        loop {
            recorder.count(Event::Sent);
            recorder.took(self.gateway, phase, Hop::Lateness, due);
            socket.send(&frame).await?;
            let mut later = None;
            let answer = socket.find("an answer", |frame| {
                later = (frame.kind == "rejected").then(|| frame.retry_after_ms.unwrap_or(500));
                frame.client_id == Some(name) && (frame.kind == "accepted" || frame.kind == "rejected")
            });
            match (timeout(ANSWER, answer).await, later) {
                (Ok(Ok((_, seq))), None) => {
                    conversation.accepted(index, seq, now(), recorder);
                    return Ok(());
                }
                (Ok(Ok(_)), Some(wait)) => {
                    recorder.backed_off("a burst");
                    sleep(Duration::from_millis(wait)).await;
                }
                (Ok(Err(error)), _) => return Err(error),
                (Err(_), _) => {}
            }
            recorder.count(Event::Repeated);
            if let ClientFrame::Say { repeat, .. } = &mut frame {
                *repeat = true;
            }
        }
    }
}

/// How long an answer may take before the same is said again.
const ANSWER: Duration = Duration::from_secs(5);

/// Failed attempts after which a server that accepts no connection is complained of.
const GIVE_UP_SILENCE: u32 = 6;

/// Size of the read buffer of an idle contact, in bytes.
const SMALL: usize = 512;
