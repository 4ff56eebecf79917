//! One timer for all sessions of a thread: a timer for each would cost more than the rest of an idle session.
//!
//! A list that is scanned every few seconds. It wakes those that are due or were marked lagging; the others are not
//! touched.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::LocalKey,
    time::Duration,
};

use actix::{Actor, Addr, Context, Handler, Message, WeakAddr};
use tokio::time::Instant;

/// The deadline has passed, or the actor is lagging.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct Wake;

/// An actor that has its deadlines in a list of its thread.
pub(super) trait HasDeadlines: Actor<Context = Context<Self>> + Handler<Wake> {
    /// The list of this thread.
    fn list() -> &'static LocalKey<RefCell<DeadlineList<Self>>>;
}

/// An actor's entry in the list of its thread; removed when dropped.
pub(super) struct Timer<A: HasDeadlines>(u32, std::marker::PhantomData<A>);

/// The deadlines of the actors of one thread.
pub(super) struct DeadlineList<A: Actor> {
    entries: Vec<Option<Deadline<A>>>,
    free: Vec<u32>,
    /// Time between two scans: the shortest that any actor asked for. `None` while there is no entry.
    every: Option<Duration>,
}

pub(super) struct Deadline<A: Actor> {
    /// Weak, because the socket keeps its session alive. A recipient for each session would take four times as much.
    actor: WeakAddr<A>,
    lagging: Arc<AtomicBool>,
    due: Instant,
}

impl<A: HasDeadlines> Timer<A> {
    /// Wakes `actor` after `first`, and when it is `lagging`; both to within `every`.
    pub(super) fn start(actor: &Addr<A>, lagging: Arc<AtomicBool>, every: Duration, first: Duration) -> Self {
        A::list().with_borrow_mut(|list| {
            if list.every.is_none() {
                actix_rt::spawn(scan_regularly::<A>());
            }
            list.every = Some(list.every.map_or(every, |shortest| shortest.min(every)));
            let deadline = Some(Deadline { actor: actor.downgrade(), lagging, due: Instant::now() + first });
            let free = list.free.pop().unwrap_or_else(|| {
                list.entries.push(None);
                list.entries.len() as u32 - 1
            });
            list.entries[free as usize] = deadline;
            Self(free, std::marker::PhantomData)
        })
    }

    /// Wakes the actor after `time` instead.
    pub(super) fn wake_after(&self, time: Duration) {
        self.with(|deadline| deadline.due = Instant::now() + time);
    }

    /// Wakes the actor after `time`, unless it is woken before.
    pub(super) fn wake_within(&self, time: Duration) {
        self.with(|deadline| deadline.due = deadline.due.min(Instant::now() + time));
    }

    fn with(&self, change: impl FnOnce(&mut Deadline<A>)) {
        A::list().with_borrow_mut(|list| list.entries[self.0 as usize].as_mut().map(change));
    }
}

impl<A: HasDeadlines> Drop for Timer<A> {
    fn drop(&mut self) {
        // The thread may be ending.
        let _ending = A::list().try_with(|list| list.borrow_mut().remove(self.0));
    }
}

impl<A: Actor> Default for DeadlineList<A> {
    fn default() -> Self {
        Self { entries: Vec::new(), free: Vec::new(), every: None }
    }
}

impl<A: Actor> DeadlineList<A> {
    fn remove(&mut self, entry: u32) {
        self.entries[entry as usize] = None;
        self.free.push(entry);
        if self.free.len() == self.entries.len() {
            // The last one: no memory is kept, and the scan ends.
            (self.entries, self.free) = (Vec::new(), Vec::new());
        }
    }
}

impl<A: HasDeadlines> DeadlineList<A> {
    fn scan(&mut self) {
        let now = Instant::now();
        for deadline in self.entries.iter_mut().flatten() {
            let lagging = deadline.lagging.load(Ordering::Acquire);
            if !(deadline.due <= now || lagging) {
                continue;
            }
            // Each sender has one slot besides the mailbox's capacity, so this succeeds even when the mailbox is full.
            if deadline.actor.upgrade().is_some_and(|actor| actor.try_send(Wake).is_ok()) {
                deadline.due = now + UNTIL_SET_AGAIN;
            }
        }
    }
}

async fn scan_regularly<A: HasDeadlines>() {
    let _scanning = Scanning::<A>(std::marker::PhantomData);
    while let Some(every) = A::list().with_borrow(|list| list.every) {
        tokio::time::sleep(every).await;
        let empty = A::list().with_borrow_mut(|list| {
            list.scan();
            list.entries.is_empty()
        });
        if empty {
            return;
        }
    }
}

/// Notes the end of the scans, also when their runtime ends: the next timer begins them again.
struct Scanning<A: HasDeadlines>(std::marker::PhantomData<A>);

impl<A: HasDeadlines> Drop for Scanning<A> {
    fn drop(&mut self) {
        let _ending = A::list().try_with(|list| list.borrow_mut().every = None);
    }
}

/// A woken actor sets its next deadline itself; this bounds the wait should it fail to.
const UNTIL_SET_AGAIN: Duration = Duration::from_secs(60);
