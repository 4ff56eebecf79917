//! Open pull requests, and which parts are pinned to this worker.

use std::{sync::Arc, time::Duration};

use async_nats::{Message, StatusCode, Subscriber};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use super::rebalance;
use crate::{
    client::{Connection, Unavailable, bounded},
    topology::GROUP,
};

/// The pulls of one connection.
pub(super) struct Pulls {
    pub(super) connection: Arc<Connection>,
    /// Records arrive on `<reply>.<part>.<number of the pull>`, consumer information on `<reply>.<part>.queue`.
    reply: String,
    answers: Subscriber,
    /// Whether the subscription for answers has ended.
    is_over: bool,
    /// Stream and consumer of each part.
    parts: Arc<[(String, String)]>,
    open: Vec<Pull>,
    /// Whether the broker pins each part to one worker.
    is_pinned: bool,
    /// When to check whether this worker has more than its share.
    check_share_at: Instant,
}

/// The pull of one part.
#[derive(Debug, Clone)]
struct Pull {
    number: u64,
    /// Records that may still arrive for it.
    outstanding: usize,
    /// When it counts as ended without an answer; after a failure, when the part is pulled from again.
    until: Instant,
    /// The broker's pin id, while the part is pinned to this worker.
    pin: Option<String>,
}

impl Pulls {
    /// The pulls of a new connection. Parts that were pinned to this worker on the `former` one still are.
    pub(super) async fn open(
        connection: Arc<Connection>,
        parts: &Arc<[(String, String)]>,
        is_pinned: bool,
        former: Option<Self>,
    ) -> Result<Self, Unavailable> {
        let reply = connection.client.new_inbox();
        let answers = bounded(SEND_TIMEOUT, connection.client.subscribe(format!("{reply}.*.*"))).await?;
        let now = Instant::now();
        let mut open = vec![Pull { number: 0, outstanding: 0, until: now, pin: None }; parts.len()];
        for (pull, former) in open.iter_mut().zip(former.into_iter().flat_map(|former| former.open)) {
            pull.pin = former.pin;
        }
        Ok(Self {
            connection,
            reply,
            answers,
            is_over: false,
            parts: Arc::clone(parts),
            open,
            is_pinned,
            check_share_at: now + CHECK_SHARE_EVERY,
        })
    }

    /// The answer that came next; `None` once there will be none.
    pub(super) async fn answer(&mut self) -> Option<Message> {
        let answer = self.answers.next().await;
        self.is_over = answer.is_none();
        answer
    }

    /// Whether they can be used on `connection`.
    pub(super) fn belong_to(&self, connection: &Arc<Connection>) -> bool {
        !self.is_over && Arc::ptr_eq(&self.connection, connection)
    }

