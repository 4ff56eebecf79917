//! From bridges to conversations: each message once, in the order of its contact, after everybody else's.
//!
//! What a message is called here follows from what the bridge calls it ([`InboxKey`](frontdesk_domain::InboxKey)), so whatever was
//! done before is found again: trying once more is always right, and every doubt ends in that.

mod message;
mod order;
mod outcome;
mod pace;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_config::{Role, WorkersSettings};
use frontdesk_domain::{Contact, ContactId, Rejection};
use frontdesk_ports::{Clock, Commands, Delivery, Directory, ExecuteError};
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::{
    deps::IngestDeps,
    error::WorkerError,
    queue::{Fate, Queue},
    status::Status,
    steps::{self, StepOutcome},
};
use message::Inbound;
use order::Order;
use outcome::{Outcome, Trouble};
use pace::Pace;

/// Files what bridges bring in.
pub struct IngestWorker {
    queue: Queue,
    directory: Arc<dyn Directory>,
    commands: Arc<dyn Commands>,
    clock: Arc<dyn Clock>,
    order: Mutex<Order>,
    pace: Mutex<Pace>,
    longest_absence: Duration,
}

impl IngestWorker {
    /// A worker with these settings; `status` is told how it is doing.
    #[must_use]
    pub fn new(deps: &IngestDeps, settings: &WorkersSettings, status: Arc<Status>) -> Self {
        debug_assert_eq!(status.role(), Role::Ingest);
        let WorkersSettings { ingest_rate_per_inbox, persist_ack_wait, .. } = *settings;
        let IngestDeps { directory, commands, dead_letters, clock, work } = deps.clone();
        Self {
            queue: Queue::new(work, dead_letters, status, BATCH, persist_ack_wait),
            directory,
            commands,
            clock,
            order: Mutex::default(),
            pace: Mutex::new(Pace::new(ingest_rate_per_inbox)),
            longest_absence: persist_ack_wait + LONGEST_DELAY + MARGIN,
        }
    }

    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        steps::run(self.queue.status(), &stop, async || self.step(steps::WAIT, &stop).await).await;
    }

    /// Takes one batch, waiting up to `wait` for it, and sees it through.
    ///
    /// Cancel safe: what was taken comes again.
    ///
    /// # Errors
    /// [`WorkerError`]: what was not filed comes again.
    pub async fn step(&self, wait: Duration, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        let Some(taken) = self.queue.take(wait, stop).await? else { return Ok(StepOutcome::Stopped) };
        if taken.is_empty() {
            return Ok(StepOutcome::Idle);
        }
        let count = taken.len();
        let span = tracing::debug_span!("ingest_batch", taken = count);
        let (fates, trouble) = self.queue.keeping(&taken, self.file(&taken, stop)).instrument(span).await?;
        self.queue.settle(taken.into_iter().zip(fates).collect()).await?;
        metrics::gauge!("desk_ingest_waiting").set(self.order().len() as f64);
        match trouble {
            None => self.queue.status().went_well(),
            Some(Trouble::Away(error)) => return Err(error),
            // Whatever were taken now would be put back at once.
            Some(Trouble::Busy) => tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(WHILE_BUSY) => {}
            },
        }
        Ok(StepOutcome::Worked(count))
    }

    /// Gives what becomes of each, in the order in which they were taken.
    async fn file(
        &self,
        taken: &[Delivery],
        stop: &CancellationToken,
    ) -> Result<(Vec<Fate>, Option<Trouble>), WorkerError> {
        let mut fates = vec![Fate::Retry(Duration::ZERO); taken.len()];
        let mut of_contacts: BTreeMap<ContactId, Vec<Inbound>> = BTreeMap::new();
        for (index, delivery) in taken.iter().enumerate() {
            let read = Inbound::read(index, delivery);
            self.order().saw(delivery.log_seq, read.as_ref().ok().map(|message| message.sender));
            match read {
                Ok(message) => of_contacts.entry(message.sender).or_default().push(message),
                Err((code, why)) => {
                    count(code);
                    fates[index] = Fate::Park(why);
                }
            }
        }
        of_contacts.values_mut().for_each(|messages| messages.sort_by_key(|message| message.log_seq));
        if !of_contacts.values().all(|messages| self.is_next(&messages[0])) {
            let floor = self.queue.floor().await?;
            self.order().learn(floor, self.clock.monotonic(), self.longest_absence);
        }
        let trouble = Mutex::new(None);
        let filed = futures_util::stream::iter(of_contacts.into_values())
            .map(|messages| self.file_in_order(messages, &trouble, stop))
            .buffer_unordered(AT_ONCE)
            .concat();
        for (index, fate) in filed.await {
            fates[index] = fate;
        }
        Ok((fates, trouble.into_inner().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Files messages of one contact, one after the other, up to the first that has to wait.
    async fn file_in_order(
        &self,
        messages: Vec<Inbound>,
        trouble: &Mutex<Option<Trouble>>,
        stop: &CancellationToken,
    ) -> Vec<(usize, Fate)> {
        let mut fates = Vec::with_capacity(messages.len());
        let mut contact = None;
        for message in messages {
            let is_hopeless = lock(trouble).is_some() || stop.is_cancelled();
            let outcome = match self.turn(&message) {
                _ if is_hopeless => {
                    Outcome::later("held_back", if stop.is_cancelled() { Duration::ZERO } else { WHILE_BUSY })
                }
                Some(held_back) => held_back,
                None => self.say(&message, &mut contact).await.unwrap_or_else(|outcome| outcome),
            };
            count(outcome.code());
            fates.push((message.index, self.settle(&message, outcome, trouble)));
        }
        fates
    }

    fn is_next(&self, message: &Inbound) -> bool {
        self.order().is_next(message.log_seq, message.sender)
    }

    /// Why it is not this message's turn, if it is not: something of the same contact comes first, or the inbox is over quota.
    fn turn(&self, message: &Inbound) -> Option<Outcome> {
        let now = self.clock.monotonic();
        let mut order = self.order();
        let promised = order
            .waiting(message.log_seq, message.sender)
            .map(|waiting| *waiting.turn.get_or_insert_with(|| lock(&self.pace).turn(message.channel, now)));
        let over_quota = promised.and_then(|turn| turn.checked_sub(now)).filter(|wait| !wait.is_zero());
        if !order.is_next(message.log_seq, message.sender) {
            let first = order.first_of(message.sender);
            let first_back = first.map_or(Duration::ZERO, |(_, first)| first.back_at.saturating_sub(now));
            let delay = first_back.max(over_quota.unwrap_or_default()) + AFTER_THE_FIRST;
            return Some(Outcome::later("held_back", delay));
        }
        over_quota.map(|wait| Outcome::later("over_quota", wait))
    }

    /// Has it said in its conversation, and the conversation opened if that is the first that is said there.
    async fn say(&self, message: &Inbound, contact: &mut Option<Contact>) -> Result<Outcome, Outcome> {
        if contact.is_none() {
            *contact = Some(self.contact(message).await?);
        }
        let Some(contact) = contact else { return Err(Outcome::later("unknown", WHILE_BUSY)) };
        let key = message.conversation(contact);
        let said = match self.commands.execute(key, message.say(contact)).await {
            Err(ExecuteError::Rejected(Rejection::NotFound)) => {
                self.commands.execute(key, message.open(contact)).await?;
                self.commands.execute(key, message.say(contact)).await
            }
            said => said,
        };
        said?;
        Ok(Outcome::Filed)
    }

    /// Whoever wrote it, if the inbox is there. A name that is given later fills in for none.
    async fn contact(&self, message: &Inbound) -> Result<Contact, Outcome> {
        let inbox = self.directory.inbox(message.channel.inbox).await?;
        if inbox.is_none_or(|inbox| inbox.tenant != message.channel.tenant) {
            return Err(Outcome::never("no_inbox", "the tenant has no such inbox".to_owned()));
        }
        let newcomer = message.newcomer(self.clock.now());
        let mut contact = self.directory.contact_at(&message.message.contact.id, &newcomer).await?;
        let was = contact.clone();
        for (held, given) in [(&mut contact.name, newcomer.name), (&mut contact.email, newcomer.email)] {
            if held.is_empty() {
                *held = given;
            }
        }
        if contact != was {
            self.directory.put_contact(&contact).await?;
        }
        Ok(contact)
    }

    /// Takes note of what became of a message.
    fn settle(&self, message: &Inbound, outcome: Outcome, trouble: &Mutex<Option<Trouble>>) -> Fate {
        let mut order = self.order();
        let fate = match outcome {
            Outcome::Filed => Fate::Done,
            Outcome::Never { why, .. } => Fate::Park(why),
            Outcome::Later { delay, trouble: why, .. } => {
                if let Some(why) = why {
                    lock(trouble).get_or_insert(why);
                }
                let delay = delay.min(LONGEST_DELAY);
                let back_at = self.clock.monotonic() + delay;
                if let Some(waiting) = order.waiting(message.log_seq, message.sender) {
                    waiting.back_at = back_at;
                }
                return Fate::Retry(delay);
            }
        };
        order.done(message.log_seq, message.sender);
        fate
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        lock(&self.order)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn count(outcome: &'static str) {
    metrics::counter!("desk_ingest_messages_total", "outcome" => outcome).increment(1);
}

/// Messages taken at a time; few enough that one contact who wrote all of them keeps the rest of the queue waiting only shortly.
const BATCH: usize = 64;

/// Contacts whose messages are filed at a time.
const AT_ONCE: usize = 16;

/// Longest time for which a message is put back: so soon a worker that takes over knows of all that is on its way.
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// How much later than expected something may be handed out again.
const MARGIN: Duration = Duration::from_secs(5);

/// How much later than the first message of a contact those come again that wait for it.
const AFTER_THE_FIRST: Duration = Duration::from_millis(50);

/// How long nothing is taken once the desk is busy with people.
const WHILE_BUSY: Duration = Duration::from_millis(300);
