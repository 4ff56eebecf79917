//! What a person says, over however many sockets it takes: what was not answered is said again, as widgets and consoles
//! do.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_protocol::socket::ClientFrame;
use tokio::{sync::oneshot, time::sleep};
use uuid::Uuid;

use super::{frame::Names, socket::Sender, watch::Watch};
use crate::{
    clock::{Micros, now},
    ledger::Conversation,
    recorder::{Event, Hop, Recorder},
};

/// The sending side of a simulated contact or agent, and the requests that are not answered yet.
#[derive(Debug)]
pub(crate) struct Participant {
    /// Its name in complaints.
    pub(crate) who: String,
    pub(crate) names: Names,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) receipts: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    socket: Option<Sender>,
    watches: HashMap<Uuid, Watch>,
    /// Messages that were neither accepted nor refused for good, the oldest first.
    pending: VecDeque<Pending>,
    /// Other requests, by name, and who waits for the answer.
    asked: HashMap<Uuid, oneshot::Sender<Answer>>,
    /// It reads nothing until then.
    paused_until: Micros,
    /// It went, and does not come back.
    left: bool,
}

#[derive(Debug, Clone)]
struct Pending {
    conversation: Arc<Conversation>,
    index: usize,
    frame: ClientFrame,
    sent_at: Micros,
}

/// How a request was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Accepted, as the entry of this number.
    Accepted(u64),
    /// For good; with who won, by its entry, where that is the reason.
    Refused(String, Option<u64>),
    /// It may be asked again after a while.
    Later(Duration),
}

impl Participant {
    /// A participant that is not connected yet.
    pub(crate) fn new(who: String, names: Names, recorder: &Arc<Recorder>, receipts: bool) -> Arc<Self> {
        Arc::new(Self { who, names, recorder: Arc::clone(recorder), receipts, state: Mutex::default() })
    }

    /// A message that is due is said, or kept until there is a socket.
    pub(crate) fn say(
        self: &Arc<Self>,
        watched: &Arc<Conversation>,
        author: u16,
        due: Micros,
        phase: u16,
        bytes: usize,
    ) -> usize {
        let index = watched.plan(author, due, phase);
        self.recorder.count(Event::Offered);
        let frame = say(watched.id, self.names.name(watched.number, index, due), index, bytes);
        let pending = Pending { conversation: Arc::clone(watched), index, frame, sent_at: now() };
        let mut state = self.state();
        if let Some(socket) = &state.socket {
            let (recorder, place) = (Arc::clone(&self.recorder), watched.number);
            socket.send_and_tell(&pending.frame, move || {
                recorder.count(Event::Sent);
                recorder.took(place, phase, Hop::Lateness, due);
            });
        } else {
            watched.disturb();
        }
        state.pending.push_back(pending);
        index
    }

    /// Sends a frame that needs no answer, if there is a socket.
    pub(crate) fn send(&self, frame: &ClientFrame) {
        if let Some(socket) = &self.state().socket {
            socket.send(frame);
        }
    }

    /// Sends a request; the answer comes by the channel, unless the socket ends.
    pub(crate) fn ask(&self, frame: &ClientFrame) -> oneshot::Receiver<Answer> {
        let (tell, answer) = oneshot::channel();
        let mut state = self.state();
        if let (Some(socket), Some(name)) = (&state.socket, frame.client_id()) {
            socket.send(frame);
            state.asked.insert(name.0, tell);
        }
        answer
    }

    /// Looks at a conversation from now on, of which it holds what came up to `last_seq`.
    pub(crate) fn watch(&self, conversation: &Arc<Conversation>, author: u16, last_seq: u64) {
        self.state().watches.insert(conversation.id, Watch::new(conversation, author, last_seq));
    }

    /// Does not look at it any longer.
    pub(crate) fn forget(&self, conversation: Uuid) {
        self.state().watches.remove(&conversation);
    }

    /// Does something with what is known of a conversation, if it is looked at. It must not speak meanwhile.
    pub(super) fn with<T>(&self, conversation: Uuid, act: impl FnOnce(&mut Watch) -> T) -> Option<T> {
        self.state().watches.get_mut(&conversation).map(act)
    }

