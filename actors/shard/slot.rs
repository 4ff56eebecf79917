//! A conversation's place in its shard.

use std::{collections::VecDeque, time::Duration};

use actix::{Addr, dev::SendError};

use crate::conversation::{Call, ConversationActor, LONGEST_WAIT};

/// A conversation that is here, or on its way.
pub(super) enum Slot {
    /// Being rebuilt; calls wait, bounded by `conversation.queue_capacity`.
    Loading(Waiting),
    /// Here.
    Live(Resident),
}

/// Calls that wait for a conversation to be rebuilt.
#[derive(Debug, Default)]
pub(super) struct Waiting(VecDeque<Call>);

/// A conversation that is here.
pub(super) struct Resident {
    addr: Addr<ConversationActor>,
    pub(super) generation: u64,
    /// How many calls were handed over.
    routed: u64,
    /// Whether something live could not be handed over: it must catch up.
    missed: bool,
}

impl Waiting {
    /// Takes `call` in, unless as many as `most` wait already.
    pub(super) fn push(&mut self, call: Call, most: usize) {
        if self.0.len() < most { self.0.push_back(call) } else { call.refuse_busy() }
    }

    /// What is live now may not be in what is being read; a look after that finds it.
    pub(super) fn catch_up(&mut self) {
        if !self.0.iter().any(|call| matches!(call, Call::CatchUp)) {
            self.0.push_back(Call::CatchUp);
        }
    }

    /// Whether any of them may bring the conversation into being.
    pub(super) fn opens(&self) -> bool {
        self.0.iter().any(Call::opens)
    }

    /// Refuses commands that came in longer than [`LONGEST_WAIT`] before `now`.
    pub(super) fn expire(&mut self, now: Duration) {
        let since = |call: &Call| if let Call::Execute(call) = call { call.since } else { now };
        while let Some(late) = self.0.iter().position(|call| now.saturating_sub(since(call)) > LONGEST_WAIT) {
            self.0.remove(late).into_iter().for_each(Call::refuse_unavailable);
        }
    }
}

impl IntoIterator for Waiting {
    type Item = Call;
    type IntoIter = std::collections::vec_deque::IntoIter<Call>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Resident {
    pub(super) const fn new(addr: Addr<ConversationActor>, generation: u64) -> Self {
        Self { addr, generation, routed: 0, missed: false }
    }

    /// Hands `call` over, or refuses it if the mailbox is full. Gives it back if the actor is dead.
    pub(super) fn hand_over(&mut self, call: Call) -> Option<Call> {
        match self.addr.try_send(call) {
            Ok(()) => {
                self.routed += 1;
                None
            }
            Err(SendError::Closed(call)) => Some(call),
            Err(SendError::Full(call)) => {
                metrics::counter!("desk_conversation_mailbox_full_total").increment(1);
                self.missed |= matches!(call, Call::Live(_) | Call::Ack(_) | Call::CatchUp);
                call.refuse_busy();
                None
            }
        }
    }

    /// Sends a catch-up if something live was missed.
    pub(super) fn make_up(&mut self) {
        if std::mem::take(&mut self.missed) {
            let _dead = self.hand_over(Call::CatchUp);
        }
    }

    /// Ends the actor if it has `handled` all that was handed over; whether it has.
    pub(super) fn quit(&self, handled: u64) -> bool {
        let rests = self.routed == handled;
        if rests {
            // Nothing can follow: only this shard has the address. With it the actor ends, should this not arrive.
            let _gone = self.addr.try_send(Call::Quit);
        }
        rests
    }
}
