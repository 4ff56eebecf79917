//! A queue that holds dead letters, and what a worker says of them.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_ports::{
    DeadLetter, DeadLetters, Delivery, DeliveryHandle, LetterId, LogError, ParkedLetter, WorkSource,
};

use crate::queue::PATIENCE;

/// What a worker made of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It had its effect.
    Done,
    /// It is to be parked again, for this reason.
    Parked(String),
    /// It is to come again later.
    NotNow,
}

/// Letters that wait to be taken, and what was said of those that were. Takes the place of a queue and of where it parks.
pub(super) struct Letters {
    consumer: String,
    waiting: Mutex<VecDeque<DeadLetter>>,
    verdicts: Arc<Verdicts>,
}

#[derive(Default)]
struct Verdicts(Mutex<BTreeMap<LetterId, Verdict>>);

impl Letters {
    pub(super) fn new(consumer: &str, letters: Vec<ParkedLetter>) -> Self {
        let waiting = letters.into_iter().map(|parked| parked.letter).collect();
        Self { consumer: consumer.to_owned(), waiting: Mutex::new(waiting), verdicts: Arc::default() }
    }

    pub(super) fn are_waiting(&self) -> bool {
        !self.waiting().is_empty()
    }

    pub(super) fn verdict(&self, id: &LetterId) -> Option<Verdict> {
        self.verdicts.all().get(id).cloned()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<DeadLetter>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Verdicts {
    fn all(&self) -> MutexGuard<'_, BTreeMap<LetterId, Verdict>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl WorkSource for Letters {
    fn name(&self) -> &str {
        &self.consumer
    }

    async fn take(&self, max: usize, _: Duration) -> Result<Vec<Delivery>, LogError> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(max);
        let delivery = |letter: DeadLetter| Delivery {
            handle: Box::new(Handle { id: letter.id(), verdicts: Arc::clone(&self.verdicts) }),
            stream: letter.stream,
            log_seq: letter.log_seq,
            subject: letter.subject,
            payload: letter.payload,
            // Somebody waits for the answer: what may pass by itself is said at once and not tried with patience.
            attempt: PATIENCE,
        };
        Ok(waiting.drain(..count).map(delivery).collect())
    }

    async fn pending(&self) -> Result<u64, LogError> {
        Ok(self.waiting().len() as u64)
    }
}

#[async_trait]
impl DeadLetters for Letters {
    async fn park(&self, letter: &DeadLetter) -> Result<(), LogError> {
        self.verdicts.all().insert(letter.id(), Verdict::Parked(letter.reason.clone()));
        Ok(())
    }
}

struct Handle {
    id: LetterId,
    verdicts: Arc<Verdicts>,
}

#[async_trait]
impl DeliveryHandle for Handle {
    /// What is parked is acknowledged as well; it stays parked.
    async fn ack(&self) -> Result<(), LogError> {
        self.verdicts.all().entry(self.id.clone()).or_insert(Verdict::Done);
        Ok(())
    }

    async fn retry(&self, _: Duration) -> Result<(), LogError> {
        self.verdicts.all().insert(self.id.clone(), Verdict::NotNow);
        Ok(())
    }

    async fn progress(&self) -> Result<(), LogError> {
        Ok(())
    }
}
