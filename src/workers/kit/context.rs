//! What a worker is made from: ports, settings, its status and its queue.

use std::sync::Arc;

use frontdesk_config::{Queue as QueueName, Role, WorkersSettings};
use frontdesk_ports::{
    Clock, Commands, Database, DeadLetterSink, DeadLetterStore, EventStream, Feed, Log, LogInspector,
    MaxDeliveryNotices, Trim, WorkSource,
};

use super::{queue::Queue, status::Status};

/// Opens a worker's own view of a queue.
pub type QueueOpener = Arc<dyn Fn(QueueName) -> Arc<dyn WorkSource> + Send + Sync>;

/// The ports that workers may use. A worker's constructor takes from it what that worker needs. Cloning it clones
/// handles.
#[derive(Clone)]
pub struct WorkerPorts {
    /// The message log at the broker.
    pub log: Arc<dyn Log>,
    /// All ports of the database.
    pub database: Database,
    /// Conversations of this process, to append to them.
    pub commands: Arc<dyn Commands>,
    /// Reads the log for reconciliation.
    pub log_inspector: Arc<dyn LogInspector>,
    /// Sends list rows to agents.
    pub feed: Arc<dyn Feed>,
    /// Stores records that cannot be processed.
    pub dead_letter_sink: Arc<dyn DeadLetterSink>,
    /// Reads and removes stored dead letters.
    pub dead_letters: Arc<dyn DeadLetterStore>,
    /// Records that the broker does not deliver any more.
    pub max_delivery_notices: Arc<dyn MaxDeliveryNotices>,
    /// The stream that events are published to.
    pub events: Arc<dyn EventStream>,
    /// Removes records from the log.
    pub trim: Arc<dyn Trim>,
    /// Wall clock and monotonic time.
    pub clock: Arc<dyn Clock>,
    /// Opens the work queue of a role.
    pub queues: QueueOpener,
}

/// Everything that one worker is made from.
#[derive(Clone)]
pub struct WorkerContext {
    ports: WorkerPorts,
    settings: WorkersSettings,
    role: Role,
    status: Arc<Status>,
}

impl WorkerContext {
    /// The context of a worker of `role`.
    #[must_use]
    pub fn new(ports: &WorkerPorts, settings: &WorkersSettings, role: Role) -> Self {
        let status = Arc::new(Status::new(role));
        Self { ports: ports.clone(), settings: settings.clone(), role, status }
    }

    /// The ports of this process.
    #[must_use]
    pub const fn ports(&self) -> &WorkerPorts {
        &self.ports
    }

    /// The settings of all workers.
    #[must_use]
    pub const fn settings(&self) -> &WorkersSettings {
        &self.settings
    }

    /// Where the worker reports how it is doing.
    #[must_use]
    pub const fn status(&self) -> &Arc<Status> {
        &self.status
    }

    /// The role's queue at the broker, if it has one.
    pub(crate) fn source(&self) -> Option<Arc<dyn WorkSource>> {
        self.role.queue().map(|queue| (self.ports.queues)(queue))
    }

    /// The role's queue, from which up to `batch` deliveries are taken at once.
    ///
    /// # Panics
    /// The table of roles gives this role no queue.
    pub(crate) fn queue(&self, batch: usize) -> Queue {
        let source = self.source().expect("the table of roles gives this worker a queue");
        let dead_letter_sink = self.ports.dead_letter_sink.clone();
        Queue::new(source, dead_letter_sink, self.status.clone(), batch, self.settings.persist_ack_wait)
    }

    /// The same, but what is taken comes from `dead_letters`, and what is to be a dead letter goes there.
    pub(crate) fn redelivering<L: WorkSource + DeadLetterSink + 'static>(mut self, dead_letters: &Arc<L>) -> Self {
        let source: Arc<dyn WorkSource> = dead_letters.clone();
        self.ports.queues = Arc::new(move |_| source.clone());
        self.ports.dead_letter_sink = dead_letters.clone();
        self
    }
}
