//! What became of each message of a conversation, as its people were told, and whether that agrees with its history.

#[cfg(test)]
mod tests;

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    client::Names,
    clock::Micros,
    recorder::{Event, Hop, Recorder},
};

/// A conversation of the run.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// Id of the conversation.
    pub(crate) id: Uuid,
    /// Its place among those of this generator; part of the names of its messages.
    pub(crate) number: usize,
    /// How many sockets see each message, the sender's included.
    pub(crate) watchers: u16,
    /// What the arrival of its messages is a measure of.
    pub(crate) hop: Hop,
    messages: Mutex<Messages>,
    /// Whether anything was sent twice: then what was sent first need not be first.
    disturbed: AtomicBool,
    /// Told of each arrival.
    pub(crate) arrival: Notify,
}

/// Its messages, in the order in which they were due.
#[derive(Debug, Default)]
struct Messages {
    all: Vec<Message>,
    /// So many of the first ones need no more looks.
    settled: usize,
}

/// A message, and what is known of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// When it was due.
    pub(crate) due: Micros,
    /// In which stretch of the run.
    pub(crate) phase: u16,
    /// Who sent it, by number.
    pub(crate) author: u16,
    /// Its place in the conversation, as its sender was told; 0: not accepted.
    pub(crate) accepted: u64,
    /// Its place, as the others were told; 0: not arrived.
    pub(crate) arrived: u64,
    /// At how many others' sockets it arrived, each time counted.
    pub(crate) arrivals: u16,
    /// Whether the server refused it for good.
    pub(crate) refused: bool,
}

/// What became of messages, over any number of conversations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) sent: u64,
    pub(crate) accepted: u64,
    pub(crate) delivered: u64,
    /// Accepted, and not in the history or not at everybody's socket.
    pub(crate) lost: u64,
    /// Accepted and at everybody's socket, and beyond the end of the history: the database was not that far yet.
    pub(crate) unfiled: u64,
    /// Copies beyond the first, in the history or at a socket.
    pub(crate) duplicated: u64,
    pub(crate) misordered: u64,
    /// Neither accepted nor refused.
    pub(crate) unknown: u64,
    pub(crate) refused: u64,
    /// Refused for good, and in the history nevertheless.
    pub(crate) ghosts: u64,
}

impl Conversation {
    /// One without messages yet.
    pub(crate) fn new(id: Uuid, number: usize, watchers: u16, hop: Hop) -> Self {
        let (messages, disturbed, arrival) = (Mutex::default(), AtomicBool::new(false), Notify::new());
        Self { id, number, watchers, hop, messages, disturbed, arrival }
    }

    /// A message is due; gives its index.
    pub(crate) fn plan(&self, author: u16, due: Micros, phase: u16) -> usize {
        let messages = &mut self.messages().all;
        messages.push(Message { due, phase, author, ..Message::default() });
        messages.len() - 1
    }

    /// A message that was planned.
    pub(crate) fn message(&self, index: usize) -> Option<Message> {
        self.messages().all.get(index).copied()
    }

    /// The name of a message that was planned.
    pub(crate) fn name(&self, names: Names, index: usize) -> Option<Uuid> {
        Some(names.name(self.number, index, self.message(index)?.due))
    }

    /// Which of its messages bears this name; `None` for a name of anybody else's.
    pub(crate) fn index(&self, names: Names, name: Uuid) -> Option<usize> {
        let index = Names::index(name);
        (self.name(names, index)? == name).then_some(index)
    }

    /// The sender of a message was told its place. Says whether that is news.
    pub(crate) fn accepted(&self, index: usize, seq: u64, at: Micros, recorder: &Recorder) -> bool {
        let mut messages = self.messages();
        let Some(message) = messages.all.get_mut(index) else { return false };
        if message.accepted != 0 {
            if message.accepted != seq {
                recorder
                    .complain(format!("{}: message {index} is accepted as {} and as {seq}", self.id, message.accepted));
            }
            return false;
        }
        message.accepted = seq;
        let Message { due, phase, .. } = *message;
        drop(messages);
        recorder.count(Event::Accepted);
        recorder.took_until(self.number, phase, Hop::Accepted, due, at);
        true
    }

    /// It is in the database.
    pub(crate) fn persisted(&self, index: usize, at: Micros, recorder: &Recorder) {
        let Some(Message { due, phase, .. }) = self.message(index) else { return };
        recorder.count(Event::Persisted);
        recorder.took_until(self.number, phase, Hop::Persisted, due, at);
    }

    /// The message arrived at a participant other than its sender, for the first time at that participant.
    pub(crate) fn arrived(&self, index: usize, seq: u64, at: Micros, recorder: &Recorder) {
        let mut messages = self.messages();
        let Some(message) = messages.all.get_mut(index) else { return };
        message.arrivals = message.arrivals.saturating_add(1);
        let told = [message.accepted, message.arrived].into_iter().find(|told| *told != 0 && *told != seq);
        message.arrived = seq;
        let Message { due, phase, .. } = *message;
        drop(messages);
        if let Some(told) = told {
            recorder.complain(format!("{}: message {index} has place {told} here and {seq} there", self.id));
        }
        recorder.count(Event::Delivered);
        recorder.took_until(self.number, phase, self.hop, due, at);
        self.arrival.notify_waiters();
    }