    /// Which message of its own, not settled yet, bears this name.
    pub(super) fn message(&self, name: Uuid) -> Option<(Uuid, usize)> {
        let state = self.state();
        let ours = |pending: &&Pending| pending.frame.client_id().is_some_and(|own| own.0 == name);
        state.pending.iter().find(ours).map(|pending| (pending.conversation.id, pending.index))
    }

    /// Everything that it looks at.
    pub(super) fn watches(&self) -> Vec<Watch> {
        self.state().watches.values().cloned().collect()
    }

    /// From now on it speaks through this socket, and repeats what it said through another. Resumes come first.
    pub(super) fn connected(&self, socket: Sender, resumes: &[ClientFrame]) {
        resumes.iter().for_each(|frame| socket.send(frame));
        let mut state = self.state();
        let at = now();
        for pending in &mut state.pending {
            pending.sent_at = at;
            pending.repeat(&socket, &self.recorder);
        }
        state.socket = Some(socket);
    }

    /// There is no socket any longer.
    pub(super) fn disconnected(&self) {
        let mut state = self.state();
        state.socket = None;
        state.asked.clear();
        state.watches.values_mut().for_each(|watch| watch.catching_up = false);
    }

    /// Leaves: the listener closes the socket and does not reconnect.
    pub(crate) fn leave(&self) {
        self.send(&ClientFrame::Bye {});
        self.disconnected();
        self.state().left = true;
    }

    /// Whether it has left.
    pub(super) fn has_left(&self) -> bool {
        self.state().left
    }

    /// A request was answered.
    pub(super) fn answered(&self, name: Uuid, answer: Answer) {
        if let Some(tell) = self.state().asked.remove(&name) {
            let _nobody_waits = tell.send(answer);
        }
    }

    /// A message needs no more attention.
    pub(super) fn settled(&self, conversation: Uuid, index: usize) {
        let mut state = self.state();
        let found =
            state.pending.iter().position(|other| other.index == index && other.conversation.id == conversation);
        found.map(|place| state.pending.remove(place));
    }

    /// Says a message again after a while, unless it is settled by then.
    pub(super) fn repeat_after(self: &Arc<Self>, conversation: Uuid, index: usize, wait: Duration) {
        let this = Arc::clone(self);
        tokio::spawn(async move {
            sleep(wait).await;
            let mut state = this.state();
            let socket = state.socket.clone();
            let mut pending = state.pending.iter_mut();
            let found = pending.find(|other| other.index == index && other.conversation.id == conversation);
            if let (Some(pending), Some(socket)) = (found, socket) {
                pending.sent_at = now();
                pending.repeat(&socket, &this.recorder);
            }
        });
    }

    /// Says again what was not answered for long.
    pub(super) fn repeat_unanswered(&self) {
        let (mut state, at) = (self.state(), now());
        let Some(socket) = state.socket.clone() else { return };
        for pending in state.pending.iter_mut().take_while(|pending| pending.sent_at + ANSWER < at) {
            pending.sent_at = at;
            pending.repeat(&socket, &self.recorder);
        }
    }

    /// Reads nothing until then.
    pub(crate) fn turn_deaf(&self, until: Micros) {
        self.state().paused_until = until;
    }

    /// Until when it reads nothing.
    pub(super) fn paused_until(&self) -> Micros {
        self.state().paused_until
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn repeat(&mut self, socket: &Sender, recorder: &Recorder) {
        if let ClientFrame::Say { repeat, .. } = &mut self.frame {
            *repeat = true;
        }
        self.conversation.disturb();
        recorder.count(Event::Repeated);
        socket.send(&self.frame);
    }
}

fn say(conversation: Uuid, name: Uuid, index: usize, bytes: usize) -> ClientFrame {
    let mut text = format!("message {index} ");
    text.extend(std::iter::repeat_n('x', bytes.saturating_sub(text.len())));
    let text = text.try_into().expect("it is short and plain");
    ClientFrame::Say { client_id: id(name), conversation: id(conversation), text, parts: vec![], repeat: false }
}

/// An id as the protocol types it.
pub(crate) fn id<T: std::str::FromStr>(id: Uuid) -> T {
    id.to_string().parse().unwrap_or_else(|_| unreachable!("every UUID of ours is an id"))
}

/// How long an answer may take before the same is said again, in microseconds.
const ANSWER: Micros = 5_000_000;
