//! The receiving side of a participant: records what arrives, and whether it arrives once and in order; reconnects when
//! the socket ends.

use std::{sync::Arc, time::Duration};

use frontdesk_protocol::socket::ClientFrame;
use tokio::time::{interval, sleep};
use uuid::Uuid;

use super::{
    frame::Frame,
    participant::{Answer, Participant},
    socket::{Dialer, Receiver, SocketTarget, Whole, connect},
    watch::Watch,
};
use crate::{
    clock::{Micros, now, sleep_until},
    recorder::Event,
};

/// Listens for one person, over however many sockets it takes.
#[derive(Debug)]
pub(crate) struct Listener {
    participant: Arc<Participant>,
    dialer: Arc<Dialer>,
    path: String,
    gateway: usize,
    token: String,
    kernel_buffer: Option<u32>,
    /// When the server wants us back.
    back_in: Option<Duration>,
}

/// Why a socket was left.
enum End {
    /// The participant has left.
    Ours,
    /// It ended; whether the server had said why.
    Theirs(bool, String),
}

impl Listener {
    /// A listener for `participant`, which knows the conversations that it watches.
    pub(crate) fn new(
        participant: &Arc<Participant>,
        dialer: &Arc<Dialer>,
        path: &str,
        gateway: usize,
        token: &str,
    ) -> Self {
        let (participant, dialer, path, token) =
            (Arc::clone(participant), Arc::clone(dialer), path.to_owned(), token.to_owned());
        Self { participant, dialer, path, gateway, token, kernel_buffer: None, back_in: None }
    }

    /// Sets the receive buffer of the kernel, for a slow reader.
    pub(crate) const fn with_kernel_buffer(mut self, bytes: u32) -> Self {
        self.kernel_buffer = Some(bytes);
        self
    }

    /// Reads until the participant leaves. Once this has returned, the participant can send.
    pub(crate) fn listen(mut self, socket: Whole) -> tokio::task::JoinHandle<()> {
        self.participant.recorder.count(Event::Opened);
        let (sender, receiver) = socket.split();
        self.participant.connected(sender, &[]);
        tokio::spawn(async move {
            let mut receiver = receiver;
            loop {
                match self.hear_all(&mut receiver).await {
                    End::Ours => return self.participant.recorder.count(Event::Closed),
                    End::Theirs(told, why) => self.participant.recorder.ended(&self.participant.who, told, &why),
                }
                self.participant.disconnected();
                receiver = self.come_back().await;
            }
        })
    }

    /// Opens sockets until one is welcome, as widgets and consoles do.
    async fn come_back(&mut self) -> Receiver {
        for attempt in 0.. {
            sleep(self.back_in.take().unwrap_or_else(|| reconnect_delay(attempt))).await;
            let target = self.target();
            match connect(&self.dialer, target, &self.token).await {
                Ok(socket) => {
                    self.participant.recorder.count(Event::Opened);
                    let resumes: Vec<ClientFrame> = self.participant.watches().iter().map(Watch::resume).collect();
                    let (sender, receiver) = socket.split();
                    self.participant.connected(sender, &resumes);
                    return receiver;
                }
                Err(_) => {
                    self.participant.recorder.count(Event::ConnectFailed);
                    // The gateway may be gone: there may be another.
                    self.gateway += 1;
                }
            }
        }
        unreachable!("it tries for ever")
    }

