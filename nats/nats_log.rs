//! [`NatsLog`]: the broker's ports behind one handle.

mod inspector;
mod ports;

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::context::ContextBuilder;
use frontdesk_ports::{LogError, MaxDeliveryNotices, WorkSource};
use tokio::time::Instant;

use crate::{
    client::{Backoff, Client, bounded, publish_stored},
    error::SetupError,
    log::{acks::LastAcks, liveness::Liveness},
    options::NatsOptions,
    principals::{self, Principal},
    queues,
    subjects::Token,
    topology::Queue,
};

/// The message log on NATS JetStream. Clones share one connection, which is replaced whenever it is lost.
#[derive(Debug, Clone)]
pub struct NatsLog {
    client: Arc<Client>,
    last_acks: Arc<LastAcks>,
    liveness: Arc<Liveness>,
}

impl NatsLog {
    /// Connects, and makes sure that the broker holds the wanted streams and consumers.
    ///
    /// The connection's tasks run on the runtime that calls this; nothing may block its threads.
    ///
    /// # Errors
    /// [`SetupError`], with one line for the operator. Nothing was changed, except that missing streams and consumers
    /// may have been created.
    pub async fn connect(options: NatsOptions) -> Result<Self, SetupError> {
        let deadline = Instant::now() + options.patience;
        let client = Client::connect(options).await?;
        let mut backoff = Backoff::default();
        while let Err(error) = set_up(&client).await {
            if !error.is_transient() || Instant::now() >= deadline {
                return Err(error);
            }
            backoff.wait().await;
        }
        Ok(Self { client: Arc::new(client), last_acks: Arc::default(), liveness: Arc::default() })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// A worker's handle on a queue. Each has a buffer of its own; records taken through one are not delivered to
    /// another.
    #[must_use]
    pub fn work(&self, queue: Queue) -> Arc<dyn WorkSource> {
        Arc::new(queues::work_queue::WorkQueue::new(Arc::clone(&self.client), queue))
    }

    /// The records that the broker delivers no more.
    #[must_use]
    pub fn max_delivery_notices(&self) -> Arc<dyn MaxDeliveryNotices> {
        Arc::new(queues::max_delivery::MaxDeliveryQueue::new(Arc::clone(&self.client)))
    }

    /// Creates the consumer of a bridge or integrator, unless it exists. Only the core user may.
    ///
    /// # Errors
    /// [`SetupError`]: the broker refuses, or another consumer has that name.
    pub async fn add_principal(&self, principal: &Principal) -> Result<(), SetupError> {
        queues::principals::add(&self.client, principal).await
    }

    /// Deletes the consumer of a bridge or integrator, and with it its position. Does nothing if there is none.
    ///
    /// # Errors
    /// [`SetupError`]: the broker refuses.
    pub async fn remove_principal(&self, principal: &Principal) -> Result<(), SetupError> {
        queues::principals::remove(&self.client, principal).await
    }

    /// The bridges and integrators that have a consumer, by name.
    ///
    /// # Errors
    /// [`LogError`].
    pub async fn principals(&self) -> Result<Vec<Principal>, LogError> {
        queues::principals::list(&self.client).await
    }

    /// All subjects to which it may publish.
    #[must_use]
    pub fn rights_of(&self, principal: &Principal) -> Vec<String> {
        principal.services(self.client.subjects()).into_iter().map(|(subject, _)| subject).collect()
    }

    /// Its account, and what the desk's account must export for it, to be added to a broker's configuration by hand.
    #[must_use]
    pub fn configuration_of(&self, principal: &Principal, password_hash: &str) -> (String, String) {
        let subjects = self.client.subjects();
        (principal.account(subjects, password_hash), principals::exports(std::slice::from_ref(principal), subjects))
    }

    /// Whether there is a connection now. Only [`Self::probe`] shows whether the log stores anything.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.connections.get().is_ok()
    }

    /// Stores a small record for `node`, of which only the last is kept; for readiness checks.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] when the broker does not acknowledge it in time.
    pub async fn probe(&self, node: &Token) -> Result<(), LogError> {
        Ok(publish_stored(&self.client, self.client.subjects().probe(node), Vec::new()).await?)
    }

    /// For a graceful shutdown: waits until no append is in flight and all acknowledgements of work were written to the
    /// socket. No new ones may be started.
    pub async fn settled(&self) {
        let all = u32::try_from(self.client.options.max_in_flight).unwrap_or(u32::MAX);
        // An error means that the semaphore is closed, and then nothing is in flight either.
        let _ = self.client.append_slots.acquire_many(all).await;
        if let Ok(connection) = self.client.connection() {
            // Fails when the connection is cut at this moment; then the work is delivered again.
            let _ = bounded(self.client.options.ack_timeout, connection.client.flush()).await;
        }
    }

    /// For a graceful shutdown, after [`Self::settled`]: closes the connection for good, so that the end of the broker
    /// is no loss.
    pub async fn close(&self) {
        self.client.connections.close(self.client.options.ack_timeout).await;
    }
}

async fn set_up(client: &Client) -> Result<(), SetupError> {
    let connection = client.connections.get().map_err(|lost| SetupError::NotReady(lost.into()))?;
    // A cluster takes longer to create a stream than to append to it.
    let jetstream = ContextBuilder::new().timeout(SET_UP_TIMEOUT).build(connection.client.clone());
    let topology = &client.topology;
    if client.options.creates_missing { topology.ensure(&jetstream).await } else { topology.verify(&jetstream).await }
}

/// Time limit for each request that creates or checks a stream or consumer.
const SET_UP_TIMEOUT: Duration = Duration::from_secs(5);
