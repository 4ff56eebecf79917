//! Counts the times that live messages may have been missed: a lost connection, or a full buffer.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use tokio::sync::watch;

/// The count. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reconnects {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    count: watch::Sender<u64>,
    /// Subscriptions that lost their connection and receive nothing yet.
    open_outages: AtomicUsize,
    /// Whether messages were dropped since the last check.
    overflowed: AtomicBool,
}

/// A subscription that receives nothing. The count grows when the last outage ends: a reader that catches up before
/// would have to do so again.
#[derive(Debug)]
pub(crate) struct Outage(Arc<Shared>);

impl Reconnects {
    /// The count, now and whenever it grows.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.shared.count.subscribe()
    }

    /// A subscription lost its connection; drop the result when it receives again.
    pub(crate) fn outage(&self) -> Outage {
        self.shared.open_outages.fetch_add(1, Ordering::AcqRel);
        Outage(Arc::clone(&self.shared))
    }

    /// Messages were dropped. The library reports each one, so they count once, at the next [`Self::count_overflow`].
    pub(crate) fn overflow(&self) {
        self.shared.overflowed.store(true, Ordering::Release);
    }

    /// Raises the count if messages were dropped since the last call.
    pub(crate) fn count_overflow(&self) {
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

impl Drop for Outage {
    fn drop(&mut self) {
        if self.0.open_outages.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.raise();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_grows_when_the_last_outage_ends() {
        let reconnects = Reconnects::default();
        let count = reconnects.watch();
        let (one, two) = (reconnects.outage(), reconnects.outage());
        drop(two);
        assert_eq!(*count.borrow(), 0);
        drop(one);
        assert_eq!(*count.borrow(), 1);
    }

    #[test]
    fn a_flood_of_dropped_messages_counts_once_for_each_check() {
        let reconnects = Reconnects::default();
        let count = reconnects.watch();
        reconnects.count_overflow();
        for _ in 0..1000 {
            reconnects.overflow();
        }
        reconnects.count_overflow();
        reconnects.count_overflow();
        assert_eq!(*count.borrow(), 1);
    }
}
