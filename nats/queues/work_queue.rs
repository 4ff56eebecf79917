//! Work queues: one pull request per stream, all answered into one buffer.
//!
//! Each part of a queue (a consumer on one stream) has at most one open pull request at the broker. It stays open
//! between two calls of `take`, so that records arrive while the worker processes the last batch. Pulls expire after 3
//! s and are renewed by the next `take`: that recovers from lost answers, from a consumer that was created again and
//! from a change of leader, and a worker that stops taking holds no records back. All pulls together ask for at most
//! twice a batch.
//!
//! A batch is written with fewest statements when one worker has all entries of a conversation. So the broker pins each
//! part to one worker, the others stand by, and a worker with more than its share releases one part.

mod delivery;
mod pulls;
mod rebalance;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_nats::Message;
use async_trait::async_trait;
use frontdesk_ports::{Delivery, LogError, WorkSource};
use futures_util::{FutureExt as _, future::try_join_all};
use tokio::{
    sync::Mutex,
    task::coop::unconstrained,
    time::{Instant, sleep_until},
};

use super::positions;
use crate::{
    client::{Client, Connection, NotConnected, Unavailable, unpack_or_raw},
    topology::{Queue, is_pinned},
};
use delivery::Handle;
use pulls::Pulls;

/// One worker's view of a queue.
pub(crate) struct WorkQueue {
    client: Arc<Client>,
    queue: Queue,
    /// Stream and consumer of each part.
    parts: Arc<[(String, String)]>,
    buffer: Mutex<Buffer>,
}

/// Open pulls, and records that were received and not yet taken.
#[derive(Default)]
struct Buffer {
    pulls: Option<Pulls>,
    ready: VecDeque<Delivery>,
}

impl WorkQueue {
    pub(crate) fn new(client: Arc<Client>, queue: Queue) -> Self {
        let parts = client.topology.parts(queue).into();
        Self { client, queue, parts, buffer: Mutex::default() }
    }

    /// The pulls of the present connection; waits for a connection until `deadline`.
    async fn pulls<'a>(&self, buffer: &'a mut Buffer, deadline: Instant) -> Result<&'a mut Pulls, LogError> {
        let mut connections = self.client.connections.clone();
        let connection = match connections.get() {
            Ok(connection) => connection,
            Err(NotConnected) => {
                let next = tokio::time::timeout_at(deadline, connections.after(None)).await.ok().flatten();
                next.ok_or_else(|| LogError::Unavailable(NotConnected.into()))?
            }
        };
        let pulls = match buffer.pulls.take() {
            Some(pulls) if pulls.belong_to(&connection) => pulls,
            former => Pulls::open(connection, &self.parts, is_pinned(self.queue), former).await?,
        };
        Ok(buffer.pulls.insert(pulls))
    }

    /// Handles one answer: a record, the end of a pull, or the state of a consumer.
    async fn accept(
        &self,
        message: Message,
        pulls: &mut Pulls,
        ready: &mut VecDeque<Delivery>,
    ) -> Result<(), LogError> {
        if let Some(status) = message.status {
            pulls.end(&message, status);
            return Ok(());
        }
        if pulls.handle_consumer_info(&message).await? {
            return Ok(());
        }
        let pin = message.headers.as_ref().and_then(|headers| headers.get(PIN)).map(|pin| pin.as_str().to_owned());
        let Some(delivery) = self.delivery(message, &pulls.connection) else { return Ok(()) };
        pulls.record_received(&delivery.stream, pin.as_deref());
        ready.push_back(delivery);
        Ok(())
    }

    fn delivery(&self, message: Message, connection: &Connection) -> Option<Delivery> {
        let payload = unpack_or_raw(message.headers.as_ref(), &message.payload);
        let reply = message.reply.clone()?;
        let subject = self.client.subjects().parse(message.subject.as_str());
        let message = async_nats::jetstream::Message { message, context: connection.jetstream.clone() };
        let info = message.info().ok()?;
        Some(Delivery {
            stream: info.stream.to_owned(),
            log_seq: info.stream_sequence,
            subject,
            payload,
            attempt: info.delivered.unsigned_abs(),
            handle: Box::new(Handle { client: Arc::clone(&self.client), reply }),
        })
    }
}

#[async_trait]
impl WorkSource for WorkQueue {
    fn name(&self) -> &str {
        self.queue.name()
    }

    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>, LogError> {
        let deadline = Instant::now() + wait;
        let mut buffer = self.buffer.lock().await;
        let mut has_pulled = false;
        loop {
            self.pulls(&mut buffer, deadline).await?;
            let Buffer { pulls, ready } = &mut *buffer;
            let Some(open) = pulls else { continue };
            // First, so that a pull that was answered meanwhile is renewed at once. Without tokio's cooperative budget,
            // which ends after about a hundred records: the rest would come in one small batch after the other.
            while ready.len() < max
                && let Some(Some(message)) = unconstrained(open.answer()).now_or_never()
            {
                self.accept(message, open, ready).await?;
            }
            // Once for records that arrive while the worker processes this batch, and again as long as there is none.
            if !has_pulled || ready.is_empty() {
                open.ask(ready.len(), max).await?;
                has_pulled = true;
            }
            if !ready.is_empty() || Instant::now() >= deadline {
                let count = ready.len().min(max);
                return Ok(ready.drain(..count).collect());
            }
            let wake = open.next_due().map_or(deadline, |over| over.min(deadline));
            let mut connections = self.client.connections.clone();
            let connection = Arc::clone(&open.connection);
            tokio::select! {
                Some(message) = open.answer() => self.accept(message, open, ready).await?,
                // The next round finds another connection, or renews the pull on this one.
                _ = connections.after(Some(&connection)) => {}
                () = sleep_until(wake) => {}
            }
        }
    }

    async fn pending(&self) -> Result<u64, LogError> {
        let connection = self.client.connection()?;
        let connection = &connection;
        let parts = self.parts.iter().map(|(stream, consumer)| async move {
            let stream = connection.jetstream.get_stream_no_info(stream).await.map_err(Unavailable::new)?;
            let info = stream.consumer_info(consumer).await.map_err(Unavailable::new)?;
            Ok::<u64, Unavailable>(info.num_pending)
        });
        let pending = try_join_all(parts).await?.into_iter().sum();
        metrics::gauge!("desk_consumer_pending", "consumer" => self.queue.name()).set(pending as f64);
        Ok(pending)
    }

    async fn floor(&self) -> Result<u64, LogError> {
        positions::floor_of(&self.client, &self.parts).await
    }
}

/// Header with the broker's pin id: this worker has the part.
const PIN: &str = "Nats-Pin-Id";
