//! An entity's place in its shard.

use std::{collections::VecDeque, time::Duration};

use actix::{Addr, dev::SendError};

use super::entity::{Entity, EntityCall, Input, Refusal};

/// An entity that runs, or is being loaded.
pub(super) enum Slot<E: Entity> {
    /// Being loaded; calls wait, bounded by `Limits::waiting`.
    Loading(Waiting<E::Call>),
    /// The actor runs and takes calls.
    Running(Running<E>),
}

/// Calls that wait for an entity to be loaded.
#[derive(Debug)]
pub(super) struct Waiting<C> {
    calls: VecDeque<C>,
    /// Whether something live came meanwhile: it may not be in what is being read, so the entity looks again after
    /// that.
    catch_up: bool,
}

/// The actor of an entity, as its shard sees it.
pub(super) struct Running<E: Entity> {
    addr: Addr<E>,
    pub(super) generation: u64,
    /// How many inputs were handed over.
    routed: u64,
    /// Whether something live could not be handed over: it must catch up.
    missed: bool,
}

impl<C: EntityCall> Waiting<C> {
    /// `call` is the one for which the entity is loaded.
    pub(super) fn first(call: C) -> Self {
        Self { calls: VecDeque::from([call]), catch_up: false }
    }

    /// Takes `call` in, unless as many as `most` wait already.
    pub(super) fn push(&mut self, call: C, most: usize) {
        if self.calls.len() < most { self.calls.push_back(call) } else { call.refuse(Refusal::Busy) }
    }

    /// Has the entity catch up once it is loaded.
    pub(super) const fn catch_up(&mut self) {
        self.catch_up = true;
    }

    /// Whether any of them may bring the entity into being.
    pub(super) fn creates(&self) -> bool {
        self.calls.iter().any(EntityCall::creates)
    }

    /// Refuses all of them.
    pub(super) fn refuse(self, why: Refusal) {
        self.calls.into_iter().for_each(|call| call.refuse(why));
    }

    /// Refuses calls that came in longer than `longest` before `now`.
    pub(super) fn expire(&mut self, now: Duration, longest: Duration) {
        let is_late = |call: &C| call.waiting_since().is_some_and(|since| now.saturating_sub(since) > longest);
        while let Some(late) = self.calls.iter().position(is_late) {
            self.calls.remove(late).into_iter().for_each(|call| call.refuse(Refusal::Unavailable));
        }
    }

    /// What to hand over, in order.
    pub(super) fn into_inputs(self) -> impl Iterator<Item = Input<C>> {
        self.calls.into_iter().map(Input::Call).chain(self.catch_up.then_some(Input::CatchUp))
    }
}

impl<E: Entity> Running<E> {
    pub(super) const fn new(addr: Addr<E>, generation: u64) -> Self {
        Self { addr, generation, routed: 0, missed: false }
    }

    /// Hands `input` over, or refuses it if the mailbox is full. Gives it back if the actor has ended.
    pub(super) fn hand_over(&mut self, input: Input<E::Call>) -> Option<Input<E::Call>> {
        match self.addr.try_send(input) {
            Ok(()) => {
                self.routed += 1;
                None
            }
            Err(SendError::Closed(input)) => Some(input),
            Err(SendError::Full(input)) => {
                metrics::counter!(E::METRICS.mailbox_full).increment(1);
                match input {
                    Input::Call(call) => {
                        self.missed |= call.is_resent_by_catching_up();
                        call.refuse(Refusal::Busy);
                    }
                    Input::CatchUp => self.missed = true,
                    Input::Stale | Input::Quit => {}
                }
                None
            }
        }
    }

    /// Has the entity catch up if something live was missed.
    pub(super) fn resend_missed(&mut self) {
        if std::mem::take(&mut self.missed) {
            let _ended = self.hand_over(Input::CatchUp);
        }
    }

    /// Ends the actor if it has `handled` all that was handed over; whether it has.
    pub(super) fn quit(&self, handled: u64) -> bool {
        let rests = self.routed == handled;
        if rests {
            // Nothing can follow: only this shard has the address. With it the actor ends, should this not arrive.
            let _ended = self.addr.try_send(Input::Quit);
        }
        rests
    }
}
