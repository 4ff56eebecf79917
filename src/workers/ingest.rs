//! From bridges to conversations: each message once, in its contact's order, with less priority than what people send.
//!
//! Ids are derived from the bridge's own ([`InboxKey`](frontdesk_domain::InboxKey)), so a repeated message is
//! recognised and an unknown outcome is settled by trying again.

mod filing;
mod message;
mod sequencer;
mod shaper;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontdesk_config::Role;
use frontdesk_domain::{Contact, ContactId, Rejection};
use frontdesk_ports::{Clock, Commands, Delivery, Directory, ExecuteError};
use frontdesk_protocol::RejectCode;
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::kit::{DeadLetterUnit, Disposition, Status, StepOutcome, Worker, WorkerContext, WorkerError, queue::Queue};
use filing::{Filing, Obstacle};
use message::Inbound;
use sequencer::Sequencer;
use shaper::Shaper;

/// Files what bridges publish.
pub struct IngestWorker {
    queue: Queue,
    directory: Arc<dyn Directory>,
    commands: Arc<dyn Commands>,
    clock: Arc<dyn Clock>,
    sequencer: Mutex<Sequencer>,
    shaper: Mutex<Shaper>,
    longest_absence: Duration,
}

/// Who wrote a message.
struct Sender {
    contact: Contact,
    /// Whether the inbox takes new conversations.
    may_open: bool,
}

impl Worker for IngestWorker {
    const ROLE: Role = Role::named("ingest");
    const DEAD_LETTERS: DeadLetterUnit = DeadLetterUnit::Single;

    fn new(context: &WorkerContext) -> Self {
        let (ports, settings) = (context.ports(), context.settings());
        Self {
            queue: context.queue(BATCH),
            directory: ports.database.directory.clone(),
            commands: ports.commands.clone(),
            clock: ports.clock.clone(),
            sequencer: Mutex::default(),
            shaper: Mutex::new(Shaper::new(settings.ingest_rate_per_inbox)),
            longest_absence: settings.persist_ack_wait + LONGEST_DELAY + MARGIN,
        }
    }

    fn status(&self) -> &Arc<Status> {
        self.queue.status()
    }

    async fn step(&self, wait: Duration, stop: &CancellationToken) -> Result<StepOutcome, WorkerError> {
        let Some(taken) = self.queue.take(wait, stop).await? else { return Ok(StepOutcome::Stopped) };
        if taken.is_empty() {
            return Ok(StepOutcome::Idle);
        }
        let count = taken.len();
        let span = tracing::debug_span!("ingest_batch", taken = count);
        let (dispositions, obstacle) = self.queue.keeping(&taken, self.file(&taken, stop)).instrument(span).await?;
        self.queue.settle(taken.into_iter().zip(dispositions).collect()).await?;
        metrics::gauge!("desk_ingest_waiting").set(self.sequencer().len() as f64);
        match obstacle {
            None => self.queue.status().went_well(),
            Some(Obstacle::Unavailable(error)) => return Err(error),
            // Whatever were taken now would be put back at once.
            Some(Obstacle::Busy) => tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(WHILE_BUSY) => {}
            },
        }
        Ok(StepOutcome::Worked(count))
    }
}

