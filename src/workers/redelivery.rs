//! Handing dead letters to their workers once more.

mod letters;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_config::{Role, WorkersSettings};
use frontdesk_ports::{Dropped, LetterId, LetterScope, ParkedLetter, Redelivered, Redelivery, RedeliveryError};
use frontdesk_protocol::Envelope;
use tokio_util::sync::CancellationToken;

use crate::{
    deps::{IngestDeps, WorkerDeps},
    error::WorkerError,
    ingest::IngestWorker,
    persist::PersistWorker,
    push::PushWorker,
    receipts::ReceiptsWorker,
    status::Status,
};
use letters::{Letters, Verdict};

/// Redelivers and drops dead letters, beside running workers or without any.
///
/// A letter goes the way it went the first time: a worker takes it from a queue that holds nothing but letters, and says what
/// became of it. Nothing is appended to the log. A letter of a conversation that is missing in the database has held up what
/// follows it, so the conversation's letters are handed over together, in their order.
pub struct Redeliverer {
    deps: WorkerDeps,
    settings: WorkersSettings,
    ingest: Option<IngestDeps>,
}

/// Most letters of one conversation that are handed over together.
const TOGETHER: usize = 1_000;

/// How long one batch may take while the database or the log is away.
const LONGEST: Duration = Duration::from_secs(10);

impl Redeliverer {
    /// Uses these ports; the queues among them are left alone.
    #[must_use]
    pub const fn new(deps: WorkerDeps, settings: WorkersSettings) -> Self {
        Self { deps, settings, ingest: None }
    }

    /// The same beside conversations: then it also redelivers what bridges brought.
    #[must_use]
    pub fn with_ingest(self, ingest: IngestDeps) -> Self {
        Self { ingest: Some(ingest), ..self }
    }

    async fn find(&self, scope: LetterScope, id: &LetterId) -> Result<ParkedLetter, RedeliveryError> {
        self.deps.parked.letter(scope, id).await?.ok_or(RedeliveryError::NotFound)
    }

    /// The letter and, if the database lacks it, all of its conversation.
    async fn with_companions(&self, asked: &ParkedLetter, queue: Role) -> Result<Vec<ParkedLetter>, RedeliveryError> {
        let mut letters = match (queue, asked.conversation) {
            (Role::Persist, Some(key)) => {
                self.deps.parked.of_conversation(key, &asked.letter.consumer, TOGETHER).await?
            }
            _ => Vec::new(),
        };
        // Of another stream's conversation there is none, but a letter may lie beyond the bound, or be gone already.
        if !letters.iter().any(|letter| letter.letter.id() == asked.letter.id()) {
            letters.push(asked.clone());
        }
        Ok(letters)
    }

    /// Has the worker of `queue` take all of `letters`.
    async fn work_through(&self, letters: &Arc<Letters>, queue: Role) -> Result<(), RedeliveryError> {
        let deps = WorkerDeps {
            dead_letters: letters.clone(),
            persist_work: letters.clone(),
            push_work: letters.clone(),
            receipts_work: letters.clone(),
            ..self.deps.clone()
        };
        let (status, stop) = (Arc::new(Status::new(queue)), CancellationToken::new());
        let work = async {
            match queue {
                Role::Persist => {
                    let worker = PersistWorker::new(&deps, &self.settings, status);
                    while letters.are_waiting() {
                        worker.step(Duration::ZERO, &stop).await?;
                    }
                }
                Role::Push => {
                    PushWorker::new(&deps, &self.settings, status).step(Duration::ZERO, &stop).await?;
                }
                Role::Receipts => {
                    ReceiptsWorker::new(&deps, &self.settings, status).step(Duration::ZERO, &stop).await?;
                }
                Role::Ingest => {
                    if let Some(ingest) = self.ingest.clone() {
                        let deps = IngestDeps { dead_letters: letters.clone(), work: letters.clone(), ..ingest };
                        IngestWorker::new(&deps, &self.settings, status).step(Duration::ZERO, &stop).await?;
                    }
                }
                Role::Trim | Role::Reconcile | Role::Park => {}
            }
            Ok::<(), WorkerError>(())
        };
        match tokio::time::timeout(LONGEST, work).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(WorkerError::Log(error))) => Err(error.into()),
            Ok(Err(WorkerError::Store(error))) => Err(error.into()),
            // Whatever was not said of a letter by then, it stays.
            Ok(Err(WorkerError::Missing { .. })) | Err(_) => Err(RedeliveryError::NotNow),
        }
    }
}

/// Whether it is an entry of another conversation, perhaps of another tenant, than the one that whoever asked may touch.
fn is_misplaced(parked: &ParkedLetter) -> bool {
    Envelope::decode(&parked.letter.payload).is_ok_and(|envelope| Some(envelope.key()) != parked.conversation)
}

#[async_trait]
impl Redelivery for Redeliverer {
    async fn redeliver(&self, scope: LetterScope, id: &LetterId) -> Result<Redelivered, RedeliveryError> {
        let queue = match id.consumer.as_str() {
            "persist" => Role::Persist,
            "push" => Role::Push,
            "receipts" => Role::Receipts,
            "ingest" if self.ingest.is_some() => Role::Ingest,
            other => {
                self.find(scope, id).await?;
                return Err(RedeliveryError::NotOurs(other.to_owned()));
            }
        };
        let asked = self.find(scope, id).await?;
        if is_misplaced(&asked) {
            let reason = "it is not of the conversation that its subject names".to_owned();
            self.deps.parked.failed_again(&asked, &reason).await?;
            return Ok(Redelivered::FailedAgain { reason });
        }
        let held = self.with_companions(&asked, queue).await?;
        let letters = Arc::new(Letters::new(&asked.letter.consumer, held.clone()));
        let worked = self.work_through(&letters, queue).await;
        let (mut settled, mut refused, mut others) = (false, None, 0);
        for letter in &held {
            let is_asked = letter.letter.id() == asked.letter.id();
            match letters.verdict(&letter.letter.id()) {
                Some(Verdict::Done) => {
                    self.deps.parked.remove(letter).await?;
                    match is_asked {
                        true => settled = true,
                        false => others += 1,
                    }
                }
                // Of the others, nobody asked: they keep the reason for which they were parked.
                Some(Verdict::Parked(reason)) if is_asked => {
                    self.deps.parked.failed_again(letter, &reason).await?;
                    refused = Some(reason);
                }
                Some(Verdict::Parked(_) | Verdict::NotNow) | None => {}
            }
        }
        tracing::info!(letter.id = %id, settled, others, "dead letter redelivered");
        match (settled, refused, worked) {
            (true, ..) => Ok(Redelivered::Settled { others }),
            (false, Some(reason), _) => Ok(Redelivered::FailedAgain { reason }),
            (false, None, Err(error)) => Err(error),
            (false, None, Ok(())) => Err(RedeliveryError::NotNow),
        }
    }

    async fn discard(&self, scope: LetterScope, id: &LetterId, force: bool) -> Result<Dropped, RedeliveryError> {
        let letter = self.find(scope, id).await?;
        if !force
            && id.consumer == "persist"
            && !is_misplaced(&letter)
            && let Ok(envelope) = Envelope::decode(&letter.letter.payload)
        {
            let held = self.deps.store.load(envelope.key()).await?;
            let seq = envelope.entry.seq;
            if held.is_none_or(|snapshot| snapshot.conversation.last_seq < seq) {
                return Ok(Dropped::LeavesHole { seq });
            }
        }
        self.deps.parked.remove(&letter).await?;
        tracing::warn!(letter.id = %id, force, "dead letter dropped");
        Ok(Dropped::Gone)
    }
}