    /// When something is due although no answer came.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.open.iter().map(|pull| pull.until).min()
    }

    /// Asks for more wherever nothing is on its way; `waiting` records are here already.
    pub(super) async fn ask(&mut self, waiting: usize, max: usize) -> Result<(), Unavailable> {
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
        if self.is_pinned && self.check_share_at <= now {
            self.check_share_at = now + CHECK_SHARE_EVERY;
            self.request_consumer_info().await?;
        }
        Ok(())
    }

    async fn send(&mut self, part: usize, batch: usize) -> Result<(), Unavailable> {
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
        let sent = self.connection.client.publish_with_reply(subject, reply, request.to_string().into());
        bounded(SEND_TIMEOUT, sent).await?;
        let pull = &mut self.open[part];
        (pull.number, pull.outstanding, pull.until) = (number, batch, Instant::now() + EXPIRES + GRACE);
        Ok(())
    }

    /// A record of `stream` was received; with a pin id, the part is pinned to this worker.
    pub(super) fn record_received(&mut self, stream: &str, pin: Option<&str>) {
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

    /// Ends the pull that `message` is about. After a failure, such as a consumer without a leader, the part is not
    /// pulled from for 250 ms.
    pub(super) fn end(&mut self, message: &Message, status: StatusCode) {
        let mut tokens = message.subject.rsplit('.').map(str::parse::<u64>);
        let (Some(Ok(number)), Some(Ok(part))) = (tokens.next(), tokens.next()) else { return };
        let Some(pull) = usize::try_from(part).ok().and_then(|part| self.open.get_mut(part)) else { return };
        if pull.number != number || status == StatusCode::IDLE_HEARTBEAT {
            return;
        }
        if status.as_u16() == PINNED_TO_ANOTHER {
            pull.pin = None;
        }
        let is_over = [StatusCode::TIMEOUT.as_u16(), StatusCode::NOT_FOUND.as_u16(), PINNED_TO_ANOTHER];
        let is_over = is_over.contains(&status.as_u16());
        if !is_over {
            tracing::debug!(%status, description = message.description.as_deref(), part, "a pull ended early");
        }
        pull.outstanding = 0;
        pull.until = if is_over { Instant::now() } else { Instant::now() + PAUSE_AFTER_FAILURE };
    }

    /// Asks how many workers wait for one of this worker's parts, if it has more than one.
    async fn request_consumer_info(&self) -> Result<(), Unavailable> {
        let mine: Vec<usize> = (0..self.open.len()).filter(|part| self.open[*part].pin.is_some()).collect();
        metrics::gauge!("desk_worker_parts", "stream" => self.parts[0].1.clone()).set(mine.len() as f64);
        let Some(part) = mine.last().filter(|_| mine.len() > 1) else { return Ok(()) };
        let (stream, consumer) = &self.parts[*part];
        let reply = format!("{}.{part}.{CONSUMER_INFO}", self.reply);
        let subject = format!("$JS.API.CONSUMER.INFO.{stream}.{consumer}");
        bounded(SEND_TIMEOUT, self.connection.client.publish_with_reply(subject, reply, "".into())).await
    }

    /// Handles the broker's information about a part, and releases the part if this worker has more than its share: the
    /// next waiting worker gets it.
    ///
    /// Returns `false` if the message is about something else.
    pub(super) async fn handle_consumer_info(&mut self, message: &Message) -> Result<bool, Unavailable> {
        let mut tokens = message.subject.rsplit('.');
        let (Some(CONSUMER_INFO), Some(part)) = (tokens.next(), tokens.next()) else { return Ok(false) };
        let part = part.parse().ok().filter(|part: &usize| *part < self.open.len());
        let (Some(part), Some(workers)) = (part, rebalance::workers(&message.payload)) else { return Ok(true) };
        let mine = self.open.iter().filter(|pull| pull.pin.is_some()).count();
        if self.open[part].pin.is_none() || mine <= rebalance::fair(self.open.len(), workers) {
            return Ok(true);
        }
        let (stream, consumer) = &self.parts[part];
        tracing::debug!(consumer, mine, workers, "releasing a part to the next waiting worker");
        let subject = format!("$JS.API.CONSUMER.UNPIN.{stream}.{consumer}");
        let request = serde_json::json!({"group": GROUP}).to_string();
        let reply = format!("{}.{part}.unpinned", self.reply);
        // Records that are on their way still arrive, and are processed here.
        let until = Instant::now() + rebalance::RELEASED_FOR;
        self.open[part] = Pull { number: self.open[part].number + 1, outstanding: 0, until, pin: None };
        bounded(SEND_TIMEOUT, self.connection.client.publish_with_reply(subject, reply, request.into())).await?;
        Ok(true)
    }
}

/// The broker's status for a pull from a part that is pinned to another worker.
const PINNED_TO_ANOTHER: u16 = 423;

/// Last token of the reply subject for consumer information.
const CONSUMER_INFO: &str = "queue";

/// Interval at which a worker checks whether it has more than its share.
const CHECK_SHARE_EVERY: Duration = Duration::from_secs(2);

/// Time after which the broker ends a pull.
const EXPIRES: Duration = Duration::from_secs(3);

/// Time after that within which the broker's message about it arrives.
const GRACE: Duration = Duration::from_millis(500);

/// Time without pulls from a part whose pull failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(250);

/// Longest wait for room in the client's send queue.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_secs(1);
