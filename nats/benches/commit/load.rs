//! Offering records at a rate, and measuring when each is on disk.

use std::{sync::Arc, time::Duration};

use hdrhistogram::Histogram;
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, interval},
};

/// How many conversations write.
pub(crate) const CONVERSATIONS: usize = 2_000;

/// A record that is to be brought to disk.
pub(crate) struct Due {
    pub conversation: usize,
    pub at: Instant,
    pub done: mpsc::UnboundedSender<Duration>,
}

impl Due {
    /// It is on disk.
    pub(crate) fn settle(self) {
        let _ended = self.done.send(self.at.elapsed());
    }
}

/// A way that is ready to take records.
pub(crate) struct Road {
    pub take: Box<dyn Fn(Due) + Send + Sync>,
    pub tasks: Vec<JoinHandle<()>>,
}

impl Drop for Road {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// What came of it. Times in microseconds, from the moment at which a record was due.
pub(crate) struct Figures {
    pub done: u64,
    pub histogram: Histogram<u64>,
    pub took: Duration,
}

/// Offers `rate` records a second for `time`, and waits until all are done, but not much longer.
pub(crate) async fn offer(road: &Road, rate: u64, time: Duration) -> Figures {
    let (done, mut results) = mpsc::unbounded_channel();
    let begun = Instant::now();
    let total = rate * time.as_secs();
    let mut ticks = interval(Duration::from_millis(1));
    let mut sent = 0;
    while sent < total {
        ticks.tick().await;
        let due = (begun.elapsed().as_micros() as u64 * rate / 1_000_000).min(total);
        while sent < due {
            let at = begun + Duration::from_micros(sent * 1_000_000 / rate);
            (road.take)(Due { conversation: sent as usize % CONVERSATIONS, at, done: done.clone() });
            sent += 1;
        }
    }
    drop(done);
    let mut histogram = Histogram::new_with_bounds(1, 120_000_000, 3).unwrap();
    let mut last = begun;
    let give_up = begun + time * 3;
    while let Ok(Some(took)) = tokio::time::timeout_at(give_up, results.recv()).await {
        histogram.saturating_record(took.as_micros() as u64);
        last = Instant::now();
    }
    Figures { done: histogram.len(), histogram, took: last.duration_since(begun).max(time) }
}

/// A payload as large as a short message with its envelope.
pub(crate) fn payload() -> Arc<[u8]> {
    vec![7_u8; 400].into()
}