    fn target(&self) -> SocketTarget<'_> {
        SocketTarget { path: &self.path, gateway: self.gateway, buffer: BUFFER, kernel_buffer: self.kernel_buffer }
    }

    async fn hear_all(&mut self, receiver: &mut Receiver) -> End {
        let mut look = interval(LOOK_EVERY);
        let mut told = None;
        loop {
            let paused_until = self.participant.paused_until();
            if paused_until > now() {
                sleep_until(paused_until).await;
            }
            tokio::select! {
                message = receiver.next() => {
                    let Some(message) = message else {
                        if self.participant.has_left() {
                            return End::Ours;
                        }
                        return End::Theirs(told.is_some(), told.unwrap_or_else(|| "without a word".to_owned()));
                    };
                    let at = now();
                    if message.is_close() {
                        told.get_or_insert_with(|| message.to_string());
                        continue;
                    }
                    self.participant.recorder.count(Event::Frame);
                    match Frame::read(&message) {
                        Some(frame) if frame.kind == "bye" => {
                            self.back_in = frame.retry_in_ms.map(Duration::from_millis);
                            told = Some(message.to_string());
                        }
                        Some(frame) => self.hear(&frame, at),
                        None if message.is_text() || message.is_binary() => {
                            self.complain(&format!("no frame: {message}"));
                        }
                        None => {}
                    }
                }
                _ = look.tick() => {
                    if Arc::strong_count(&self.participant) == 1 {
                        // Only this listener still holds the participant.
                        self.participant.leave();
                        return End::Ours;
                    }
                    self.participant.repeat_unanswered();
                }
            }
        }
    }

    fn hear(&self, frame: &Frame<'_>, at: Micros) {
        let participant = &self.participant;
        let (Some(conversation), None) = (frame.conversation, frame.client_id) else {
            return self.hear_answer(frame, at);
        };
        let reply = participant.with(conversation, |watch| match frame.kind {
            "persisted" => watch.persisted(frame.up_to_seq, at, participant),
            "message" | "activity" => frame.entry.as_ref().and_then(|entry| watch.live(entry, at, participant)),
            "recovered" | "range" => watch.caught_up(frame, at, participant),
            "reset" => watch.reset(frame, participant),
            _ => None,
        });
        if let Some(reply) = reply.flatten() {
            participant.send(&reply);
        }
        if matches!(frame.kind, "error" | "failed") {
            self.complain(&format!("{frame:?}"));
        }
    }

    fn hear_answer(&self, frame: &Frame<'_>, at: Micros) {
        match (frame.kind, frame.client_id) {
            ("accepted", Some(name)) => self.accepted(name, frame, at),
            ("rejected", Some(name)) => self.rejected(name, frame),
            ("ping", _) => self.participant.send(&ClientFrame::Pong {}),
            ("error" | "failed", _) => self.complain(&format!("{frame:?}")),
            _ => {}
        }
    }

    fn accepted(&self, name: Uuid, frame: &Frame<'_>, at: Micros) {
        let participant = &self.participant;
        let id = frame.conversation.unwrap_or_default();
        let index = participant.with(id, |watch| watch.accepted(name, frame.seq, at, participant)).flatten();
        match index {
            Some(index) => participant.settled(id, index),
            None => participant.answered(name, Answer::Accepted(frame.seq)),
        }
    }

    fn rejected(&self, name: Uuid, frame: &Frame<'_>) {
        let participant = &self.participant;
        let message = participant.message(name);
        let wait = Duration::from_millis(frame.retry_after_ms.unwrap_or(100));
        if frame.retryable {
            participant.recorder.backed_off(frame.code.as_deref().unwrap_or_default());
        }
        match (message, frame.retryable) {
            (Some((conversation, index)), true) => {
                // The wait that was asked for and up to half as much more, as widgets do.
                participant.repeat_after(conversation, index, wait.mul_f64(1.0 + fastrand::f64() / 2.0));
            }
            (Some((conversation, index)), false) => {
                participant.with(conversation, |watch| watch.conversation.refused(index));
                participant.settled(conversation, index);
                participant.recorder.count(Event::Refused);
                self.complain(&format!("message {index} is refused for good: {frame:?}"));
            }
            (None, true) => participant.answered(name, Answer::Later(wait)),
            (None, false) => {
                let code = frame.code.clone().unwrap_or_default();
                participant.answered(name, Answer::Refused(code, frame.winner.map(|winner| winner.seq)));
            }
        }
    }

    fn complain(&self, what: &str) {
        self.participant.recorder.complain(format!("{}: {what}", self.participant.who));
    }
}

/// How long to wait before try number `attempt` (0, 1, 2, ...): as widgets and consoles do, with full jitter.
pub(crate) fn reconnect_delay(attempt: u32) -> Duration {
    let bound = f64::from(1_u32 << attempt.min(5)).min(30.0);
    Duration::from_secs_f64(0.5 + fastrand::f64() * (bound - 0.5))
}

/// Between two looks for what was not answered.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Bytes that are read at once.
const BUFFER: usize = 16 * 1024;
