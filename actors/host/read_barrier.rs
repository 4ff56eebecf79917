//! Read barrier: waits until the database holds everything that was logged before the call.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use frontdesk_ports::{Clock, LogInspector, StreamPosition};
use tokio::sync::Mutex;

/// Where the log and the queue for the database stand, read for all who ask on this node together: however many
/// consoles come back at once, the broker is asked only every [`EVERY`].
pub(crate) struct ReadBarrier {
    inspector: Arc<dyn LogInspector>,
    clock: Arc<dyn Clock>,
    /// Readings that have begun.
    begun: AtomicU64,
    last: Mutex<Reading>,
}

/// One look at the broker.
#[derive(Debug, Clone, Default)]
struct Reading {
    /// Number of the reading; each reading has the next one.
    number: u64,
    /// What it found; `None` when there was no answer.
    streams: Option<Arc<[StreamPosition]>>,
    /// When it ended (monotonic clock).
    ended_at: Option<Duration>,
}

impl ReadBarrier {
    pub(crate) fn new(inspector: Arc<dyn LogInspector>, clock: Arc<dyn Clock>) -> Self {
        Self { inspector, clock, begun: AtomicU64::new(0), last: Mutex::default() }
    }

    /// Waits until the queue for the database has processed every record that was logged before this call. What it has
    /// processed is in the database, or a dead letter.
    pub(crate) async fn wait_persisted(&self) {
        // Whatever was logged before a reading began is in it; one under way may have looked before.
        let mut seen = self.begun.load(Ordering::SeqCst);
        let mut goal: Option<Arc<[StreamPosition]>> = None;
        loop {
            let reading = self.reading_after(seen).await;
            seen = reading.number;
            let Some(now) = reading.streams else { continue };
            if has_processed(&now, goal.get_or_insert_with(|| Arc::clone(&now))) {
                return;
            }
        }
    }

    /// The next reading with a higher number; makes it unless another task is doing so.
    async fn reading_after(&self, number: u64) -> Reading {
        let mut last = self.last.lock().await;
        if last.number > number {
            return last.clone();
        }
        if let Some(ended_at) = last.ended_at {
            let rest = EVERY.saturating_sub(self.clock.monotonic().saturating_sub(ended_at));
            tokio::time::sleep(rest).await;
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        // Not the consumers' word for it (`backlog`): one may be led by a server that has not heard of the last record
        // yet.
        let streams = tokio::time::timeout(LONGEST_READING, self.inspector.streams()).await;
        let streams = streams.ok().and_then(Result::ok).map(Arc::from);
        *last = Reading { number, streams, ended_at: Some(self.clock.monotonic()) };
        last.clone()
    }
}

/// Whether `now` everything is processed that was logged at the time of `goal`.
fn has_processed(now: &[StreamPosition], goal: &[StreamPosition]) -> bool {
    goal.iter().all(|goal| now.iter().any(|now| now.stream == goal.stream && now.processed_seq >= goal.last_seq))
}

/// Shortest time between two readings.
const EVERY: Duration = Duration::from_millis(150);

/// How long the broker may take for one.
const LONGEST_READING: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use std::sync::Mutex as Held;

    use async_trait::async_trait;
    use frontdesk_domain::{ConversationKey, Timestamp};
    use frontdesk_ports::{Backlog, LogError, LoggedAck, LoggedRecord, TenantFilter};
    use tokio::time::{Instant, timeout};

    use super::*;

    /// A broker that counts how often it is asked.
    #[derive(Default)]
    struct Counting {
        streams: Held<Option<Vec<StreamPosition>>>,
        asked: AtomicU64,
    }

    impl Counting {
        fn set(&self, positions: &[(u64, u64)]) {
            let stream = |(number, (last_seq, processed_seq)): (usize, &(u64, u64))| StreamPosition {
                stream: number.to_string(),
                first_seq: 1,
                last_seq: *last_seq,
                processed_seq: *processed_seq,
                crowded: false,
            };
            *self.streams.lock().unwrap() = Some(positions.iter().enumerate().map(stream).collect());
        }
    }

