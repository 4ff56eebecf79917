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
    dead_letter::{DeadLetter, DeadLetters, LetterId, LetterScope, ParkedLetter, ParkedLetters},
    error::LogError,
    given_up::{GivenUp, GivenUpRecords},
    work::DeliveryHandle,
};

/// What is parked, and what waits to be.
#[derive(Default)]
pub(super) struct Dead {
    letters: BTreeMap<LetterId, ParkedLetter>,
    last_place: u64,
    given_up: VecDeque<DeadLetter>,
}

impl Dead {
    /// The first record of `stream` that is parked although the database should have it.
    pub(super) fn first_unpersisted(&self, stream: &str) -> Option<u64> {
        let of_stream = self.letters.keys().filter(|id| id.stream == stream && id.consumer == "persist");
        of_stream.map(|id| id.log_seq).min()
    }

    fn put(&mut self, letter: ParkedLetter) {
        self.last_place += 1;
        self.letters.insert(letter.letter.id(), ParkedLetter { place: self.last_place, ..letter });
    }
}

impl MemoryLog {
    /// What was parked, by stream, consumer and sequence.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.state().dead.letters.values().map(|parked| parked.letter.clone()).collect()
    }

    /// Reports a record as delivered the maximum number of times, as a broker does.
    pub fn give_up(&self, letter: DeadLetter) {
        self.state().dead.given_up.push_back(letter);
        self.wake();
    }
}

#[async_trait]
impl DeadLetters for MemoryLog {
    async fn park(&self, letter: &DeadLetter) -> Result<(), LogError> {
        let (mut state, now) = (self.reach()?, SystemClock::default().now());
        if !state.dead.letters.contains_key(&letter.id()) {
            let conversation = letter.subject.conversation();
            state.dead.put(ParkedLetter {
                letter: letter.clone(),
                tenant: conversation.map(|key| key.tenant),
                conversation,
                parked_at: now,
                tried_at: now,
                redeliveries: 0,
                place: 0,
            });
        }
        Ok(())
    }
}

#[async_trait]
impl ParkedLetters for MemoryLog {
    async fn letters(&self, scope: LetterScope, after: u64, limit: usize) -> Result<Vec<ParkedLetter>, LogError> {
        let state = self.reach()?;
        let wanted = |parked: &&ParkedLetter| scope.holds(parked.tenant) && parked.place > after;
        let mut letters: Vec<_> = state.dead.letters.values().filter(wanted).cloned().collect();
        letters.sort_by_key(|parked| parked.place);
        letters.truncate(limit);
        Ok(letters)
    }

    async fn of_conversation(
        &self,
        key: ConversationKey,
        consumer: &str,
        limit: usize,
    ) -> Result<Vec<ParkedLetter>, LogError> {
        let state = self.reach()?;
        let wanted = |parked: &&ParkedLetter| parked.conversation == Some(key) && parked.letter.consumer == consumer;
        let mut letters: Vec<_> = state.dead.letters.values().filter(wanted).cloned().collect();
        letters.sort_by_key(|parked| parked.letter.log_seq);
        letters.truncate(limit);
        Ok(letters)
    }

    async fn letter(&self, scope: LetterScope, id: &LetterId) -> Result<Option<ParkedLetter>, LogError> {
        let found = self.reach()?.dead.letters.get(id).cloned();
        Ok(found.filter(|parked| scope.holds(parked.tenant)))
    }

    async fn failed_again(&self, letter: &ParkedLetter, reason: &str) -> Result<(), LogError> {
        let mut state = self.reach()?;
        if state.dead.letters.get(&letter.letter.id()).is_some_and(|held| held.place == letter.place) {
            state.dead.put(ParkedLetter {
                letter: DeadLetter { reason: reason.to_owned(), ..letter.letter.clone() },
                tried_at: SystemClock::default().now(),
                redeliveries: letter.redeliveries + 1,
                ..letter.clone()
            });
        }
        Ok(())
    }

    async fn remove(&self, letter: &ParkedLetter) -> Result<(), LogError> {
        self.reach()?.dead.letters.remove(&letter.letter.id());
        Ok(())
    }

    async fn count(&self) -> Result<u64, LogError> {
        Ok(self.reach()?.dead.letters.len() as u64)
    }
}

#[async_trait]
impl GivenUpRecords for MemoryLog {
    async fn take(&self, max: usize, wait: Duration) -> Result<Vec<GivenUp>, LogError> {
        let mut changed = self.shared.changed.subscribe();
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            changed.borrow_and_update();
            let letters: Vec<_> = self.reach()?.dead.given_up.iter().take(max).cloned().collect();
            if !letters.is_empty() || tokio::time::timeout_at(deadline, changed.changed()).await.is_err() {
                let handle = |letter: &DeadLetter| Box::new(Notice { log: self.clone(), id: letter.id() });
                return Ok(letters.into_iter().map(|letter| GivenUp { handle: handle(&letter), letter }).collect());
            }
        }
    }

    async fn pending(&self) -> Result<u64, LogError> {
        Ok(self.reach()?.dead.given_up.len() as u64)
    }
}

/// A notice; it stays until it is acknowledged.
struct Notice {
    log: MemoryLog,
    id: LetterId,
}

#[async_trait]
impl DeliveryHandle for Notice {
    async fn ack(&self) -> Result<(), LogError> {
        self.log.reach()?.dead.given_up.retain(|letter| letter.id() != self.id);
        Ok(())
    }

    async fn retry(&self, _: Duration) -> Result<(), LogError> {
        Ok(())
    }

    async fn progress(&self) -> Result<(), LogError> {
        Ok(())
    }
}
