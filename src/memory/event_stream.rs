//! A stream of events in memory, with faults on demand.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use frontdesk_domain::{Aggregate, AggregateEvent};
use frontdesk_ports::{AppendError, EventStream, LogError, StreamedEvent};

/// Events in memory. Clones are handles to the same stream.
#[derive(Debug, Clone, Default)]
pub struct MemoryEventStream {
    state: Arc<Mutex<State>>,
}

/// How the next publish ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishFault {
    /// Nothing is stored, and the publisher knows.
    Unavailable,
    /// Nothing is stored, and the publisher does not know.
    LostOnTheWay,
    /// It is stored, and the publisher does not know.
    AnswerLost,
}

#[derive(Debug, Default)]
struct State {
    last_seq: u64,
    events: BTreeMap<u64, AggregateEvent>,
    last: BTreeMap<Aggregate, u64>,
    faults: VecDeque<PublishFault>,
    unavailable: bool,
}

impl MemoryEventStream {
    /// The next publish ends like this; called several times, the next few do, in that order.
    pub fn fail_next_publish(&self, fault: PublishFault) {
        self.state().faults.push_back(fault);
    }

    /// While `true`, nothing can be reached.
    pub fn set_unavailable(&self, unavailable: bool) {
        self.state().unavailable = unavailable;
    }

    /// Everything that is stored, in its order.
    #[must_use]
    pub fn events(&self) -> Vec<AggregateEvent> {
        self.state().events.values().cloned().collect()
    }

    /// Removes everything, as an age limit does.
    pub fn forget(&self) {
        let mut state = self.state();
        state.events.clear();
        state.last.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock has failed already.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reachable(&self) -> Result<MutexGuard<'_, State>, LogError> {
        let state = self.state();
        if state.unavailable { Err(LogError::Unavailable("switched off".into())) } else { Ok(state) }
    }
}

#[async_trait]
impl EventStream for MemoryEventStream {
    async fn publish_event(&self, event: &AggregateEvent, last_seq: u64) -> Result<u64, AppendError> {
        let mut state = self.state();
        let fault = state.faults.pop_front();
        if state.unavailable || fault == Some(PublishFault::Unavailable) {
            return Err(AppendError::Unavailable("switched off".into()));
        }
        if fault == Some(PublishFault::LostOnTheWay) {
            return Err(AppendError::Unknown("no answer".into()));
        }
        let held = state.last.get(&event.draft.aggregate).copied().unwrap_or_default();
        if held != last_seq {
            return Err(AppendError::Conflict);
        }
        state.last_seq += 1;
        let seq = state.last_seq;
        state.events.insert(seq, event.clone());
        state.last.insert(event.draft.aggregate.clone(), seq);
        if fault == Some(PublishFault::AnswerLost) { Err(AppendError::Unknown("no answer".into())) } else { Ok(seq) }
    }

    async fn events_after(
        &self,
        aggregate: &Aggregate,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StreamedEvent>, LogError> {
        let state = self.reachable()?;
        let found = state.events.range(after + 1..).filter(|(_, event)| event.draft.aggregate == *aggregate);
        let found = found.map(|(seq, event)| StreamedEvent { id: Some(event.draft.id), stream_seq: *seq });
        Ok(found.take(limit).collect())
    }

    async fn last_event(&self, aggregate: &Aggregate) -> Result<u64, LogError> {
        Ok(self.reachable()?.last.get(aggregate).copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryEventStream;

    async fn fresh() -> Box<MemoryEventStream> {
        Box::default()
    }

    frontdesk_ports::event_stream_contract!(fresh);
}
