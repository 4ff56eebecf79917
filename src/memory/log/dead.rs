//! Dead letters, and records whose deliveries are used up.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use async_trait::async_trait;
use frontdesk_domain::ConversationKey;

use super::MemoryLog;
use frontdesk_ports::{
    clock::{Clock as _, SystemClock},
    dead_letter::{DeadLetter, DeadLetterId, DeadLetterScope, DeadLetterSink, DeadLetterStore, StoredDeadLetter},
    error::LogError,
    max_delivery::{ExhaustedDelivery, MaxDeliveryNotices},
    work::DeliveryHandle,
};

/// What is dead-lettered, and what waits to be.
#[derive(Default)]
pub(super) struct Dead {
    dead_letters: BTreeMap<DeadLetterId, StoredDeadLetter>,
    last_place: u64,
    exhausted: VecDeque<DeadLetter>,
}

impl Dead {
    /// The first record of `stream` that is dead-lettered although the database should have it.
    pub(super) fn first_unpersisted(&self, stream: &str) -> Option<u64> {
        let of_stream = self.dead_letters.keys().filter(|id| id.stream == stream && id.consumer == "persist");
        of_stream.map(|id| id.log_seq).min()
    }

    fn put(&mut self, dead_letter: StoredDeadLetter) {
        self.last_place += 1;
        self.dead_letters.insert(dead_letter.record.id(), StoredDeadLetter { place: self.last_place, ..dead_letter });
    }
}

impl MemoryLog {
    /// What was dead-lettered, by stream, consumer and sequence.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.state().dead.dead_letters.values().map(|stored| stored.record.clone()).collect()
    }

    /// Changes what is stored of a dead letter, as another version of this program might have stored it.
    pub fn restore(&self, dead_letter: StoredDeadLetter) {
        self.state().dead.put(dead_letter);
    }

    /// Reports a record as delivered the maximum number of times, as a broker does.
    pub fn exhaust(&self, dead_letter: DeadLetter) {
        self.state().dead.exhausted.push_back(dead_letter);
        self.wake();
    }
}

#[async_trait]
impl DeadLetterSink for MemoryLog {
    async fn store(&self, dead_letter: &DeadLetter) -> Result<(), LogError> {
        let (mut state, now) = (self.reach()?, SystemClock::default().now());
        if !state.dead.dead_letters.contains_key(&dead_letter.id()) {
            state.dead.put(StoredDeadLetter::new(dead_letter.clone(), now));
        }
        Ok(())
    }
}

#[async_trait]
impl DeadLetterStore for MemoryLog {
    async fn list(&self, scope: DeadLetterScope, after: u64, limit: usize) -> Result<Vec<StoredDeadLetter>, LogError> {
        let state = self.reach()?;
        let wanted = |stored: &&StoredDeadLetter| scope.holds(stored.tenant) && stored.place > after;
        let mut dead_letters: Vec<_> = state.dead.dead_letters.values().filter(wanted).cloned().collect();
        dead_letters.sort_by_key(|stored| stored.place);
        dead_letters.truncate(limit);
        Ok(dead_letters)
    }

    async fn of_conversation(
        &self,
        key: ConversationKey,
        consumer: &str,
        limit: usize,
    ) -> Result<Vec<StoredDeadLetter>, LogError> {
        let state = self.reach()?;
        let wanted =
            |stored: &&StoredDeadLetter| stored.conversation() == Some(key) && stored.record.consumer == consumer;
        let mut dead_letters: Vec<_> = state.dead.dead_letters.values().filter(wanted).cloned().collect();
        dead_letters.sort_by_key(|stored| stored.record.log_seq);
        dead_letters.truncate(limit);
        Ok(dead_letters)
    }

    async fn find(&self, scope: DeadLetterScope, id: &DeadLetterId) -> Result<Option<StoredDeadLetter>, LogError> {
        let found = self.reach()?.dead.dead_letters.get(id).cloned();
        Ok(found.filter(|stored| scope.holds(stored.tenant)))
    }

    async fn failed_again(&self, dead_letter: &StoredDeadLetter, reason: &str) -> Result<(), LogError> {
        let mut state = self.reach()?;
        if state.dead.dead_letters.get(&dead_letter.record.id()).is_some_and(|held| held.place == dead_letter.place) {
            state.dead.put(StoredDeadLetter {
                record: DeadLetter { reason: reason.to_owned(), ..dead_letter.record.clone() },
                tried_at: SystemClock::default().now(),
                redeliveries: dead_letter.redeliveries + 1,
                ..dead_letter.clone()
            });
        }
        Ok(())
    }

    async fn remove(&self, dead_letter: &StoredDeadLetter) -> Result<(), LogError> {
        self.reach()?.dead.dead_letters.remove(&dead_letter.record.id());
        Ok(())
    }

    async fn count(&self) -> Result<u64, LogError> {
        Ok(self.reach()?.dead.dead_letters.len() as u64)
    }
}

#[async_trait]
impl MaxDeliveryNotices for MemoryLog {
    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<ExhaustedDelivery>, LogError> {
        let mut changed = self.shared.changed.subscribe();
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            changed.borrow_and_update();
            let dead_letters: Vec<_> = self.reach()?.dead.exhausted.iter().take(max).cloned().collect();
            if !dead_letters.is_empty() || tokio::time::timeout_at(deadline, changed.changed()).await.is_err() {
                let handle = |dead_letter: &DeadLetter| Box::new(Notice { log: self.clone(), id: dead_letter.id() });
                return Ok(dead_letters
                    .into_iter()
                    .map(|dead_letter| ExhaustedDelivery { handle: handle(&dead_letter), dead_letter })
                    .collect());
            }
        }
    }

    async fn pending(&self) -> Result<u64, LogError> {
        Ok(self.reach()?.dead.exhausted.len() as u64)
    }
}

/// A notice; it stays until it is acknowledged.
struct Notice {
    log: MemoryLog,
    id: DeadLetterId,
}

#[async_trait]
impl DeliveryHandle for Notice {
    async fn ack(&self) -> Result<(), LogError> {
        self.log.reach()?.dead.exhausted.retain(|dead_letter| dead_letter.id() != self.id);
        Ok(())
    }

    async fn retry(&self, _: Duration) -> Result<(), LogError> {
        Ok(())
    }

    async fn progress(&self) -> Result<(), LogError> {
        Ok(())
    }
}