impl IngestWorker {
    /// Returns what becomes of each, in the order in which they were taken, and what keeps the rest from being filed.
    async fn file(
        &self,
        taken: &[Delivery],
        stop: &CancellationToken,
    ) -> Result<(Vec<Disposition>, Option<Obstacle>), WorkerError> {
        let mut dispositions = vec![Disposition::Retry(Duration::ZERO); taken.len()];
        let mut of_contacts: BTreeMap<ContactId, Vec<Inbound>> = BTreeMap::new();
        for (index, delivery) in taken.iter().enumerate() {
            let read = Inbound::read(index, delivery);
            self.sequencer().saw(delivery.log_seq, read.as_ref().ok().map(|message| message.sender));
            match read {
                Ok(message) => of_contacts.entry(message.sender).or_default().push(message),
                Err((code, why)) => {
                    count(code);
                    dispositions[index] = Disposition::DeadLetter(why);
                }
            }
        }
        of_contacts.values_mut().for_each(|messages| messages.sort_by_key(|message| message.log_seq));
        if !of_contacts.values().all(|messages| self.is_next(&messages[0])) {
            let floor = self.queue.floor().await?;
            self.sequencer().learn(floor, self.clock.monotonic(), self.longest_absence);
        }
        let obstacle = Mutex::new(None);
        let filed = futures_util::stream::iter(of_contacts.into_values())
            .map(|messages| self.file_in_order(messages, &obstacle, stop))
            .buffer_unordered(AT_ONCE)
            .concat();
        for (index, disposition) in filed.await {
            dispositions[index] = disposition;
        }
        Ok((dispositions, obstacle.into_inner().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Files messages of one contact, one after the other, up to the first that has to wait.
    async fn file_in_order(
        &self,
        messages: Vec<Inbound>,
        obstacle: &Mutex<Option<Obstacle>>,
        stop: &CancellationToken,
    ) -> Vec<(usize, Disposition)> {
        let mut dispositions = Vec::with_capacity(messages.len());
        let mut sender = None;
        for message in messages {
            let is_hopeless = lock(obstacle).is_some() || stop.is_cancelled();
            let filing = match self.turn(&message) {
                _ if is_hopeless => {
                    Filing::later("held_back", if stop.is_cancelled() { Duration::ZERO } else { WHILE_BUSY })
                }
                Some(held_back) => held_back,
                None => self.say(&message, &mut sender).await.unwrap_or_else(|filing| filing),
            };
            count(filing.code);
            dispositions.push((message.index, self.settle(&message, filing, obstacle)));
        }
        dispositions
    }

    fn is_next(&self, message: &Inbound) -> bool {
        self.sequencer().is_next(message.log_seq, message.sender)
    }

    /// Why the message has to wait, if it has: another of its contact comes first, or the inbox is over quota.
    fn turn(&self, message: &Inbound) -> Option<Filing> {
        let now = self.clock.monotonic();
        let mut sequencer = self.sequencer();
        let promised = sequencer
            .waiting(message.log_seq, message.sender)
            .map(|waiting| *waiting.turn.get_or_insert_with(|| lock(&self.shaper).turn(message.channel, now)));
        let over_quota = promised.and_then(|turn| turn.checked_sub(now)).filter(|wait| !wait.is_zero());
        if !sequencer.is_next(message.log_seq, message.sender) {
            let first = sequencer.first_of(message.sender);
            let first_back = first.map_or(Duration::ZERO, |(_, first)| first.back_at.saturating_sub(now));
            let delay = first_back.max(over_quota.unwrap_or_default()) + AFTER_THE_FIRST;
            return Some(Filing::later("held_back", delay));
        }
        over_quota.map(|wait| Filing::later("over_quota", wait))
    }

    /// Appends the message to its conversation, and opens the conversation if it does not exist.
    async fn say(&self, message: &Inbound, sender: &mut Option<Sender>) -> Result<Filing, Filing> {
        if sender.is_none() {
            *sender = Some(self.sender(message).await?);
        }
        let Some(Sender { contact, may_open }) = sender else { return Err(Filing::later("unknown", WHILE_BUSY)) };
        let key = message.conversation(contact);
        let said = match self.commands.execute(key, message.say(contact)).await {
            // Kept among the dead letters: redelivered once the inbox is enabled again, it opens the conversation.
            Err(ExecuteError::Rejected(Rejection::NotFound)) if !*may_open => {
                let disabled = Rejection::InboxDisabled;
                let code = RejectCode::of(&disabled).problem().as_str();
                return Err(Filing::never(code, format!("{code}: {disabled}")));
            }
            Err(ExecuteError::Rejected(Rejection::NotFound)) => {
                self.commands.execute(key, message.open(contact)).await?;
                self.commands.execute(key, message.say(contact)).await
            }
            said => said,
        };
        said?;
        Ok(Filing::FILED)
    }

    /// The contact who wrote it, created if new. Name and address are filled in when they were empty before.
    async fn sender(&self, message: &Inbound) -> Result<Sender, Filing> {
        let inbox = self.directory.inbox(message.channel.inbox).await?;
        let Some(inbox) = inbox.filter(|inbox| inbox.tenant == message.channel.tenant) else {
            return Err(Filing::never("no_inbox", "the tenant has no such inbox".to_owned()));
        };
        let newcomer = message.newcomer(self.clock.now());
        let address = &message.message.contact.id;
        let contact = frontdesk_application::contacts::meet(&*self.directory, address, newcomer).await?;
        Ok(Sender { contact, may_open: inbox.active })
    }

    /// Records the result of an attempt to file a message.
    fn settle(&self, message: &Inbound, filing: Filing, obstacle: &Mutex<Option<Obstacle>>) -> Disposition {
        let mut sequencer = self.sequencer();
        if let Some(found) = filing.obstacle {
            lock(obstacle).get_or_insert(found);
        }
        match filing.disposition {
            Disposition::Retry(delay) => {
                let delay = delay.min(LONGEST_DELAY);
                let back_at = self.clock.monotonic() + delay;
                if let Some(waiting) = sequencer.waiting(message.log_seq, message.sender) {
                    waiting.back_at = back_at;
                }
                Disposition::Retry(delay)
            }
            settled => {
                sequencer.done(message.log_seq, message.sender);
                settled
            }
        }
    }

    fn sequencer(&self) -> MutexGuard<'_, Sequencer> {
        lock(&self.sequencer)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn count(outcome: &'static str) {
    metrics::counter!("desk_ingest_messages_total", "outcome" => outcome).increment(1);
}

/// Most messages taken at once; few, so that one contact who wrote all of them delays the others only shortly.
const BATCH: usize = 64;

/// Contacts whose messages are filed concurrently.
const AT_ONCE: usize = 16;

/// Longest delay of a retry: within it a worker that takes over has been handed every unfiled message.
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// How much later than its delay a message may be delivered again.
const MARGIN: Duration = Duration::from_secs(5);

/// How much later than the first waiting message of a contact the others are delivered again.
const AFTER_THE_FIRST: Duration = Duration::from_millis(50);

/// How long nothing is taken after a conversation refused a message because the process is busy.
const WHILE_BUSY: Duration = Duration::from_millis(300);
