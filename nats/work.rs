//! Work queues: one pull per stream, answered into one buffer.
//!
//! Each part of the queue (a consumer on one of the streams) has at most one pull request open at the broker. It stays open
//! between two takes, so that records arrive while the worker is busy with the last batch. Pulls expire after seconds and
//! are asked again by the next take: that alone mends lost answers, a consumer that was made anew and a leader that moved,
//! and a worker that stops taking hoards nothing. All pulls together ask for no more than twice a batch.
//!
//! Entries of one conversation are worth most when one worker has them all: two that share a stream find holes in each batch,
//! and each reads and writes what the other one has. So a part is at one worker at a time (the broker pins it), the others stand
//! by, and who has more than its share lets one part go.

mod handle;
mod pulls;
mod share;

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

use crate::{
    link::{Link, NotConnected},
    log::Shared,
    payload,
    topology::{Queue, is_pinned},
    trim,
};
use handle::Handle;
use pulls::Pulls;

/// One worker's view of a queue.
pub(crate) struct Work {
    shared: Arc<Shared>,
    queue: Queue,
    /// Stream and consumer of each part.
    parts: Arc<[(String, String)]>,
    buffer: Mutex<Buffer>,
}

/// What was asked for and what came.
#[derive(Default)]
struct Buffer {
    pulls: Option<Pulls>,
    ready: VecDeque<Delivery>,
}

impl Work {
    pub(crate) fn new(shared: Arc<Shared>, queue: Queue) -> Self {
        let parts = shared.topology.parts(queue).into();
        Self { shared, queue, parts, buffer: Mutex::default() }
    }

    /// The pulls of the present connection; waits for one until `deadline`.
    async fn pulls<'a>(&self, buffer: &'a mut Buffer, deadline: Instant) -> Result<&'a mut Pulls, LogError> {
        let mut links = self.shared.links.clone();
        let link = match links.get() {
            Ok(link) => link,
            Err(NotConnected) => {
                let next = tokio::time::timeout_at(deadline, links.after(None)).await.ok().flatten();
                next.ok_or_else(|| LogError::Unavailable(NotConnected.into()))?
            }
        };
        let pulls = match buffer.pulls.take() {
            Some(pulls) if pulls.are_of(&link) => pulls,
            former => Pulls::open(link, &self.parts, is_pinned(self.queue), former).await?,
        };
        Ok(buffer.pulls.insert(pulls))
    }

    /// Takes one answer in: a record, the end of a pull, or how a part's queue is.
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
        if pulls.take_count(&message).await? {
            return Ok(());
        }
        let pin = message.headers.as_ref().and_then(|headers| headers.get(PIN)).map(|pin| pin.as_str().to_owned());
        let Some(delivery) = self.delivery(message, &pulls.link) else { return Ok(()) };
        pulls.brought(&delivery.stream, pin.as_deref());
        ready.push_back(delivery);
        Ok(())
    }

    fn delivery(&self, message: Message, link: &Link) -> Option<Delivery> {
        let payload = payload::unpack_or_raw(message.headers.as_ref(), &message.payload);
        let reply = message.reply.clone()?;
        let subject = message.subject.to_string();
        let message = async_nats::jetstream::Message { message, context: link.broker.clone() };
        let info = message.info().ok()?;
        Some(Delivery {
            stream: info.stream.to_owned(),
            log_seq: info.stream_sequence,
            subject,
            payload,
            attempt: info.delivered.unsigned_abs(),
            handle: Box::new(Handle { shared: Arc::clone(&self.shared), reply }),
        })
    }
}

#[async_trait]
impl WorkSource for Work {
    fn name(&self) -> &str {
        self.queue.name()
    }

    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>, LogError> {
        let deadline = Instant::now() + wait;
        let mut buffer = self.buffer.lock().await;
        let mut has_asked = false;
        loop {
            self.pulls(&mut buffer, deadline).await?;
            let Buffer { pulls, ready } = &mut *buffer;
            let Some(open) = pulls else { continue };
            // First, so that a pull that was answered meanwhile is asked again at once. Not held to the budget of a task's turn,
            // which is used up after a hundred records or so: those left in the client would make one small batch after the other.
            while ready.len() < max
                && let Some(Some(message)) = unconstrained(open.answer()).now_or_never()
            {
                self.accept(message, open, ready).await?;
            }
            // Once for what shall come while the worker is busy with this batch, and as long as there is none.
            if !has_asked || ready.is_empty() {
                open.ask(ready.len(), max).await?;
                has_asked = true;
            }
            if !ready.is_empty() || Instant::now() >= deadline {
                let count = ready.len().min(max);
                return Ok(ready.drain(..count).collect());
            }
            let wake = open.next_due().map_or(deadline, |over| over.min(deadline));
            let mut links = self.shared.links.clone();
            let link = Arc::clone(&open.link);
            tokio::select! {
                Some(message) = open.answer() => self.accept(message, open, ready).await?,
                // Then the next round finds another connection, or asks again on this one.
                _ = links.after(Some(&link)) => {}
                () = sleep_until(wake) => {}
            }
        }
    }

    async fn pending(&self) -> Result<u64, LogError> {
        let link = self.shared.links.reach()?;
        let unavailable = |error: frontdesk_ports::BoxError| LogError::Unavailable(error);
        let link = &link;
        let parts = self.parts.iter().map(|(stream, consumer)| async move {
            let stream = link.broker.get_stream_no_info(stream).await.map_err(|error| unavailable(error.into()))?;
            let info = stream.consumer_info(consumer).await.map_err(|error| unavailable(error.into()))?;
            Ok::<u64, LogError>(info.num_pending)
        });
        let pending = try_join_all(parts).await?.into_iter().sum();
        metrics::gauge!("desk_consumer_pending", "consumer" => self.queue.name()).set(pending as f64);
        Ok(pending)
    }

    async fn floor(&self) -> Result<u64, LogError> {
        trim::floor_of(&self.shared, &self.parts).await
    }
}

/// Header in which the broker says that a part is at this worker.
const PIN: &str = "Nats-Pin-Id";
