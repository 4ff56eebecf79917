//! Work queues: one pull per stream, answered into one buffer.
//!
//! Each part of the queue (a consumer on one of the streams) has at most one pull request open at the broker. It stays open
//! between two takes, so that records arrive while the worker is busy with the last batch. Pulls expire after seconds and
//! are asked again by the next take: that alone mends lost answers, a consumer that was made anew and a leader that moved,
//! and a worker that stops taking hoards nothing. All pulls together ask for no more than twice a batch.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_nats::{Message, StatusCode, Subject, Subscriber, jetstream::AckKind};
use async_trait::async_trait;
use frontdesk_ports::{Delivery, DeliveryHandle, LogError, WorkSource};
use futures_util::{FutureExt as _, StreamExt as _, future::try_join_all};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

use crate::{
    link::{Link, NotConnected, bounded},
    log::Shared,
    payload,
    topology::Queue,
};

/// One worker's view of a queue.
pub(crate) struct Work {
    shared: Arc<Shared>,
    queue: Queue,
    /// Stream and consumer of each part.
    parts: Vec<(String, String)>,
    buffer: Mutex<Buffer>,
}

/// What was asked for and what came.
#[derive(Default)]
struct Buffer {
    pulls: Option<Pulls>,
    ready: VecDeque<Delivery>,
}

/// The pulls of one connection.
struct Pulls {
    link: Arc<Link>,
    /// Answers to the pulls come on `<reply>.<part>.<number of the pull>`.
    reply: String,
    answers: Subscriber,
    open: Vec<Pull>,
}

/// The pull of one part.
#[derive(Debug, Clone, Copy)]
struct Pull {
    number: u64,
    /// Records that it may still bring.
    outstanding: usize,
    /// When it counts as over, whatever the broker says; before that, a part that failed is left alone.
    until: Instant,
}

impl Work {
    pub(crate) fn new(shared: Arc<Shared>, queue: Queue) -> Self {
        let parts = shared.topology.parts(queue);
        Self { shared, queue, parts, buffer: Mutex::default() }
    }