    /// Message `index` was refused for good.
    pub(crate) fn refused(&self, index: usize) {
        if let Some(message) = self.messages().all.get_mut(index) {
            message.refused = true;
        }
    }

    /// Something of it was sent again.
    pub(crate) fn disturb(&self) {
        self.disturbed.store(true, Ordering::Relaxed);
    }

    /// The highest place that its people were told of.
    pub(crate) fn last_seq(&self) -> u64 {
        self.messages().all.iter().map(|message| message.accepted.max(message.arrived)).max().unwrap_or_default()
    }

    /// Whether everything that was sent is accepted, or refused, and has arrived everywhere.
    pub(crate) fn is_settled(&self) -> bool {
        let others = self.watchers.saturating_sub(1);
        let is_settled = |message: &Message| message.refused || (message.accepted != 0 && message.arrivals >= others);
        let mut messages = self.messages();
        let Messages { all, settled } = &mut *messages;
        while all.get(*settled).is_some_and(is_settled) {
            *settled += 1;
        }
        *settled == all.len()
    }

    /// Compares with its history: places, and which message of ours lies there. Names what is wrong, each kind once.
    pub(crate) fn judge(&self, history: &[(u64, Option<usize>)]) -> (Tally, Vec<String>) {
        let (tally, wrong) =
            judge(&self.messages().all, self.watchers, history, self.disturbed.load(Ordering::Relaxed));
        (tally, wrong.into_iter().map(|what| format!("{}: {what}", self.id)).collect())
    }

    fn messages(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares what people were told with the history that is kept.
fn judge(
    messages: &[Message],
    watchers: u16,
    history: &[(u64, Option<usize>)],
    disturbed: bool,
) -> (Tally, Vec<String>) {
    let mut tally = Tally { sent: messages.len() as u64, ..Tally::default() };
    let mut wrong = Vec::new();
    let mut found: Vec<(u64, u64)> = vec![(0, 0); messages.len()];
    let mut last_of: Vec<(u16, usize)> = Vec::new();
    for (place, (seq, index)) in history.iter().enumerate() {
        if *seq != place as u64 + 1 {
            tally.misordered += 1;
            note(&mut wrong, || format!("the history has {seq} where {} belongs", place + 1));
        }
        let Some((index, slot)) = index.and_then(|index| Some((index, found.get_mut(index)?))) else { continue };
        *slot = (*seq, slot.1 + 1);
        let author = messages[index].author;
        match last_of.iter_mut().find(|(other, _)| *other == author) {
            Some((_, before)) if *before > index && !disturbed => {
                tally.misordered += 1;
                note(&mut wrong, || format!("message {index} comes after {before}, which was sent later"));
            }
            Some((_, before)) => *before = index.max(*before),
            None => last_of.push((author, index)),
        }
    }
    let others = watchers.saturating_sub(1);
    let end = history.last().map_or(0, |(seq, _)| *seq);
    for (index, (message, (seq, times))) in messages.iter().zip(found).enumerate() {
        tally.duplicated += times.saturating_sub(1) + u64::from(message.arrivals.saturating_sub(others));
        if times > 1 || message.arrivals > others {
            note(&mut wrong, || {
                format!("message {index} is {times} times in the history, came {} times", message.arrivals)
            });
        }
        if message.accepted == 0 {
            tally.refused += u64::from(message.refused);
            tally.unknown += u64::from(!message.refused);
            if message.refused && times > 0 {
                tally.ghosts += 1;
                note(&mut wrong, || format!("message {index} was refused and is in the history"));
            }
            continue;
        }
        tally.accepted += 1;
        tally.delivered += u64::from(message.arrivals >= others);
        if times == 0 && message.arrivals >= others && message.accepted > end {
            tally.unfiled += 1;
        } else if times == 0 || message.arrivals < others {
            tally.lost += 1;
            note(&mut wrong, || {
                format!(
                    "message {index}, accepted as {}, is {times} times in the history and arrived {} of {others} times",
                    message.accepted, message.arrivals
                )
            });
        } else if seq != message.accepted {
            tally.misordered += 1;
            note(&mut wrong, || format!("message {index} was accepted as {} and is {seq}", message.accepted));
        }
    }
    (tally, wrong)
}

fn note(wrong: &mut Vec<String>, what: impl FnOnce() -> String) {
    if wrong.len() < MOST_FOR_EACH {
        wrong.push(what());
    }
}

/// Things named for each conversation.
const MOST_FOR_EACH: usize = 3;

impl Tally {
    /// Adds those of another conversation or generator.
    pub(crate) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.accepted += other.accepted;
        self.delivered += other.delivered;
        self.lost += other.lost;
        self.unfiled += other.unfiled;
        self.duplicated += other.duplicated;
        self.misordered += other.misordered;
        self.unknown += other.unknown;
        self.refused += other.refused;
        self.ghosts += other.ghosts;
    }
}
