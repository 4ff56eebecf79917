//! One timer for all sessions of a thread: a timer for each would cost more than the rest of an idle session.
//!
//! It turns every few seconds, and wakes those that are due or were marked lagging. The others are not touched.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix::{Addr, Message, WeakAddr};
use tokio::time::Instant;

use super::actor::SessionActor;

/// Something is due, or the session is lagging.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct Look;

/// A session's place on the wheel of its thread; given up when dropped.
#[derive(Debug)]
pub(super) struct Spoke(u32);

#[derive(Default)]
struct Wheel {
    spokes: Vec<Option<Waiting>>,
    free: Vec<u32>,
    /// The shortest that any of them asked for; `None` while it stands still.
    every: Option<Duration>,
}

pub(super) struct Waiting {
    /// Whoever has the socket keeps the session alive. An address of its own for each session would take four times as much.
    session: WeakAddr<SessionActor>,
    lagging: Arc<AtomicBool>,
    due: Instant,
}

thread_local! {
    static WHEEL: RefCell<Wheel> = RefCell::default();
}

impl Spoke {
    /// Wakes `session` after `first`, and when it is `lagging`; looks `every` so often.
    pub(super) fn take(
        session: &Addr<SessionActor>,
        lagging: Arc<AtomicBool>,
        every: Duration,
        first: Duration,
    ) -> Self {
        WHEEL.with_borrow_mut(|wheel| {
            if wheel.every.is_none() {
                actix_rt::spawn(turn());
            }
            wheel.every = Some(wheel.every.map_or(every, |shortest| shortest.min(every)));
            let waiting = Some(Waiting { session: session.downgrade(), lagging, due: Instant::now() + first });
            let free = wheel.free.pop().unwrap_or_else(|| {
                wheel.spokes.push(None);
                wheel.spokes.len() as u32 - 1
            });
            wheel.spokes[free as usize] = waiting;
            Self(free)
        })
    }

    /// Wakes the session after `time` instead.
    pub(super) fn wake_after(&self, time: Duration) {
        self.with(|waiting| waiting.due = Instant::now() + time);
    }

    /// Wakes the session after `time`, unless it is woken before.
    pub(super) fn wake_within(&self, time: Duration) {
        self.with(|waiting| waiting.due = waiting.due.min(Instant::now() + time));
    }

    fn with(&self, change: impl FnOnce(&mut Waiting)) {
        WHEEL.with_borrow_mut(|wheel| wheel.spokes[self.0 as usize].as_mut().map(change));
    }
}

impl Drop for Spoke {
    fn drop(&mut self) {
        // The thread may be ending.
        let _ending = WHEEL.try_with(|wheel| wheel.borrow_mut().release(self.0));
    }
}

impl Wheel {
    fn release(&mut self, spoke: u32) {
        self.spokes[spoke as usize] = None;
        self.free.push(spoke);
        if self.free.len() == self.spokes.len() {
            // Nobody is left: no memory, and no timer at the next turn.
            (self.spokes, self.free) = (Vec::new(), Vec::new());
        }
    }

    fn wake(&mut self) {
        let now = Instant::now();
        for waiting in self.spokes.iter_mut().flatten() {
            let lagging = waiting.lagging.load(Ordering::Acquire);
            // Its mailbox takes this one even when it is full; on this thread it is emptied before the wheel comes by again.
            if !(waiting.due <= now || lagging) {
                continue;
            }
            if waiting.session.upgrade().is_some_and(|session| session.try_send(Look).is_ok()) {
                waiting.due = now + A_LONG_TIME;
            }
        }
    }
}

async fn turn() {
    let _turning = Turning;
    while let Some(every) = WHEEL.with_borrow(|wheel| wheel.every) {
        tokio::time::sleep(every).await;
        let empty = WHEEL.with_borrow_mut(|wheel| {
            wheel.wake();
            wheel.spokes.is_empty()
        });
        if empty {
            return;
        }
    }
}

/// Stands still when dropped, be it with its runtime: then the next session sets the wheel going again.
struct Turning;

impl Drop for Turning {
    fn drop(&mut self) {
        let _ending = WHEEL.try_with(|wheel| wheel.borrow_mut().every = None);
    }
}

/// Until the session says when it wants to be woken next; it does so whenever it is.
const A_LONG_TIME: Duration = Duration::from_secs(60);
