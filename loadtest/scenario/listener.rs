//! One socket's reading half: notes what arrives, and whether it arrives once and in order.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use frontdesk_protocol::socket::ClientFrame;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::pairs::{Ear, Pairs};
use crate::{client::Frame, recorder::Recorder};

/// Listens to one socket.
#[derive(Debug)]
pub(super) struct Listener {
    ear: Ear,
    recorder: Arc<Recorder>,
    pairs: Arc<Pairs>,
    receipts: bool,
    /// Own messages that are accepted and, as far as known, not in the database yet: (seq, number).
    waiting: VecDeque<(u64, usize)>,
    persisted: u64,
    /// The other side's last message.
    newest: Option<usize>,
}

impl Listener {
    pub(super) fn new(ear: Ear, recorder: &Arc<Recorder>, pairs: &Arc<Pairs>, receipts: bool) -> Self {
        let (recorder, pairs) = (Arc::clone(recorder), Arc::clone(pairs));
        Self { ear, recorder, pairs, receipts, waiting: VecDeque::new(), persisted: 0, newest: None }
    }

    /// Until the socket ends, which it should not.
    pub(super) async fn listen(mut self) {
        while let Some(message) = self.ear.receiver.next().await {
            let now = Instant::now();
            self.recorder.counts().frames.fetch_add(1, Ordering::Relaxed);
            match Frame::read(&message) {
                Some(frame) => self.hear(&frame, now),
                None if message.is_text() || message.is_binary() => self.complain(&format!("no frame: {message}")),
                None => {}
            }
        }
        self.complain("the socket ended");
    }

    fn hear(&mut self, frame: &Frame<'_>, now: Instant) {
        match frame.kind {
            "accepted" => self.accepted(frame, now),
            "persisted" => self.persisted(frame.up_to_seq, now),
            "message" | "activity" => self.entry(frame, now),
            "rejected" => self.rejected(frame),
            "ping" => self.pairs.sender(self.ear.pair, self.ear.side).send(&ClientFrame::Pong {}),
            "error" | "failed" | "bye" | "reset" => self.complain(&format!("{frame:?}")),
            _ => {}
        }
    }

    fn accepted(&mut self, frame: &Frame<'_>, now: Instant) {
        let Some(number) = self.number(frame.client_id) else { return };
        if self.recorder.accepted(number, now) {
            self.waiting.push_back((frame.seq, number));
            self.persisted(0, now);
        }
    }

    fn persisted(&mut self, up_to_seq: u64, now: Instant) {
        self.persisted = self.persisted.max(up_to_seq);
        while let Some((_, number)) = self.waiting.pop_front_if(|(seq, _)| *seq <= self.persisted) {
            self.recorder.persisted(number, now);
        }
    }

    fn entry(&mut self, frame: &Frame<'_>, now: Instant) {
        let Some(entry) = &frame.entry else { return };
        if entry.prev != self.ear.last_seq || entry.seq <= self.ear.last_seq {
            self.complain(&format!("after entry {} came {} (before it: {})", self.ear.last_seq, entry.seq, entry.prev));
        }
        self.ear.last_seq = entry.seq;
        let Some(number) = self.number(Some(entry.client_id)) else { return };
        if self.recorder.schedule().sender(number).1 == self.ear.side {
            return;
        }
        self.recorder.arrived(number, now);
        // Without a refusal, what was sent first is there first.
        let refusals = self.recorder.counts().retries.load(Ordering::Relaxed);
        if self.newest.is_some_and(|newest| newest >= number) && refusals == 0 {
            self.complain(&format!("message {number} came after {:?}", self.newest));
        }
        self.newest = Some(number);
        if self.receipts {
            self.pairs.acknowledge(self.ear.pair, self.ear.side, entry.seq);
        }
    }

    fn rejected(&mut self, frame: &Frame<'_>) {
        let Some(number) = self.number(frame.client_id) else { return };
        if !frame.retryable {
            return self.complain(&format!("message {number} is refused for good: {frame:?}"));
        }
        self.recorder.counts().retries.fetch_add(1, Ordering::Relaxed);
        let wait = Duration::from_millis(frame.retry_after_ms.unwrap_or(100));
        let (pairs, recorder) = (Arc::clone(&self.pairs), Arc::clone(&self.recorder));
        tokio::spawn(async move {
            sleep(wait).await;
            pairs.repeat(number, &recorder);
        });
    }

    fn number(&self, id: Option<Uuid>) -> Option<usize> {
        let number = self.pairs.number(id?)?;
        (number < self.recorder.schedule().messages()).then_some(number)
    }

    fn complain(&self, what: &str) {
        self.recorder.complain(format!("pair {} {:?}: {what}", self.ear.pair, self.ear.side));
    }
}
