//! Giving memory back after a rush: pages that the writer keeps are of little use once hardly anybody writes.

use std::{
    sync::{
        Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::SqlitePool;

/// How many batches were written.
#[derive(Debug, Default)]
pub(crate) struct Written(AtomicU64);

/// What was seen of them.
#[derive(Debug, Default)]
struct Seen {
    last: u64,
    given_back: u64,
}

impl Written {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Seen {
    /// Whether memory is to be given back, `written` batches having been written: some since it was last, few since the
    /// last look.
    fn is_time(&mut self, written: u64) -> bool {
        let few = written - self.last <= FEW;
        self.last = written;
        let is_time = few && written > self.given_back;
        if is_time {
            self.given_back = written;
        }
        is_time
    }
}

/// Looks now and then, for as long as the store lives. A file that is large and seldom written is read again from what
/// the system keeps of it.
pub(crate) async fn give_back(writer: SqlitePool, written: Weak<Written>) {
    let mut seen = Seen::default();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(written) = written.upgrade() else { return };
        if seen.is_time(written.0.load(Ordering::Relaxed)) {
            // In vain when the store is being closed, and then everything is given back.
            let _closed = sqlx::query("pragma shrink_memory").execute(&writer).await;
        }
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Batches between two looks that are worth no cache.
const FEW: u64 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_given_back_after_a_rush_and_once() {
        let mut seen = Seen::default();
        assert!(!seen.is_time(0), "nothing was written yet");
        assert!(!seen.is_time(500) && !seen.is_time(1_000), "much is being written");
        assert!(seen.is_time(1_005), "hardly anything is");
        assert!(!seen.is_time(1_005), "nothing was written since");
        assert!(seen.is_time(1_006));
    }
}
