//! What was asked for at the broker, and who works on which part.

use std::{sync::Arc, time::Duration};

use async_nats::{Message, StatusCode, Subscriber};
use frontdesk_ports::LogError;
use futures_util::StreamExt as _;
use tokio::time::Instant;

use super::share;
use crate::{
    link::{Link, bounded},
    topology::GROUP,
};

/// The pulls of one connection.
pub(super) struct Pulls {
    pub(super) link: Arc<Link>,
    /// Answers to the pulls come on `<reply>.<part>.<number of the pull>`, those about the queue on `<reply>.<part>.queue`.
    reply: String,
    answers: Subscriber,
    /// Whether no answer will come any more.
    is_over: bool,
    /// Stream and consumer of each part.
    parts: Arc<[(String, String)]>,
    open: Vec<Pull>,
    /// Whether a part is at one worker at a time.
    is_pinned: bool,
    /// When to ask how many workers there are.
    count_at: Instant,
}

/// The pull of one part.
#[derive(Debug, Clone)]
struct Pull {
    number: u64,
    /// Records that it may still bring.
    outstanding: usize,
    /// When it counts as over, whatever the broker says; before that, a part that failed is left alone.
    until: Instant,
    /// The broker's word that this part is at this worker.
    pin: Option<String>,
}

impl Pulls {
    /// Those of a new connection. Parts that were here under the `former` one still are.
    pub(super) async fn open(
        link: Arc<Link>,
        parts: &Arc<[(String, String)]>,
        is_pinned: bool,
        former: Option<Self>,
    ) -> Result<Self, LogError> {
        let reply = link.client.new_inbox();
        let answers = bounded(PATIENCE, link.client.subscribe(format!("{reply}.*.*"))).await?;
        let now = Instant::now();
        let mut open = vec![Pull { number: 0, outstanding: 0, until: now, pin: None }; parts.len()];
        for (pull, former) in open.iter_mut().zip(former.into_iter().flat_map(|former| former.open)) {
            pull.pin = former.pin;
        }
        Ok(Self {
            link,
            reply,
            answers,
            is_over: false,
            parts: Arc::clone(parts),
            open,
            is_pinned,
            count_at: now + COUNT_EVERY,
        })
    }

    /// The answer that came next; `None` once there will be none.
    pub(super) async fn answer(&mut self) -> Option<Message> {
        let answer = self.answers.next().await;
        self.is_over = answer.is_none();
        answer
    }

    /// Whether they can be used on `link`.
    pub(super) fn are_of(&self, link: &Arc<Link>) -> bool {
        !self.is_over && Arc::ptr_eq(&self.link, link)
    }

