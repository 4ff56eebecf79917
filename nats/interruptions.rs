//! Counting the times that something live may have been missed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tokio::sync::watch;

/// The count, and what is about to raise it. Clones are the same count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interruptions {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    count: watch::Sender<u64>,
    /// Subscriptions that lost their connection and do not hear anything yet.
    broken: AtomicUsize,
    /// Whether messages were dropped since the last look.
    overflowed: AtomicBool,
}

/// A subscription that hears nothing. The last one to end raises the count: whoever catches up before that would have to
/// do so again.
#[derive(Debug)]
pub(crate) struct Broken(Arc<Shared>);

impl Interruptions {
    /// The count, now and whenever it grows.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.shared.count.subscribe()
    }

    /// A subscription lost its connection; drop the result when it hears again.
    pub(crate) fn begin(&self) -> Broken {
        self.shared.broken.fetch_add(1, Ordering::AcqRel);
        Broken(Arc::clone(&self.shared))
    }

    /// Messages were dropped. That comes in thousands, so it only counts at the next look.
    pub(crate) fn overflow(&self) {
        self.shared.overflowed.store(true, Ordering::Release);
    }

    /// Counts what overflowed since the last look.
    pub(crate) fn look(&self) {
        if self.shared.overflowed.swap(false, Ordering::AcqRel) {
            self.shared.raise();
        }
    }
}

impl Shared {
    fn raise(&self) {
        self.count.send_modify(|count| *count += 1);
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        if self.0.broken.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.raise();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_broken_subscription_raises_the_count() {
        let interruptions = Interruptions::default();
        let count = interruptions.watch();
        let (one, two) = (interruptions.begin(), interruptions.begin());
        drop(two);
        assert_eq!(*count.borrow(), 0);
        drop(one);
        assert_eq!(*count.borrow(), 1);
    }

    #[test]
    fn a_flood_of_dropped_messages_counts_once_for_each_look() {
        let interruptions = Interruptions::default();
        let count = interruptions.watch();
        interruptions.look();
        for _ in 0..1000 {
            interruptions.overflow();
        }
        interruptions.look();
        interruptions.look();
        assert_eq!(*count.borrow(), 1);
    }
}