    /// The pulls of the present connection; waits for one until `deadline`.
    async fn pulls<'a>(&self, buffer: &'a mut Buffer, deadline: Instant) -> Result<&'a mut Pulls, LogError> {
        let mut links = self.shared.links.clone();
        let link = match links.get() {
            Ok(link) => link,
            Err(NotConnected) => {
                buffer.pulls = None;
                let next = tokio::time::timeout_at(deadline, links.after(None)).await.ok().flatten();
                next.ok_or_else(|| LogError::Unavailable(NotConnected.into()))?
            }
        };
        let present = buffer.pulls.take().filter(|pulls| Arc::ptr_eq(&pulls.link, &link));
        let pulls = match present {
            Some(pulls) => pulls,
            None => Pulls::open(link, self.parts.len()).await?,
        };
        Ok(buffer.pulls.insert(pulls))
    }

    /// Asks for more wherever nothing is on its way.
    async fn ask(&self, pulls: &mut Pulls, waiting: usize, max: usize) -> Result<(), LogError> {
        let now = Instant::now();
        for pull in pulls.open.iter_mut().filter(|pull| pull.until <= now) {
            pull.outstanding = 0;
        }
        let free = |pull: &Pull| pull.outstanding == 0 && pull.until <= now;
        let idle = pulls.open.iter().filter(|pull| free(pull)).count();
        let on_their_way: usize = pulls.open.iter().map(|pull| pull.outstanding).sum();
        let budget = (2 * max).saturating_sub(waiting + on_their_way);
        let share = (budget / idle.max(1)).clamp(1, max.max(1));
        for (part, (stream, consumer)) in self.parts.iter().enumerate().filter(|_| idle > 0) {
            if free(&pulls.open[part]) {
                pulls.send(part, stream, consumer, share).await?;
            }
        }
        Ok(())
    }

    /// Takes one answer in: a record, or the end of a pull.
    fn accept(&self, message: Message, pulls: &mut Pulls, ready: &mut VecDeque<Delivery>) {
        if let Some(status) = message.status {
            return pulls.end(&message, status);
        }
        let Some(delivery) = self.delivery(message, &pulls.link) else { return };
        let part = self.parts.iter().position(|(stream, _)| *stream == delivery.stream);
        if let Some(pull) = part.map(|part| &mut pulls.open[part]) {
            pull.outstanding = pull.outstanding.saturating_sub(1);
            if pull.outstanding == 0 {
                pull.until = Instant::now();
            }
        }
        ready.push_back(delivery);
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
        self.queue.as_str()
    }

    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>, LogError> {
        let deadline = Instant::now() + wait;
        let mut buffer = self.buffer.lock().await;
        let mut has_asked = false;
        loop {
            self.pulls(&mut buffer, deadline).await?;
            let Buffer { pulls, ready } = &mut *buffer;
            let Some(open) = pulls else { continue };
            // First, so that a pull that was answered meanwhile is asked again at once.
            while ready.len() < max
                && let Some(Some(message)) = open.answers.next().now_or_never()
            {
                self.accept(message, open, ready);
            }
            // Once for what shall come while the worker is busy with this batch, and as long as there is none.
            if !has_asked || ready.is_empty() {
                self.ask(open, ready.len(), max).await?;
                has_asked = true;
            }
            if !ready.is_empty() || Instant::now() >= deadline {
                let count = ready.len().min(max);
                return Ok(ready.drain(..count).collect());
            }
            let wake = open.open.iter().map(|pull| pull.until).min().map_or(deadline, |over| over.min(deadline));
            let mut links = self.shared.links.clone();
            tokio::select! {
                answer = open.answers.next() => match answer {
                    Some(message) => self.accept(message, open, ready),
                    None => *pulls = None,
                },
                _ = links.after(Some(&open.link)) => *pulls = None,
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
        metrics::gauge!("desk_consumer_pending", "consumer" => self.queue.as_str()).set(pending as f64);
        Ok(pending)
    }
}

impl Pulls {
    async fn open(link: Arc<Link>, parts: usize) -> Result<Self, LogError> {
        let reply = link.client.new_inbox();
        let answers = bounded(PATIENCE, link.client.subscribe(format!("{reply}.*.*"))).await?;
        let idle = Pull { number: 0, outstanding: 0, until: Instant::now() };
        Ok(Self { link, reply, answers, open: vec![idle; parts] })
    }

    async fn send(&mut self, part: usize, stream: &str, consumer: &str, batch: usize) -> Result<(), LogError> {
        let number = self.open[part].number + 1;
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
        let reply = format!("{}.{part}.{number}", self.reply);
        let request = serde_json::json!({"batch": batch, "expires": EXPIRES.as_nanos() as u64}).to_string();
        bounded(PATIENCE, self.link.client.publish_with_reply(subject, reply, request.into())).await?;
        self.open[part] = Pull { number, outstanding: batch, until: Instant::now() + EXPIRES + GRACE };
        Ok(())
    }

    /// Ends the pull that `message` is about. One that nothing answered, or whose consumer is moving, is not asked again
    /// at once.
    fn end(&mut self, message: &Message, status: StatusCode) {
        let mut tokens = message.subject.rsplit('.').map(str::parse::<u64>);
        let (Some(Ok(number)), Some(Ok(part))) = (tokens.next(), tokens.next()) else { return };
        let Some(pull) = usize::try_from(part).ok().and_then(|part| self.open.get_mut(part)) else { return };
        if pull.number != number || status == StatusCode::IDLE_HEARTBEAT {
            return;
        }
        let is_over = status == StatusCode::TIMEOUT || status == StatusCode::NOT_FOUND;
        if !is_over {
            tracing::debug!(%status, description = message.description.as_deref(), part, "a pull ended early");
        }
        pull.outstanding = 0;
        pull.until = if is_over { Instant::now() } else { Instant::now() + LEFT_ALONE };
    }
}

/// Answers the broker, over whatever connection there is then.
struct Handle {
    shared: Arc<Shared>,
    reply: Subject,
}

impl Handle {
    async fn answer(&self, kind: AckKind) -> Result<(), LogError> {
        let link = self.shared.links.reach()?;
        bounded(PATIENCE, link.client.publish(self.reply.clone(), kind.into())).await
    }
}

#[async_trait]
impl DeliveryHandle for Handle {
    async fn ack(&self) -> Result<(), LogError> {
        self.answer(AckKind::Ack).await
    }

    async fn retry(&self, delay: Duration) -> Result<(), LogError> {
        self.answer(AckKind::Nak(Some(delay))).await
    }

    async fn progress(&self) -> Result<(), LogError> {
        self.answer(AckKind::Progress).await
    }
}

/// How long a pull stays open at the broker.
const EXPIRES: Duration = Duration::from_secs(3);

/// How long after that the broker's word for it is waited for.
const GRACE: Duration = Duration::from_millis(500);

/// How long a part is left alone whose pull failed.
const LEFT_ALONE: Duration = Duration::from_millis(250);

/// How long a publish may wait for the client's queue.
const PATIENCE: Duration = Duration::from_secs(1);