    /// When something is due although no answer came.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.open.iter().map(|pull| pull.until).min()
    }

    /// Asks for more wherever nothing is on its way; `waiting` records are here already.
    pub(super) async fn ask(&mut self, waiting: usize, max: usize) -> Result<(), LogError> {
        let now = Instant::now();
        for pull in self.open.iter_mut().filter(|pull| pull.until <= now) {
            pull.outstanding = 0;
        }
        let free = |pull: &Pull| pull.outstanding == 0 && pull.until <= now;
        let idle = self.open.iter().filter(|pull| free(pull)).count();
        let on_their_way: usize = self.open.iter().map(|pull| pull.outstanding).sum();
        let budget = (2 * max).saturating_sub(waiting + on_their_way);
        let share = (budget / idle.max(1)).clamp(1, max.max(1));
        for part in 0..self.open.len() {
            if free(&self.open[part]) {
                self.send(part, share).await?;
            }
        }
        if self.is_pinned && self.count_at <= now {
            self.count_at = now + COUNT_EVERY;
            self.count_workers().await?;
        }
        Ok(())
    }

    async fn send(&mut self, part: usize, batch: usize) -> Result<(), LogError> {
        let number = self.open[part].number + 1;
        let (stream, consumer) = &self.parts[part];
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
        let reply = format!("{}.{part}.{number}", self.reply);
        let mut request = serde_json::json!({"batch": batch, "expires": EXPIRES.as_nanos() as u64});
        if self.is_pinned {
            request["group"] = GROUP.into();
        }
        if let Some(pin) = &self.open[part].pin {
            request["id"] = pin.as_str().into();
        }
        let sent = self.link.client.publish_with_reply(subject, reply, request.to_string().into());
        bounded(PATIENCE, sent).await?;
        let pull = &mut self.open[part];
        (pull.number, pull.outstanding, pull.until) = (number, batch, Instant::now() + EXPIRES + GRACE);
        Ok(())
    }

    /// A record of `stream` came. It says so if the part is at this worker from now on.
    pub(super) fn brought(&mut self, stream: &str, pin: Option<&str>) {
        let part = self.parts.iter().position(|(name, _)| name == stream);
        let Some(pull) = part.map(|part| &mut self.open[part]) else { return };
        if let Some(pin) = pin.filter(|pin| pull.pin.as_deref() != Some(pin)) {
            pull.pin = Some(pin.to_owned());
        }
        if pull.outstanding > 0 {
            pull.outstanding -= 1;
            if pull.outstanding == 0 {
                pull.until = Instant::now();
            }
        }
    }

    /// Ends the pull that `message` is about. One that nothing answered, or whose consumer is moving, is not asked again
    /// at once.
    pub(super) fn end(&mut self, message: &Message, status: StatusCode) {
        let mut tokens = message.subject.rsplit('.').map(str::parse::<u64>);
        let (Some(Ok(number)), Some(Ok(part))) = (tokens.next(), tokens.next()) else { return };
        let Some(pull) = usize::try_from(part).ok().and_then(|part| self.open.get_mut(part)) else { return };
        if pull.number != number || status == StatusCode::IDLE_HEARTBEAT {
            return;
        }
        if status.as_u16() == OTHER_WORKER {
            pull.pin = None;
        }
        let is_over = [StatusCode::TIMEOUT.as_u16(), StatusCode::NOT_FOUND.as_u16(), OTHER_WORKER];
        let is_over = is_over.contains(&status.as_u16());
        if !is_over {
            tracing::debug!(%status, description = message.description.as_deref(), part, "a pull ended early");
        }
        pull.outstanding = 0;
        pull.until = if is_over { Instant::now() } else { Instant::now() + LEFT_ALONE };
    }

    /// Asks how many workers wait at one of the parts that are here, if there is one to spare.
    async fn count_workers(&self) -> Result<(), LogError> {
        let mine: Vec<usize> = (0..self.open.len()).filter(|part| self.open[*part].pin.is_some()).collect();
        metrics::gauge!("desk_worker_parts", "stream" => self.parts[0].1.clone()).set(mine.len() as f64);
        let Some(part) = mine.last().filter(|_| mine.len() > 1) else { return Ok(()) };
        let (stream, consumer) = &self.parts[*part];
        let reply = format!("{}.{part}.{QUEUE}", self.reply);
        let subject = format!("$JS.API.CONSUMER.INFO.{stream}.{consumer}");
        bounded(PATIENCE, self.link.client.publish_with_reply(subject, reply, "".into())).await
    }

    /// Takes in what the broker says about a part, and lets the part go if this worker has more than its share: the next one
    /// in line gets it.
    ///
    /// Gives `false` if the message is about something else.
    pub(super) async fn take_count(&mut self, message: &Message) -> Result<bool, LogError> {
        let mut tokens = message.subject.rsplit('.');
        let (Some(QUEUE), Some(part)) = (tokens.next(), tokens.next()) else { return Ok(false) };
        let part = part.parse().ok().filter(|part: &usize| *part < self.open.len());
        let (Some(part), Some(workers)) = (part, share::workers(&message.payload)) else { return Ok(true) };
        let mine = self.open.iter().filter(|pull| pull.pin.is_some()).count();
        if self.open[part].pin.is_none() || mine <= share::fair(self.open.len(), workers) {
            return Ok(true);
        }
        let (stream, consumer) = &self.parts[part];
        tracing::debug!(consumer, mine, workers, "leaving a part to the next worker in line");
        let subject = format!("$JS.API.CONSUMER.UNPIN.{stream}.{consumer}");
        let request = serde_json::json!({"group": GROUP}).to_string();
        let reply = format!("{}.{part}.unpinned", self.reply);
        // What is on its way may still come, and is worked on here.
        let until = Instant::now() + share::STANDS_BACK;
        self.open[part] = Pull { number: self.open[part].number + 1, outstanding: 0, until, pin: None };
        bounded(PATIENCE, self.link.client.publish_with_reply(subject, reply, request.into())).await?;
        Ok(true)
    }
}

/// The broker's status for a pull at a part that is at another worker.
const OTHER_WORKER: u16 = 423;

/// Last token of the subject on which the broker says how a part's queue is.
const QUEUE: &str = "queue";

/// How often a worker looks whether it has more than its share.
const COUNT_EVERY: Duration = Duration::from_secs(2);

/// How long a pull stays open at the broker.
const EXPIRES: Duration = Duration::from_secs(3);

/// How long after that the broker's word for it is waited for.
const GRACE: Duration = Duration::from_millis(500);

/// How long a part is left alone whose pull failed.
const LEFT_ALONE: Duration = Duration::from_millis(250);

/// How long a publish may wait for the client's queue.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
