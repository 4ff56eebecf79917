//! Hands dead letters to their workers again.

mod queue;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_config::WorkersSettings;
use frontdesk_domain::DeadLetterKind;
use frontdesk_ports::{
    DeadLetterId, DeadLetterScope, Dropped, Redelivered, Redelivery, RedeliveryError, StoredDeadLetter,
};
use frontdesk_protocol::{Envelope, EnvelopeError};
use tokio_util::sync::CancellationToken;

use crate::{
    WORKERS,
    kit::{DeadLetterUnit, Disposition, WorkerContext, WorkerError, WorkerPorts, registry::Registration},
};
use queue::DeadLetterQueue;

/// Redelivers and drops dead letters, beside running workers or without any.
///
/// A dead letter is processed as it was the first time: a worker takes it from a queue that holds only dead letters,
/// and settles it. The log is not changed by redelivering entries. A dead letter that is missing in the database has
/// held up what follows it in its conversation, so the conversation's dead letters are redelivered together, in their
/// order.
pub struct Redeliverer {
    ports: WorkerPorts,
    settings: WorkersSettings,
}

/// Most dead letters of one conversation that are redelivered together.
const MAX_TOGETHER: usize = 1_000;

/// Longest time for one redelivery while the database or the log is unavailable.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Redeliverer {
    /// Uses these ports; its queues are left alone.
    #[must_use]
    pub const fn new(ports: WorkerPorts, settings: WorkersSettings) -> Self {
        Self { ports, settings }
    }

    async fn find(&self, scope: DeadLetterScope, id: &DeadLetterId) -> Result<StoredDeadLetter, RedeliveryError> {
        self.ports.dead_letters.find(scope, id).await?.ok_or(RedeliveryError::NotFound)
    }

    /// The dead letter and, if its queue processes conversations in order, every other dead letter of its conversation.
    async fn with_companions(
        &self,
        asked: &StoredDeadLetter,
        worker: &Registration,
    ) -> Result<Vec<StoredDeadLetter>, RedeliveryError> {
        let mut dead_letters = match (worker.dead_letters, asked.conversation()) {
            (DeadLetterUnit::Conversation, Some(key)) => {
                let mut all =
                    self.ports.dead_letters.of_conversation(key, &asked.record.consumer, MAX_TOGETHER).await?;
                all.retain(is_known);
                all
            }
            _ => Vec::new(),
        };
        // Dead letters of another stream are not listed; this one may lie beyond the bound, or be gone already.
        if !dead_letters.iter().any(|dead_letter| dead_letter.record.id() == asked.record.id()) {
            dead_letters.push(asked.clone());
        }
        Ok(dead_letters)
    }

    /// Has a worker process all of `dead_letters`.
    async fn work_through(
        &self,
        dead_letters: &Arc<DeadLetterQueue>,
        worker: &Registration,
    ) -> Result<(), RedeliveryError> {
        let context = WorkerContext::new(&self.ports, &self.settings, worker.role).redelivering(dead_letters);
        let (worker, stop) = (worker.make(&context), CancellationToken::new());
        let work = async {
            while dead_letters.are_waiting() {
                worker.step(Duration::ZERO, &stop).await?;
            }
            Ok::<(), WorkerError>(())
        };
        match tokio::time::timeout(TIMEOUT, work).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(WorkerError::Log(error))) => Err(error.into()),
            Ok(Err(WorkerError::Store(error))) => Err(error.into()),
            // Dead letters that were not settled by then stay.
            Ok(Err(WorkerError::Missing { .. } | WorkerError::Event(_))) | Err(_) => Err(RedeliveryError::NotNow),
        }
    }
}

/// The worker that processes dead letters of this queue; none if they can only be looked at and dropped.
fn worker_of(queue: &str) -> Option<&'static Registration> {
    let is_of = |worker: &&Registration| worker.role.queue().is_some_and(|of_role| of_role.name() == queue);
    WORKERS.iter().find(is_of).filter(|worker| worker.dead_letters != DeadLetterUnit::None)
}

