//! The queue from which a worker takes dead letters that are redelivered; it records how each was settled.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_ports::{
    DeadLetter, DeadLetterId, DeadLetterSink, Delivery, DeliveryHandle, LogError, StoredDeadLetter, WorkSource,
};

use crate::kit::{Disposition, queue::MAX_ATTEMPTS};

/// Dead letters that wait for the worker, and the disposition of those it took. Stands for the worker's queue and its
/// dead letters.
pub(super) struct DeadLetterQueue {
    consumer: String,
    waiting: Mutex<VecDeque<DeadLetter>>,
    dispositions: Arc<Dispositions>,
}

#[derive(Default)]
struct Dispositions(Mutex<BTreeMap<DeadLetterId, Disposition>>);

impl DeadLetterQueue {
    pub(super) fn new(consumer: &str, dead_letters: Vec<StoredDeadLetter>) -> Self {
        let waiting = dead_letters.into_iter().map(|stored| stored.record).collect();
        Self { consumer: consumer.to_owned(), waiting: Mutex::new(waiting), dispositions: Arc::default() }
    }

    pub(super) fn are_waiting(&self) -> bool {
        !self.waiting().is_empty()
    }

    pub(super) fn disposition(&self, id: &DeadLetterId) -> Option<Disposition> {
        self.dispositions.all().get(id).cloned()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<DeadLetter>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dispositions {
    fn all(&self) -> MutexGuard<'_, BTreeMap<DeadLetterId, Disposition>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl WorkSource for DeadLetterQueue {
    fn name(&self) -> &str {
        &self.consumer
    }

    async fn take(&self, max: usize, _: Duration) -> Result<Vec<Delivery>, LogError> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(max);
        let delivery = |dead_letter: DeadLetter| Delivery {
            handle: Box::new(Handle { id: dead_letter.id(), dispositions: Arc::clone(&self.dispositions) }),
            stream: dead_letter.stream,
            log_seq: dead_letter.log_seq,
            subject: dead_letter.subject,
            payload: dead_letter.payload,
            // An operator waits for the answer: a failure that might be temporary is reported at once instead of
            // retried.
            attempt: MAX_ATTEMPTS,
        };
        Ok(waiting.drain(..count).map(delivery).collect())
    }

    async fn pending(&self) -> Result<u64, LogError> {
        Ok(self.waiting().len() as u64)
    }
}

#[async_trait]
impl DeadLetterSink for DeadLetterQueue {
    async fn store(&self, dead_letter: &DeadLetter) -> Result<(), LogError> {
        self.dispositions.all().insert(dead_letter.id(), Disposition::DeadLetter(dead_letter.reason.clone()));
        Ok(())
    }
}

struct Handle {
    id: DeadLetterId,
    dispositions: Arc<Dispositions>,
}

#[async_trait]
impl DeliveryHandle for Handle {
    /// A dead letter is acknowledged as well; it stays one.
    async fn ack(&self) -> Result<(), LogError> {
        self.dispositions.all().entry(self.id.clone()).or_insert(Disposition::Ack);
        Ok(())
    }

    async fn retry(&self, delay: Duration) -> Result<(), LogError> {
        self.dispositions.all().insert(self.id.clone(), Disposition::Retry(delay));
        Ok(())
    }

    async fn progress(&self) -> Result<(), LogError> {
        Ok(())
    }
}