    #[async_trait]
    impl LogInspector for Counting {
        fn stream_names(&self) -> Vec<String> {
            vec![]
        }

        async fn backlog(&self, _: &str) -> Result<Backlog, LogError> {
            Ok(Backlog::default())
        }

        async fn streams(&self) -> Result<Vec<StreamPosition>, LogError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let held = self.streams.lock().unwrap().clone();
            held.ok_or_else(|| LogError::Unavailable("away".into()))
        }

        async fn scan(&self, _: &str, _: TenantFilter, _: u64, _: usize) -> Result<Vec<LoggedRecord>, LogError> {
            Ok(vec![])
        }

        async fn last_logged(&self, _: ConversationKey) -> Result<u64, LogError> {
            Ok(0)
        }

        async fn acknowledged(&self, _: ConversationKey) -> Result<u64, LogError> {
            Ok(0)
        }

        async fn acknowledgement_position(&self) -> Result<StreamPosition, LogError> {
            Err(LogError::Unavailable("there is none".into()))
        }

        async fn acknowledgements(&self, _: TenantFilter, _: u64, _: usize) -> Result<Vec<LoggedAck>, LogError> {
            Ok(vec![])
        }
    }

    /// A clock that goes as the runtime's timers do.
    struct RuntimeClock(Instant);

    impl Clock for RuntimeClock {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }

        fn monotonic(&self) -> Duration {
            self.0.elapsed()
        }
    }

    /// One whose time jumps when everyone waits.
    fn read_barrier() -> (Arc<Counting>, Arc<ReadBarrier>) {
        let broker = Arc::new(Counting::default());
        let barrier = ReadBarrier::new(Arc::clone(&broker) as _, Arc::new(RuntimeClock(Instant::now())));
        (broker, Arc::new(barrier))
    }

    const A_WHILE: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn it_passes_when_every_stream_is_processed_as_far_as_it_was_logged_at_first() {
        let (broker, barrier) = read_barrier();
        broker.set(&[(5, 5), (9, 9)]);
        barrier.wait_persisted().await;
        broker.set(&[(5, 5), (9, 8)]);
        let waiting = tokio::spawn({
            let barrier = Arc::clone(&barrier);
            async move { barrier.wait_persisted().await }
        });
        assert!(
            timeout(A_WHILE, async {
                while !waiting.is_finished() {
                    tokio::time::sleep(EVERY).await
                }
            })
            .await
            .is_err()
        );
        // What is logged meanwhile is not waited for.
        broker.set(&[(50, 5), (90, 9)]);
        timeout(A_WHILE, waiting).await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_broker_that_does_not_answer_is_asked_until_it_does() {
        let (broker, barrier) = read_barrier();
        assert!(timeout(A_WHILE, barrier.wait_persisted()).await.is_err());
        assert!(broker.asked.load(Ordering::SeqCst) <= 1 + (A_WHILE.as_millis() / EVERY.as_millis()) as u64);
        broker.set(&[(5, 5)]);
        timeout(A_WHILE, barrier.wait_persisted()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_storm_of_consoles_asks_the_broker_no_more_often_than_one() {
        let (broker, barrier) = read_barrier();
        broker.set(&[(5, 4)]);
        let begun = Instant::now();
        let console = |_| {
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move { timeout(A_WHILE, barrier.wait_persisted()).await })
        };
        let consoles: Vec<_> = (0..3_000).map(console).collect();
        for console in consoles {
            assert!(console.await.unwrap().is_err());
        }
        let readings = 1 + begun.elapsed().as_millis() / EVERY.as_millis();
        assert!(u128::from(broker.asked.load(Ordering::SeqCst)) <= readings);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reading_that_began_before_does_not_count() {
        let (broker, barrier) = read_barrier();
        broker.set(&[(5, 5)]);
        barrier.wait_persisted().await;
        // Logged since, and not processed: the last reading knows nothing of it.
        broker.set(&[(6, 5)]);
        assert!(timeout(A_WHILE, barrier.wait_persisted()).await.is_err());
    }
}
