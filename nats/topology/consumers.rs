//! Configuration of the durable consumers: one for each work queue.

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PriorityPolicy, ReplayPolicy, pull::Config};

use super::{Queue, QueueSource, Topology, is_pinned};

impl Topology {
    /// All consumers, each with the name of its stream.
    #[must_use]
    pub fn consumers(&self) -> Vec<(String, Config)> {
        let consumers = Queue::all().flat_map(|queue| {
            self.parts(queue).into_iter().map(move |(stream, name)| (stream, self.consumer(queue, name)))
        });
        consumers.collect()
    }

    /// Hands a record out until it is acknowledged, however often: a limit would make the broker fall silent about it,
    /// and workers dead-letter what cannot be processed themselves.
    fn consumer(&self, queue: Queue, name: String) -> Config {
        let filter_subjects = match queue.source() {
            QueueSource::Receipts => self.subjects.receipts(),
            QueueSource::Entries | QueueSource::Inbound | QueueSource::MaxDeliveryNotices => Vec::new(),
        };
        let pinned = Config {
            priority_policy: PriorityPolicy::PinnedClient,
            priority_groups: vec![GROUP.to_owned()],
            // As long as a record may stay taken: a worker that is silent for longer loses its partitions and what it
            // took.
            priority_timeout: self.ack_wait,
            ..Config::default()
        };
        Config {
            durable_name: Some(name.clone()),
            name: Some(name),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            replay_policy: ReplayPolicy::Instant,
            ack_wait: self.ack_wait,
            max_deliver: -1,
            max_ack_pending: if queue.source() == QueueSource::Inbound { MAX_PUT_BACK } else { MAX_ACK_PENDING },
            max_waiting: MAX_WAITING,
            filter_subjects,
            ..if is_pinned(queue) { pinned } else { Config::default() }
        }
    }
}

/// Name of the group of workers of which one has a part.
pub(crate) const GROUP: &str = "workers";

/// Records of one consumer that all workers together may hold unanswered.
const MAX_ACK_PENDING: i64 = 5000;

/// The same for what bridges bring: an inbox that has used up its quota has that many put back before it keeps others
/// waiting.
const MAX_PUT_BACK: i64 = 20_000;

/// Pulls that may be open at once: one for each worker.
const MAX_WAITING: i64 = 512;