/// Whether this version knows what kind of record it is; for another kind, its worker might take it for something else.
const fn is_known(stored: &StoredDeadLetter) -> bool {
    !matches!(stored.kind, DeadLetterKind::Unknown(_))
}

/// Whether it is an entry of another conversation than its subject names, perhaps of another tenant.
fn is_misplaced(stored: &StoredDeadLetter) -> bool {
    Envelope::decode(&stored.record.payload).is_ok_and(|envelope| Some(envelope.key()) != stored.conversation())
}

#[async_trait]
impl Redelivery for Redeliverer {
    async fn redeliver(&self, scope: DeadLetterScope, id: &DeadLetterId) -> Result<Redelivered, RedeliveryError> {
        let asked = self.find(scope, id).await?;
        let worker = worker_of(&id.consumer).ok_or_else(|| RedeliveryError::NotOurs(id.consumer.clone()))?;
        if !is_known(&asked) {
            return Err(RedeliveryError::UnknownKind(asked.kind));
        }
        if is_misplaced(&asked) {
            let reason = "it is not of the conversation that its subject names".to_owned();
            self.ports.dead_letters.failed_again(&asked, &reason).await?;
            return Ok(Redelivered::FailedAgain { reason });
        }
        let held = self.with_companions(&asked, worker).await?;
        let dead_letters = Arc::new(DeadLetterQueue::new(&asked.record.consumer, held.clone()));
        let worked = self.work_through(&dead_letters, worker).await;
        let (mut settled, mut refused, mut others) = (false, None, 0);
        for dead_letter in &held {
            let is_asked = dead_letter.record.id() == asked.record.id();
            match dead_letters.disposition(&dead_letter.record.id()) {
                Some(Disposition::Ack) => {
                    self.ports.dead_letters.remove(dead_letter).await?;
                    match is_asked {
                        true => settled = true,
                        false => others += 1,
                    }
                }
                // The others were not asked for: they keep the reason for which they became dead letters.
                Some(Disposition::DeadLetter(reason)) if is_asked => {
                    self.ports.dead_letters.failed_again(dead_letter, &reason).await?;
                    refused = Some(reason);
                }
                Some(Disposition::DeadLetter(_) | Disposition::Retry(_)) | None => {}
            }
        }
        tracing::info!(dead_letter.id = %id, settled, others, "dead letter redelivered");
        match (settled, refused, worked) {
            (true, ..) => Ok(Redelivered::Settled { others }),
            (false, Some(reason), _) => Ok(Redelivered::FailedAgain { reason }),
            (false, None, Err(error)) => Err(error),
            (false, None, Ok(())) => Err(RedeliveryError::NotNow),
        }
    }

    async fn discard(
        &self,
        scope: DeadLetterScope,
        id: &DeadLetterId,
        force: bool,
    ) -> Result<Dropped, RedeliveryError> {
        let dead_letter = self.find(scope, id).await?;
        if !force
            && worker_of(&id.consumer).is_some_and(|worker| worker.dead_letters == DeadLetterUnit::Conversation)
            && !is_misplaced(&dead_letter)
        {
            match Envelope::decode(&dead_letter.record.payload) {
                Ok(envelope) => {
                    let held = self.ports.database.conversations.load(envelope.key()).await?;
                    let seq = envelope.entry.seq;
                    if held.is_none_or(|snapshot| snapshot.conversation.last_seq < seq) {
                        return Ok(Dropped::LeavesHole { seq: Some(seq) });
                    }
                }
                // It is no record of any version, so it was never accepted.
                Err(EnvelopeError::Malformed(_)) => {}
                Err(_) => return Ok(Dropped::LeavesHole { seq: None }),
            }
        }
        self.ports.dead_letters.remove(&dead_letter).await?;
        tracing::warn!(dead_letter.id = %id, force, "dead letter dropped");
        Ok(Dropped::Gone)
    }
}
